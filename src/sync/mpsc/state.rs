//! What a channel holds: plain data. Nothing here runs foreign code; wakers and values that leave are handed out, to be
//! woken or dropped when the borrow has ended.
//!
//! Room is counted. What a channel can hold is, at any time, spread over four places:
//!
//! ```text
//!   max_capacity  =  room  +  queued values  +  permits  +  granted to senders that have not looked yet
//! ```
//!
//! Who sends at once moves one from `room` to the queue, and receiving moves it back. Who finds too little room waits in
//! line, and while anybody waits nobody else takes any: what comes free is granted to the first in line as soon as it is
//! enough, by taking it out of `room`. A closed channel grants nothing any more: all are woken and find that it is closed.

use std::collections::VecDeque;
use std::mem;
use std::task::{Poll, Waker};

use super::error::TrySendError;
use crate::sync::wait_list::{Key, WaitList};

/// How much memory an empty queue keeps. More is worth less than it costs: it takes a burst of as many values to need it
/// again.
const KEPT_BYTES: usize = 16 * 1024;

pub(super) struct State<T> {
    queue: VecDeque<T>,
    max_capacity: usize,
    /// For how many values there is room that nobody has.
    room: usize,
    /// For how many values permits are held.
    permits: usize,
    closed: bool,
    /// Whether the receiver was dropped. Then it is closed as well.
    abandoned: bool,
    pub(super) senders: usize,
    pub(super) weak_senders: usize,
    /// Who waits for room, and for how much. An entry that was granted has as much as it wants; it wants nothing if the
    /// channel was closed instead.
    pub(super) sending: WaitList<usize>,
    /// Who waits for the receiver to be closed.
    pub(super) closing: WaitList<()>,
}

/// The receiver was closed or dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ChannelClosed;

