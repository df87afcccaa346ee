//! A reactor whose clock is paused: it is moved on by hand, or to the next deadline when there is nothing else to do.

use std::io;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::Reactor;
use crate::clock::{self, ClockError};
use crate::context;
use crate::selector::Waited;

impl Reactor {
    /// The present, by this reactor's clock.
    pub fn now(&self) -> Instant {
        self.inner.timers.borrow().clock().now()
    }

    /// Stops the clock, at the beginning of the next tick of 1 ms.
    ///
    /// # Errors
    ///
    /// [`ClockError::Paused`] when it is paused already.
    pub fn pause(&self) -> Result<(), ClockError> {
        self.inner.timers.borrow().clock().pause()?;
        if context::current(|current| current.number() == self.number()) == Some(true) {
            clock::set_has_own_course(true);
        }
        Ok(())
    }

    /// Lets the clock go on, from where it stands.
    ///
    /// # Errors
    ///
    /// [`ClockError::NotPaused`] when it is not paused.
    pub fn resume(&self) -> Result<(), ClockError> {
        self.inner.timers.borrow().clock().resume()
    }

    /// Moves the paused clock on, and appends the wakers of the timers that are due then, in the order of their
    /// deadlines. The caller wakes them.
    ///
    /// # Errors
    ///
    /// [`ClockError::NotPaused`] when it is not paused, [`ClockError::TooFar`] when it cannot express the moment.
    pub fn advance(&self, duration: Duration, woken: &mut Vec<Waker>) -> Result<(), ClockError> {
        let mut timers = self.inner.timers.borrow_mut();
        timers.clock().advance(duration)?;
        timers.fire(woken);
        Ok(())
    }

    /// Keeps the clock, while it is paused, from jumping to the next deadline, until
    /// [`release_clock`](Self::release_clock) has been called as often as this.
    pub fn hold_clock(&self) {
        self.inner.timers.borrow().clock().hold();
    }

    /// Takes one [`hold_clock`](Self::hold_clock) back.
    pub fn release_clock(&self) {
        self.inner.timers.borrow().clock().release();
    }

    /// Whether the clock was ever paused.
    pub(crate) fn has_own_course(&self) -> bool {
        self.inner.timers.borrow().clock().has_own_course()
    }

    /// Looks for events without waiting. If there are none, and no other thread wants anything, it is time for the next
    /// deadline: the clock jumps to its tick.
    #[cold]
    pub(super) fn look_or_jump(&self, tick: u64, woken: &mut Vec<Waker>) -> io::Result<()> {
        if self.look(Some(Duration::ZERO), woken)? == Waited::InVain {
            let mut timers = self.inner.timers.borrow_mut();
            timers.clock().jump(tick);
            timers.fire(woken);
        }
        Ok(())
    }
}
