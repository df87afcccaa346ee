//! Timers: deadlines on the clock, kept in the wheel.

use std::fmt;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::wheel::{TimerKey, Wheel};

/// An armed timer: a number, of the reactor that armed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timer {
    pub(crate) reactor: u32,
    pub(crate) key: TimerKey,
}

pub(crate) struct Timers {
    clock: Clock,
    wheel: Wheel<Waker>,
}

impl Timers {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, wheel: Wheel::new() }
    }

    #[inline]
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn len(&self) -> usize {
        self.wheel.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.wheel.is_empty()
    }

    #[inline]
    pub(crate) fn arm(&mut self, deadline: Instant, waker: Waker) -> TimerKey {
        self.wheel.insert(self.clock.ticks().after(deadline), waker)
    }

    /// The waker of a timer that has not fired.
    #[inline]
    pub(crate) fn waker_mut(&mut self, key: TimerKey) -> Option<&mut Waker> {
        self.wheel.get_mut(key)
    }

    /// Moves a timer that has not fired to another deadline.
    #[inline]
    pub(crate) fn reset(&mut self, key: TimerKey, deadline: Instant) -> bool {
        self.wheel.reset(key, self.clock.ticks().after(deadline))
    }

    #[must_use = "a waker is dropped when no borrow is held"]
    #[inline]
    pub(crate) fn cancel(&mut self, key: TimerKey) -> Option<Waker> {
        self.wheel.cancel(key)
    }

    /// Reads the clock and hands out the wakers of all timers that are due. Returns how long it is until there is more to
    /// do, if a timer is left and the clock goes.
    pub(crate) fn fire(&mut self, woken: &mut Vec<Waker>) -> Option<Duration> {
        let now = self.clock.read();
        self.wheel.advance(self.clock.ticks().at(now), woken);
        if self.clock.is_paused() {
            return None;
        }
        self.wheel.next_wake().map(|tick| self.clock.ticks().until(tick, now))
    }

    /// The tick to which the clock jumps when nobody can run: that of the next deadline, if the clock is paused. The last
    /// tick there is stands for deadlines that never come.
    #[inline]
    pub(crate) fn next_jump(&self) -> Option<u64> {
        if !self.clock.may_jump() {
            return None;
        }
        self.earliest_tick().filter(|&tick| tick != u64::MAX)
    }

    #[cold]
    fn earliest_tick(&self) -> Option<u64> {
        self.wheel.earliest().map(|(_, tick)| tick)
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("armed", &self.len()).finish_non_exhaustive()
    }
}
