//! The values of a broadcast channel and who has yet to receive them. Plain data: it clones and drops no value, but hands
//! out what is to be cloned or dropped.
//!
//! Every value has a position, counted from the first that was sent, and every receiver the position that it receives next.
//! A value leaves when nobody is to receive it any more. A receiver that is to receive one value is to receive all that come
//! after it, so values leave from the front only.

use std::collections::VecDeque;
use std::rc::Rc;

pub(super) struct Ring<T> {
    values: VecDeque<Entry<T>>,
    /// At most so many values are kept.
    capacity: usize,
    /// The position of the value that is sent next.
    end: u64,
    receivers: usize,
}

struct Entry<T> {
    /// Shared while a receiver clones it, which must not happen under a borrow of the ring.
    value: Rc<T>,
    /// How many receivers are to receive it.
    remaining: usize,
}

/// What a receiver gets at its position.
pub(super) enum Received<T> {
    Value(Rc<T>),
    /// There is no value yet.
    Empty,
    /// So many values had made room.
    Lagged(u64),
}

impl<T> Ring<T> {
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "the capacity of a broadcast channel is not zero");
        assert!(capacity <= usize::MAX / 2, "the capacity of a broadcast channel is at most usize::MAX / 2");
        Self { values: VecDeque::new(), capacity: capacity.next_power_of_two(), end: 0, receivers: 0 }
    }

    /// How many values are there that a receiver is yet to receive.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers
    }

    /// The position of the value that is sent next.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Counts a receiver more, which receives what is sent from now on. Gives its position.
    pub(super) fn add_receiver(&mut self) -> u64 {
        self.receivers += 1;
        self.end
    }

    /// Counts a receiver less, whose position is given. Hands out the values that only it was to receive, to be dropped.
    #[must_use = "values are dropped when no borrow is held"]
    pub(super) fn remove_receiver(&mut self, next: u64) -> Vec<Rc<T>> {
        self.receivers -= 1;
        let seen = usize::try_from(next.saturating_sub(self.front())).unwrap_or(usize::MAX);
        self.values.iter_mut().skip(seen).for_each(|entry| entry.remaining -= 1);
        let unwanted = self.values.iter().take_while(|entry| entry.remaining == 0).count();
        self.values.drain(..unwanted).map(|entry| entry.value).collect()
    }

    /// Adds a value for all receivers. Hands out the one that made room for it, to be dropped.
    #[must_use = "values are dropped when no borrow is held"]
    pub(super) fn push(&mut self, value: T) -> Option<Rc<T>> {
        let oldest = if self.values.len() == self.capacity { self.values.pop_front() } else { None };
        self.values.push_back(Entry { value: Rc::new(value), remaining: self.receivers });
        self.end += 1;
        oldest.map(|entry| entry.value)
    }

    /// Receives the value at a position, and moves the position on.
    pub(super) fn receive(&mut self, next: &mut u64) -> Received<T> {
        if *next == self.end {
            return Received::Empty;
        }
        // Every value from here on is there, since this receiver is yet to receive it.
        let oldest = self.end.saturating_sub(self.capacity as u64);
        if *next < oldest {
            let missed = oldest - *next;
            *next = oldest;
            return Received::Lagged(missed);
        }
        let index = (*next - self.front()) as usize;
        *next += 1;
        let entry = &mut self.values[index];
        entry.remaining -= 1;
        if entry.remaining > 0 {
            return Received::Value(Rc::clone(&entry.value));
        }
        let last = self.values.pop_front().expect("a value that was just looked at is there");
        Received::Value(last.value)
    }

    /// The position of the oldest value that is there.
    fn front(&self) -> u64 {
        self.end - self.values.len() as u64
    }
}
