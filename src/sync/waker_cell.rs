//! The place of one task that waits.
//!
//! A cell and not a `RefCell`: a waker is taken out before anything is done with it, so the foreign code of a waker never
//! meets a borrow.

use std::cell::Cell;
use std::fmt;
use std::task::Waker;

/// The waker of the task that waits, if there is one.
pub(super) struct WakerCell(Cell<Option<Waker>>);

/// What [`WakerCell::register`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "what was registered anew ran foreign code, so what is waited for may be there"]
pub(super) enum Registered {
    /// The task was known, and nothing foreign ran.
    Already,
    /// The waker was cloned, and another one may have been dropped.
    Anew,
}

impl WakerCell {
    pub(super) const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Makes this the waker that is told.
    #[inline]
    pub(super) fn register(&self, waker: &Waker) -> Registered {
        let known = self.0.take();
        if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.0.set(known);
            return Registered::Already;
        }
        let forgotten = self.0.replace(Some(waker.clone()));
        drop((known, forgotten));
        Registered::Anew
    }

    /// Takes the waker out, to be woken or dropped.
    #[inline]
    #[must_use = "whoever waits is to be woken"]
    pub(super) fn take(&self) -> Option<Waker> {
        self.0.take()
    }
}

impl fmt::Debug for WakerCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakerCell").finish_non_exhaustive()
    }
}
