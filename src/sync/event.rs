//! Something that happens, and the tasks that wait until it does. All of them are woken.
//!
//! An event keeps no state of its own: what has happened is in the state of the channel or token that it belongs to, and
//! every future asks there. So a task that is woken once too often just waits on.
//!
//! Wakers are foreign. Cloning one may run code that makes the event happen, so after a waker was cloned, what has happened
//! is looked at again. They are woken and dropped with nothing borrowed.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use hanol_executor::{WaitKind, budget, has_noted_wait, waits_for, wake};

use super::wait_list::{Key, WaitList};

/// The tasks that wait for an event.
pub(crate) struct Event {
    waiting: RefCell<WaitList<()>>,
    /// Where wakers are gathered before they are woken, kept so that this needs no allocation each time.
    gathered: Cell<Vec<Waker>>,
}

/// The part that every future has that waits for an event: its place among those who wait, and its record.
///
/// It does not know its event. Whoever has it gives it back to the event with [`Event::leave`].
#[derive(Debug)]
pub(crate) struct Waiter {
    place: Option<Key>,
    kind: WaitKind,
    location: &'static Location<'static>,
}

impl Event {
    pub(crate) const fn new() -> Self {
        Self { waiting: RefCell::new(WaitList::new()), gathered: Cell::new(Vec::new()) }
    }

    /// Wakes all who wait, in the order in which they came.
    pub(crate) fn wake_all(&self) {
        let mut waiting = self.waiting.borrow_mut();
        let Some(first) = waiting.grant_first() else { return };
        if waiting.is_empty() {
            drop(waiting);
            return wake(first);
        }
        // All leave the list before any of them runs, so that one who comes back while others are being woken waits for the
        // next time.
        let mut woken = self.gathered.take();
        woken.push(first);
        waiting.grant_all(&mut woken);
        drop(waiting);
        woken.drain(..).for_each(wake);
        self.gathered.set(woken);
    }

    /// Hands out the wakers of all who wait, to be woken.
    pub(crate) fn gather(&self, woken: &mut Vec<Waker>) {
        self.waiting.borrow_mut().grant_all(woken);
    }

    /// Waits until `happened` gives something. This takes one operation from the budget when it does.
    #[inline]
    pub(crate) fn poll_until<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        happened: impl FnMut() -> Option<R>,
    ) -> Poll<R> {
        ready!(budget::poll_proceed(cx, waiter.location));
        let polled = self.poll_unnoticed(cx, waiter, happened);
        if polled.is_pending() {
            budget::give_back();
            waits_for(waiter.kind, 0, waiter.location);
        }
        polled
    }

    /// As [`poll_until`](Self::poll_until), beside a future that is polled too and that matters more: this takes nothing
    /// from the budget, and leaves the other's record in place.
    pub(crate) fn poll_beside<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        happened: impl FnMut() -> Option<R>,
    ) -> Poll<R> {
        let polled = self.poll_unnoticed(cx, waiter, happened);
        if polled.is_pending() && !has_noted_wait() {
            waits_for(waiter.kind, 0, waiter.location);
        }
        polled
    }

    #[inline]
    fn poll_unnoticed<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        mut happened: impl FnMut() -> Option<R>,
    ) -> Poll<R> {
        loop {
            if let Some(result) = happened() {
                self.leave(waiter);
                return Poll::Ready(result);
            }
            if self.waits_with(waiter, cx.waker()) {
                return Poll::Pending;
            }
            let waker = cx.waker().clone();
            self.enter(waiter, waker);
        }
    }

    /// Gives up a place. There may be none.
    #[inline]
    pub(crate) fn leave(&self, waiter: &mut Waiter) {
        if let Some(key) = waiter.place.take() {
            // The waker of one that still waited is dropped when the borrow has ended.
            let _removed = self.waiting.borrow_mut().remove(key);
        }
    }

    fn waits_with(&self, waiter: &Waiter, waker: &Waker) -> bool {
        waiter.place.as_ref().is_some_and(|key| self.waiting.borrow().waits_with(key, waker))
    }

    fn enter(&self, waiter: &mut Waiter, waker: Waker) {
        let mut waiting = self.waiting.borrow_mut();
        let replaced = match waiter.place.take() {
            Some(key) if !waiting.is_granted(&key) => {
                let replaced = waiting.set_waker(&key, waker);
                waiter.place = Some(key);
                replaced
            }
            woken => {
                let replaced = woken.and_then(|key| waiting.remove(key).waker);
                waiter.place = Some(waiting.push((), waker));
                replaced
            }
        };
        drop(waiting);
        drop(replaced);
    }
}

impl Waiter {
    pub(crate) fn new(kind: WaitKind, location: &'static Location<'static>) -> Self {
        Self { place: None, kind, location }
    }

    /// The line that called the operation.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").finish_non_exhaustive()
    }
}
