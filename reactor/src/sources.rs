//! The registered descriptors.

use std::task::Waker;

use crate::direction::{Carries, Direction, Readiness, State};
use crate::selector::Event;
use crate::slots::{Key, Slots};
use crate::waiters::{List, Waiters};

/// Every registered descriptor of a reactor, and everyone who waits for one.
#[derive(Debug)]
pub(crate) struct Sources {
    sources: Slots<Source>,
    waiters: Waiters,
    /// Those who wait until a descriptor is free.
    for_descriptors: List,
}

#[derive(Debug)]
struct Source {
    read: State,
    write: State,
}

impl Source {
    fn state_mut(&mut self, direction: Direction) -> &mut State {
        match direction {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        }
    }
}

impl Sources {
    pub(crate) const fn new() -> Self {
        Self { sources: Slots::new(), waiters: Waiters::new(), for_descriptors: List::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub(crate) fn waiters(&self) -> usize {
        self.waiters.len()
    }

    pub(crate) fn insert(&mut self, carries: Carries) -> Key {
        self.sources
            .insert(Source { read: State::new(Direction::Read, carries), write: State::new(Direction::Write, carries) })
    }

    /// Removes a source. Those who still wait for it are handed out, to find out that it is gone.
    pub(crate) fn remove(&mut self, key: Key, woken: &mut Vec<Waker>) {
        if let Some(mut source) = self.sources.remove(key) {
            self.waiters.take_all(&mut source.read.waiters, woken);
            self.waiters.take_all(&mut source.write.waiters, woken);
        }
    }

    /// What is known of a direction, and whether it is closed.
    #[inline]
    pub(crate) fn readiness(&self, key: Key, direction: Direction) -> Option<(Readiness, bool)> {
        let source = self.sources.get(key)?;
        let state = match direction {
            Direction::Read => &source.read,
            Direction::Write => &source.write,
        };
        Some((state.readiness(), state.is_closed()))
    }

    #[inline]
    pub(crate) fn clear(&mut self, key: Key, direction: Direction) {
        if let Some(source) = self.sources.get_mut(key) {
            source.state_mut(direction).clear();
        }
    }

    #[inline]
    pub(crate) fn drain(&mut self, key: Key, direction: Direction) {
        if let Some(source) = self.sources.get_mut(key) {
            source.state_mut(direction).drain();
        }
    }

    /// Takes in what the system has reported. An event of a source that is gone is ignored.
    pub(crate) fn report(&mut self, event: Event, woken: &mut Vec<Waker>) {
        let Some(source) = self.sources.get_mut(event.key) else { return };
        if event.urgent {
            source.read.report_mark();
        }
        if event.readable {
            source.read.report(event.read_closed);
            self.waiters.take_all(&mut source.read.waiters, woken);
        }
        if event.writable {
            source.write.report(event.write_closed);
            self.waiters.take_all(&mut source.write.waiters, woken);
        }
    }

    /// Whether this waiter is in its list with this waker.
    #[inline]
    pub(crate) fn waits_with(&mut self, waiter: Key, waker: &Waker) -> bool {
        self.waiters.waker_mut(waiter).is_some_and(|known| known.will_wake(waker))
    }

    pub(crate) fn is_waiting(&self, waiter: Key) -> bool {
        self.waiters.contains(waiter)
    }

    /// Adds a waiter, or gives the one that waits already another waker. Returns the waker it replaces.
    #[must_use = "a waker is dropped when no borrow is held"]
    pub(crate) fn wait(&mut self, what: WaitFor, waiter: &mut Option<Key>, waker: Waker) -> Option<Waker> {
        if let Some(known) = waiter.and_then(|key| self.waiters.waker_mut(key)) {
            return Some(std::mem::replace(known, waker));
        }
        match Self::list(&mut self.sources, &mut self.for_descriptors, what) {
            Some(list) => {
                *waiter = Some(self.waiters.push(list, waker));
                None
            }
            None => Some(waker),
        }
    }

    /// Adds a waiter that nobody removes: it leaves with the next event.
    #[must_use = "a waker is dropped when no borrow is held"]
    pub(crate) fn wait_anonymously(&mut self, what: WaitFor, waker: Waker) -> Option<Waker> {
        match Self::list(&mut self.sources, &mut self.for_descriptors, what) {
            Some(list) if !self.waiters.has_anonymous(list, &waker) => {
                self.waiters.push_anonymous(list, waker);
                None
            }
            _ => Some(waker),
        }
    }

    /// Takes a waiter out, if it still waits.
    #[must_use = "a waker is dropped when no borrow is held"]
    pub(crate) fn leave(&mut self, what: WaitFor, waiter: Key) -> Option<Waker> {
        let list = Self::list(&mut self.sources, &mut self.for_descriptors, what)?;
        self.waiters.remove(list, waiter)
    }

    /// A descriptor is free: hands out all who wait for one.
    #[inline]
    pub(crate) fn descriptor_closed(&mut self, woken: &mut Vec<Waker>) {
        if !self.for_descriptors.is_empty() {
            self.waiters.take_all(&mut self.for_descriptors, woken);
        }
    }

    fn list<'a>(sources: &'a mut Slots<Source>, for_descriptors: &'a mut List, what: WaitFor) -> Option<&'a mut List> {
        match what {
            WaitFor::Source(key, direction) => Some(&mut sources.get_mut(key)?.state_mut(direction).waiters),
            WaitFor::Descriptor => Some(for_descriptors),
        }
    }
}

/// What a waiter waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitFor {
    /// Readiness of a registered descriptor, in one direction.
    Source(Key, Direction),
    /// The process has run out of descriptors: that one is closed.
    Descriptor,
}
