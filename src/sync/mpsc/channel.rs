//! What the ends of a channel share: the [`State`], and every transition that involves foreign code.
//!
//! The pattern is that of the executor: change the state, end the borrow, then wake and drop.

use std::cell::RefCell;
use std::fmt;
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use hanol_executor::{budget, waits_for, wake};

use super::error::{TryRecvError, TrySendError};
use super::place::{Line, poll_in_line};
use super::state::{ChannelClosed, State};
use crate::sync::wait_list::Key;
use crate::sync::waker_cell::{Registered, WakerCell};
use crate::wait;

pub(super) struct Channel<T> {
    state: RefCell<State<T>>,
    /// The task that receives.
    receiver: WakerCell,
}

impl<T> Channel<T> {
    /// A channel with one sender.
    pub(super) fn new(max_capacity: usize) -> Self {
        Self { state: RefCell::new(State::new(max_capacity)), receiver: WakerCell::new() }
    }
}

/// # Sending
impl<T> Channel<T> {
    #[inline]
    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.state.borrow_mut().try_push(value)?;
        self.wake_receiver();
        Ok(())
    }

    /// Waits until there is room for so many values, and takes it. `place` has to be given up to
    /// [`leave_line`](Self::leave_line).
    #[inline]
    pub(super) fn poll_take_room(
        &self,
        cx: &mut Context<'_>,
        wanted: usize,
        place: &mut Option<Key>,
        location: &'static Location<'static>,
    ) -> Poll<Result<(), ChannelClosed>> {
        ready!(budget::poll_proceed(cx, location));
        let line = Line { of: |state| &mut state.sending, wanted };
        let taken = poll_in_line(&self.state, cx, place, line, |state, place| match place {
            None => state.try_take_room(wanted),
            Some(_) => state.take_granted(place),
        });
        if taken.is_pending() {
            budget::give_back();
            waits_for(wait::CHANNEL_SEND, 0, location);
        }
        taken
    }

    /// Gives up a place in the line for room, with the room if it was granted.
    #[inline]
    pub(super) fn leave_line(&self, place: &mut Option<Key>) {
        if let Some(key) = place.take() {
            self.leave_line_of(key);
        }
    }

    fn leave_line_of(&self, key: Key) {
        let mut granted = Vec::new();
        let _outdated = self.state.borrow_mut().leave_line(key, &mut granted);
        wake_all(granted);
    }

    /// Sends a value for which room was taken.
    #[inline]
    pub(super) fn send_into_room(&self, value: T) {
        self.state.borrow_mut().push(value);
        self.wake_receiver();
    }

    /// Sends a value for which a permit was held.
    #[inline]
    pub(super) fn send_permitted(&self, value: T) {
        let _unwanted = self.state.borrow_mut().push_permitted(value);
        self.wake_receiver();
    }

    pub(super) fn try_reserve(&self, count: usize) -> Result<(), TrySendError<()>> {
        let mut state = self.state.borrow_mut();
        match state.try_take_room(count) {
            Poll::Ready(Ok(())) => {
                state.hold_permits(count);
                Ok(())
            }
            Poll::Ready(Err(ChannelClosed)) => Err(TrySendError::Closed(())),
            Poll::Pending => Err(TrySendError::Full(())),
        }
    }

    /// Turns room that was taken into permits.
    pub(super) fn hold_permits(&self, count: usize) {
        self.state.borrow_mut().hold_permits(count);
    }

    pub(super) fn release_permits(&self, count: usize) {
        let mut granted = Vec::new();
        let has_ended = self.state.borrow_mut().release_permits(count, &mut granted);
        wake_all(granted);
        if has_ended {
            self.wake_receiver();
        }
    }

    pub(super) fn is_closed_by_receiver(&self) -> bool {
        self.state.borrow().is_closed()
    }

    /// Waits until the receiver is closed or dropped. `place` has to be given up to
    /// [`stop_waiting_for_close`](Self::stop_waiting_for_close).
    pub(super) fn poll_closed(
        &self,
        cx: &mut Context<'_>,
        place: &mut Option<Key>,
        location: &'static Location<'static>,
    ) -> Poll<()> {
        ready!(budget::poll_proceed(cx, location));
        let line = Line { of: |state| &mut state.closing, wanted: () };
        let closed = poll_in_line(&self.state, cx, place, line, |state, place| {
            if !state.is_closed() {
                return Poll::Pending;
            }
            if let Some(key) = place.take() {
                let _granted = state.closing.remove(key);
            }
            Poll::Ready(())
        });
        if closed.is_pending() {
            budget::give_back();
            waits_for(wait::CHANNEL_CLOSED, 0, location);
        }
        closed
    }

    pub(super) fn stop_waiting_for_close(&self, place: &mut Option<Key>) {
        if let Some(key) = place.take() {
            let _removed = self.state.borrow_mut().closing.remove(key);
        }
    }

    #[inline]
    fn wake_receiver(&self) {
        if let Some(receiver) = self.receiver.take() {
            wake(receiver);
        }
    }
}

