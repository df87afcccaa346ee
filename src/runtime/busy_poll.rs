//! For how long to look for events before the thread sleeps.
//!
//! The rule is that of KVM's halt polling (<https://docs.kernel.org/virt/kvm/halt-polling.html>): a wait that was longer
//! than the limit makes the time shorter, one that a longer look would have caught makes it longer. Other than there, a
//! long wait halves the time instead of ending it, so that one pause in a busy stretch costs little.

use std::time::Duration;

/// Where the time starts to grow again.
const START: Duration = Duration::from_micros(10);

/// Less is not worth a look.
const LEAST: Duration = Duration::from_micros(1);

/// A wait that was shorter has not slept: what it waited for was there already.
const SLEPT: Duration = Duration::from_micros(5);

#[derive(Debug)]
pub(super) struct BusyPoll {
    limit: Duration,
    window: Duration,
}

impl BusyPoll {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, window: limit }
    }

    /// Whether it can ever be worth to look.
    pub(super) fn is_on(&self) -> bool {
        self.limit > Duration::ZERO
    }

    /// For how long to look in this wait.
    pub(super) fn window(&self) -> Duration {
        self.window
    }

    /// A wait has ended that took so long in all.
    pub(super) fn waited(&mut self, total: Duration) {
        if total > self.limit {
            self.window /= 2;
            if self.window < LEAST {
                self.window = Duration::ZERO;
            }
        } else if total > self.window.max(SLEPT) {
            self.window = (self.window * 2).clamp(START.min(self.limit), self.limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_micros(50);

    #[test]
    fn long_waits_end_the_looking_and_short_ones_begin_it_again() {
        let mut busy_poll = BusyPoll::new(LIMIT);
        assert_eq!(busy_poll.window(), LIMIT);
        for _ in 0..10 {
            busy_poll.waited(Duration::from_millis(1));
        }
        assert_eq!(busy_poll.window(), Duration::ZERO);
        for window in [10, 20, 40, 50, 50] {
            busy_poll.waited(Duration::from_micros(45));
            if window < 45 {
                assert_eq!(busy_poll.window(), Duration::from_micros(window));
            }
        }
        assert_eq!(busy_poll.window(), LIMIT);
    }

    #[test]
    fn a_wait_within_the_window_changes_nothing() {
        let mut busy_poll = BusyPoll::new(LIMIT);
        busy_poll.waited(LIMIT);
        busy_poll.waited(Duration::ZERO);
        assert_eq!(busy_poll.window(), LIMIT);
    }

    #[test]
    fn a_wait_that_has_not_slept_does_not_begin_the_looking_again() {
        let mut busy_poll = BusyPoll::new(LIMIT);
        for _ in 0..10 {
            busy_poll.waited(Duration::from_millis(1));
        }
        busy_poll.waited(Duration::from_micros(2));
        assert_eq!(busy_poll.window(), Duration::ZERO);
    }

    #[test]
    fn no_limit_is_exceeded_and_none_overflows() {
        let mut none = BusyPoll::new(Duration::ZERO);
        none.waited(Duration::ZERO);
        none.waited(Duration::MAX);
        assert!(!none.is_on() && none.window() == Duration::ZERO);
        let mut tiny = BusyPoll::new(Duration::from_nanos(5));
        tiny.waited(Duration::MAX);
        assert_eq!(tiny.window(), Duration::ZERO);
        let mut endless = BusyPoll::new(Duration::MAX);
        endless.waited(Duration::from_secs(1));
        assert_eq!(endless.window(), Duration::MAX);
    }
}
