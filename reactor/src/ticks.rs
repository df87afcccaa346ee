//! Ticks: the whole milliseconds in which a timer wheel counts.

use std::time::{Duration, Instant};

/// One tick, in nanoseconds: 1 ms.
const TICK_NANOS: u32 = 1_000_000;
const TICKS_PER_SECOND: u64 = 1_000;

/// Translates between instants and the ticks that have passed since a start.
///
/// A deadline is rounded up and the present is rounded down, so that nothing is early.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    start: Instant,
}

impl Ticks {
    /// Ticks of 1 ms, the first of which begins at `start`.
    pub fn since(start: Instant) -> Self {
        Self { start }
    }

    /// The last tick that has begun at this instant. A clock that seems to step back counts as standing still.
    pub fn at(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos() / TICK_NANOS)
    }

    /// The first tick that begins no earlier than this instant. When it has begun, the instant has passed.
    #[inline]
    pub fn after(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos().div_ceil(TICK_NANOS))
    }

    /// How long it is from `now` to the beginning of a tick.
    pub fn until(&self, tick: u64, now: Instant) -> Duration {
        Duration::from_millis(tick).saturating_sub(now.saturating_duration_since(self.start))
    }

    /// The beginning of a tick. The clock can express that of any: a Unix clock counts seconds in 64 bits.
    pub fn start_of(&self, tick: u64) -> Instant {
        self.start + Duration::from_millis(tick)
    }
}

#[inline]
fn ticks(seconds: u64, rest: u32) -> u64 {
    seconds.saturating_mul(TICKS_PER_SECOND).saturating_add(u64::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_rounded_so_that_nothing_is_early() {
        let start = crate::clock::now();
        let ticks = Ticks::since(start);
        let at = |nanos: u64| start + Duration::from_nanos(nanos);
        assert_eq!(ticks.after(at(0)), 0);
        assert_eq!(ticks.after(at(1)), 1);
        assert_eq!(ticks.after(at(1_000_000)), 1);
        assert_eq!(ticks.after(at(1_000_001)), 2);
        assert_eq!(ticks.at(at(999_999)), 0);
        assert_eq!(ticks.at(at(1_000_000)), 1);
        assert_eq!(ticks.after(at(999_999_999)), 1_000);
        assert_eq!(ticks.until(3, at(1_500_000)), Duration::from_micros(1_500));
        assert_eq!(ticks.until(1, at(5_000_000)), Duration::ZERO);
        assert_eq!(ticks.start_of(7), at(7_000_000));
        assert!(ticks.start_of(u64::MAX) > ticks.start_of(u64::MAX - 1));
    }

    #[test]
    fn instants_before_the_start_are_tick_zero() {
        let start = crate::clock::now();
        if let Some(before) = start.checked_sub(Duration::from_secs(1)) {
            let ticks = Ticks::since(start);
            assert_eq!((ticks.at(before), ticks.after(before)), (0, 0));
        }
    }
}
