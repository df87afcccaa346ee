//! The clock: the only place that reads it.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// One tick of the timers, in nanoseconds: 1 ms.
const TICK_NANOS: u32 = 1_000_000;
const TICKS_PER_SECOND: u64 = 1_000;

/// Reads the monotonic clock.
#[inline]
pub fn now() -> Instant {
    Instant::now()
}

/// A reactor's clock: translates between instants and the ticks of its timer wheel, which count from its start.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    reads: Cell<u64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: now(), reads: Cell::new(0) }
    }

    /// Reads the clock, on the reactor's own behalf.
    pub(crate) fn now(&self) -> Instant {
        self.reads.set(self.reads.get() + 1);
        now()
    }

    pub(crate) fn reads(&self) -> u64 {
        self.reads.get()
    }

    /// The last tick that has begun at this instant. A clock that seems to step back counts as standing still.
    pub(crate) fn tick_at(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos() / TICK_NANOS)
    }

    /// The first tick that begins no earlier than this instant. When it has begun, the instant has passed.
    pub(crate) fn tick_after(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos().div_ceil(TICK_NANOS))
    }

    /// How long it is from `now` to the beginning of a tick.
    pub(crate) fn until(&self, tick: u64, now: Instant) -> Duration {
        Duration::from_millis(tick).saturating_sub(now.saturating_duration_since(self.start))
    }
}

fn ticks(seconds: u64, rest: u32) -> u64 {
    seconds.saturating_mul(TICKS_PER_SECOND).saturating_add(u64::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_rounded_so_that_nothing_is_early() {
        let clock = Clock::new();
        let at = |nanos: u64| clock.start + Duration::from_nanos(nanos);
        assert_eq!(clock.tick_after(at(0)), 0);
        assert_eq!(clock.tick_after(at(1)), 1);
        assert_eq!(clock.tick_after(at(1_000_000)), 1);
        assert_eq!(clock.tick_after(at(1_000_001)), 2);
        assert_eq!(clock.tick_at(at(999_999)), 0);
        assert_eq!(clock.tick_at(at(1_000_000)), 1);
        assert_eq!(clock.tick_after(at(999_999_999)), 1_000);
        assert_eq!(clock.until(3, at(1_500_000)), Duration::from_micros(1_500));
        assert_eq!(clock.until(1, at(5_000_000)), Duration::ZERO);
    }

    #[test]
    fn instants_before_the_start_are_tick_zero() {
        let clock = Clock::new();
        if let Some(before) = clock.start.checked_sub(Duration::from_secs(1)) {
            assert_eq!((clock.tick_at(before), clock.tick_after(before)), (0, 0));
        }
    }
}