impl<T> State<T> {
    pub(super) fn new(max_capacity: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            max_capacity,
            room: max_capacity,
            permits: 0,
            closed: false,
            abandoned: false,
            senders: 1,
            weak_senders: 0,
            sending: WaitList::new(),
            closing: WaitList::new(),
        }
    }

    pub(super) fn max_capacity(&self) -> usize {
        self.max_capacity
    }

    /// For how many values there is room that may be taken at once.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        if self.sending.is_empty() { self.room } else { 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether nothing is queued, and nothing can be any more.
    #[inline]
    fn has_ended(&self) -> bool {
        self.queue.is_empty() && self.permits == 0 && (self.closed || self.senders == 0)
    }

    /// Takes room for a value and queues the value.
    #[inline]
    pub(super) fn try_push(&mut self, value: T) -> Result<(), TrySendError<T>> {
        match self.try_take_room(1) {
            Poll::Ready(Ok(())) => {
                self.queue.push_back(value);
                Ok(())
            }
            Poll::Ready(Err(ChannelClosed)) => Err(TrySendError::Closed(value)),
            Poll::Pending => Err(TrySendError::Full(value)),
        }
    }

    /// Takes room if there is enough and nobody waits for it.
    #[inline]
    pub(super) fn try_take_room(&mut self, wanted: usize) -> Poll<Result<(), ChannelClosed>> {
        if self.closed {
            return Poll::Ready(Err(ChannelClosed));
        }
        if self.capacity() < wanted {
            return Poll::Pending;
        }
        self.room -= wanted;
        Poll::Ready(Ok(()))
    }

    /// Takes the room that an entry was granted.
    pub(super) fn take_granted(&mut self, place: &mut Option<Key>) -> Poll<Result<(), ChannelClosed>> {
        let granted = place.take_if(|key| self.sending.is_granted(key));
        let Some(key) = granted else { return Poll::Pending };
        let removed = self.sending.remove(key);
        if self.closed {
            self.room += removed.wanted;
            return Poll::Ready(Err(ChannelClosed));
        }
        Poll::Ready(Ok(()))
    }

    /// Gives up an entry, with what it was granted. Gives its waker, which is to be dropped.
    pub(super) fn leave_line(&mut self, key: Key, granted: &mut Vec<Waker>) -> Option<Waker> {
        let removed = self.sending.remove(key);
        let freed = if removed.waker.is_none() { removed.wanted } else { 0 };
        // Also without any, whoever comes after one that wanted much may get what there is.
        self.add_room(freed, granted);
        removed.waker
    }

    /// Queues a value for which room was taken.
    #[inline]
    pub(super) fn push(&mut self, value: T) {
        self.queue.push_back(value);
    }

    /// Turns room that was taken into permits.
    pub(super) fn hold_permits(&mut self, count: usize) {
        self.permits += count;
    }

    /// Queues a value for which a permit was held. Gives it back if the receiver is gone.
    #[inline]
    pub(super) fn push_permitted(&mut self, value: T) -> Option<T> {
        self.permits -= 1;
        if self.abandoned {
            self.room += 1;
            return Some(value);
        }
        self.queue.push_back(value);
        None
    }

    /// Gives permits up. Says whether that was the end of the channel.
    pub(super) fn release_permits(&mut self, count: usize, granted: &mut Vec<Waker>) -> bool {
        self.permits -= count;
        self.add_room(count, granted);
        self.has_ended()
    }

    /// The first value, and whom its room was granted to.
    #[inline]
    pub(super) fn pop(&mut self) -> Poll<Option<(T, Option<Waker>)>> {
        let Some(value) = self.queue.pop_front() else {
            return if self.has_ended() { Poll::Ready(None) } else { Poll::Pending };
        };
        self.shrink_if_empty();
        self.room += 1;
        // At most one is granted: the first in line lacked some room, so it takes all there is now.
        Poll::Ready(Some((value, self.grant_next())))
    }

    /// Moves the first values, at most `limit`, and says how many.
    pub(super) fn pop_many(&mut self, buffer: &mut Vec<T>, limit: usize, granted: &mut Vec<Waker>) -> Poll<usize> {
        let count = limit.min(self.queue.len());
        if count == 0 {
            return if self.has_ended() { Poll::Ready(0) } else { Poll::Pending };
        }
        buffer.extend(self.queue.drain(..count));
        self.shrink_if_empty();
        self.add_room(count, granted);
        Poll::Ready(count)
    }

    /// Takes no new values, and hands out the wakers of all who wait for room or for this. Says whether that was the end of
    /// the channel.
    pub(super) fn close(&mut self, woken: &mut Vec<Waker>) -> bool {
        self.closed = true;
        while let Some(wanted) = self.sending.first_mut() {
            *wanted = 0;
            woken.extend(self.sending.grant_first());
        }
        self.closing.grant_all(woken);
        self.has_ended()
    }

    /// Nobody will receive any more. Hands out what is queued, to be dropped.
    pub(super) fn abandon(&mut self) -> VecDeque<T> {
        debug_assert!(self.closed);
        self.abandoned = true;
        self.room += self.queue.len();
        mem::take(&mut self.queue)
    }

    fn add_room(&mut self, count: usize, granted: &mut Vec<Waker>) {
        self.room += count;
        while let Some(waker) = self.grant_next() {
            granted.push(waker);
        }
    }

    /// Grants the first in line its room, if there is enough.
    #[inline]
    fn grant_next(&mut self) -> Option<Waker> {
        let wanted = *self.sending.first_mut()?;
        if self.room < wanted {
            return None;
        }
        self.room -= wanted;
        self.sending.grant_first()
    }

    #[inline]
    fn shrink_if_empty(&mut self) {
        if self.queue.is_empty() && self.queue.capacity().saturating_mul(size_of::<T>()) > KEPT_BYTES {
            self.queue = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop<T>(state: &mut State<T>) -> Option<T> {
        match state.pop() {
            Poll::Ready(popped) => popped.map(|(value, _)| value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_queue_that_was_long_gives_its_memory_back_when_it_is_empty() {
        const MANY: usize = 100_000;
        let mut state = State::new(usize::MAX);
        let fill = |state: &mut State<u64>| (0..MANY).for_each(|_| state.push(0));

        fill(&mut state);
        state.room -= MANY;
        for _ in 1..MANY {
            assert!(pop(&mut state).is_some());
        }
        assert!(state.queue.capacity() >= MANY, "it may grow again before it is empty");
        assert!(pop(&mut state).is_some());
        assert_eq!(state.queue.capacity(), 0);

        fill(&mut state);
        state.room -= MANY;
        assert_eq!(state.pop_many(&mut Vec::new(), MANY, &mut Vec::new()), Poll::Ready(MANY));
        assert_eq!((state.queue.capacity(), state.room), (0, usize::MAX));
    }

    #[test]
    fn a_queue_that_stays_short_keeps_its_memory() {
        let mut state = State::new(usize::MAX);
        for _ in 0..KEPT_BYTES / size_of::<u64>() {
            assert!(state.try_push(0_u64).is_ok());
        }
        let capacity = state.queue.capacity();
        while pop(&mut state).is_some() {}
        assert_eq!((state.queue.capacity(), state.room), (capacity, usize::MAX));
    }

    #[test]
    fn room_is_neither_made_nor_lost() {
        let waker = || Waker::noop().clone();
        let mut state = State::new(3);
        assert!(state.try_push('a').is_ok() && state.try_push('b').is_ok());
        let mut first = Some(state.sending.push(2, waker()));
        let second = state.sending.push(1, waker());
        assert_eq!((state.room, state.capacity()), (1, 0));

        assert_eq!(pop(&mut state), Some('a'));
        assert_eq!((state.room, state.capacity()), (0, 0), "the first in line has it");
        assert_eq!(state.take_granted(&mut first), Poll::Ready(Ok(())));
        state.hold_permits(2);
        assert_eq!(state.push_permitted('c'), None);
        assert!(!state.release_permits(1, &mut Vec::new()));
        assert_eq!((state.room, state.capacity()), (0, 0), "the second in line has it");

        let mut granted = Vec::new();
        assert!(state.leave_line(second, &mut granted).is_none() && granted.is_empty());
        assert_eq!((state.room, state.len()), (1, 2));
        state.closed = true;
        assert_eq!((state.abandon().len(), state.room), (2, 3));
    }
}