/// # Receiving
impl<T> Channel<T> {
    #[inline]
    pub(super) fn poll_recv(&self, cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<Option<T>> {
        self.poll_receive(cx, location, || self.receive())
    }

    pub(super) fn poll_recv_many(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
        location: &'static Location<'static>,
    ) -> Poll<usize> {
        if limit == 0 {
            return Poll::Ready(0);
        }
        self.poll_receive(cx, location, || self.receive_many(buffer, limit))
    }

    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.receive() {
            Poll::Ready(Some(value)) => Ok(value),
            Poll::Ready(None) => Err(TryRecvError::Disconnected),
            Poll::Pending => Err(TryRecvError::Empty),
        }
    }

    /// The receiver's task waits no longer.
    pub(super) fn stop_receiving(&self) {
        drop(self.receiver.take());
    }

    /// Lets nothing more be sent, but with permits that are held.
    pub(super) fn close(&self) {
        let mut woken = Vec::new();
        let has_ended = self.state.borrow_mut().close(&mut woken);
        wake_all(woken);
        if has_ended {
            // Who closes the receiver need not be the task that waits with it.
            self.wake_receiver();
        }
    }

    /// The receiver is gone.
    pub(super) fn abandon(&self) {
        let _outdated = self.receiver.take();
        self.close();
        // The last thing that happens: the drop of a value is foreign and may panic.
        let _unwanted = self.state.borrow_mut().abandon();
    }

    #[inline]
    fn poll_receive<R>(
        &self,
        cx: &mut Context<'_>,
        location: &'static Location<'static>,
        mut receive: impl FnMut() -> Poll<R>,
    ) -> Poll<R> {
        ready!(budget::poll_proceed(cx, location));
        let mut received = receive();
        if received.is_pending() && self.receiver.register(cx.waker()) == Registered::Anew {
            received = receive();
        }
        if received.is_pending() {
            budget::give_back();
            waits_for(wait::CHANNEL_RECV, 0, location);
        }
        received
    }

    #[inline]
    fn receive(&self) -> Poll<Option<T>> {
        let popped = self.state.borrow_mut().pop();
        popped.map(|popped| {
            let (value, granted) = popped?;
            if let Some(sender) = granted {
                wake(sender);
            }
            Some(value)
        })
    }

    fn receive_many(&self, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        let mut granted = Vec::new();
        let received = self.state.borrow_mut().pop_many(buffer, limit, &mut granted);
        wake_all(granted);
        received
    }

    /// Whether nothing more can be sent, but with permits.
    pub(super) fn is_closed(&self) -> bool {
        let state = self.state.borrow();
        state.is_closed() || state.senders == 0
    }
}

/// # Counting
impl<T> Channel<T> {
    pub(super) fn senders(&self) -> usize {
        self.state.borrow().senders
    }

    pub(super) fn weak_senders(&self) -> usize {
        self.state.borrow().weak_senders
    }

    pub(super) fn add_sender(&self) {
        self.state.borrow_mut().senders += 1;
    }

    /// Closes the channel for the receiver if it was the last sender.
    pub(super) fn remove_sender(&self) {
        let mut state = self.state.borrow_mut();
        state.senders -= 1;
        if state.senders == 0 {
            drop(state);
            self.wake_receiver();
        }
    }

    pub(super) fn add_weak_sender(&self) {
        self.state.borrow_mut().weak_senders += 1;
    }

    pub(super) fn remove_weak_sender(&self) {
        self.state.borrow_mut().weak_senders -= 1;
    }
}

/// # Looking
impl<T> Channel<T> {
    pub(super) fn len(&self) -> usize {
        self.state.borrow().len()
    }

    pub(super) fn capacity(&self) -> usize {
        self.state.borrow().capacity()
    }

    pub(super) fn max_capacity(&self) -> usize {
        self.state.borrow().max_capacity()
    }

    /// Writes what `Debug` says of either end.
    pub(super) fn describe(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("len", &self.len()).field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

fn wake_all(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(wake);
}
