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

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;
    use crate::direction::{Carries, Direction, Readiness};
    use crate::reactor::Config;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// A paused reactor with a timer that is due in a millisecond, and the moment at which it stands.
    fn paused() -> (Reactor, Instant) {
        let config = Config { start_paused: true, ..Config::default() };
        let reactor = Reactor::new(0, &config).unwrap();
        let start = reactor.now();
        reactor.arm(start + MILLISECOND, Waker::noop());
        (reactor, start)
    }

    fn park(reactor: &Reactor) -> usize {
        let mut woken = Vec::new();
        reactor.park(true, &mut woken).unwrap();
        woken.len()
    }

    #[test]
    fn a_wait_for_a_deadline_is_a_jump() {
        let (reactor, start) = paused();
        assert_eq!(park(&reactor), 1);
        assert_eq!(reactor.now(), start + MILLISECOND);
    }

    #[test]
    fn a_call_of_another_thread_comes_before_a_jump() {
        let (reactor, start) = paused();
        reactor.unparker().unpark();
        assert_eq!((park(&reactor), reactor.now()), (0, start));
        assert_eq!((park(&reactor), reactor.now()), (1, start + MILLISECOND));
    }

    #[test]
    fn an_event_comes_before_a_jump_also_if_nobody_waits_for_it() {
        let (reactor, start) = paused();
        let (near, far) = UnixStream::pair().unwrap();
        far.set_nonblocking(true).unwrap();
        let key = reactor.register(far.as_fd(), Carries::Stream).unwrap();
        // The first event says that there is room to write.
        assert_eq!((park(&reactor), reactor.now()), (0, start));
        io::Write::write_all(&mut &near, b".").unwrap();
        assert_eq!((park(&reactor), reactor.now()), (0, start));
        assert_eq!(reactor.readiness(key, Direction::Read), Some((Readiness::Ready, false)));
        assert_eq!((park(&reactor), reactor.now()), (1, start + MILLISECOND));
    }

    #[test]
    fn a_clock_that_is_held_waits_for_a_call_and_does_not_count_the_time() {
        let (reactor, start) = paused();
        reactor.hold_clock();
        let called = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (unparker, called) = (reactor.unparker(), Arc::clone(&called));
            move || {
                // Longer than the timer's time, if that were counted.
                thread::sleep(MILLISECOND * 10);
                called.store(true, Ordering::SeqCst);
                unparker.unpark();
            }
        });
        assert_eq!(park(&reactor), 0);
        assert!(called.load(Ordering::SeqCst), "the wait has ended before the call");
        thread.join().unwrap();
        assert_eq!(reactor.now(), start);
        reactor.release_clock();
        assert_eq!((park(&reactor), reactor.now()), (1, start + MILLISECOND));
    }

    #[test]
    fn a_look_without_a_wait_does_not_jump() {
        let (reactor, start) = paused();
        let mut woken = Vec::new();
        reactor.park(false, &mut woken).unwrap();
        assert!(woken.is_empty());
        assert_eq!(reactor.now(), start);
    }
}
