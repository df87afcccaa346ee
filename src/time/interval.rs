//! Ticks at a fixed pace.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hanol_executor::{budget, waits_for};

use super::{Instant, Sleep};
use crate::wait;

/// A tick that comes later than this was missed. Less is what the resolution of 1 ms and a busy loop make of a tick that
/// is on time. The figure is tokio's.
const LATE: Duration = Duration::from_millis(5);

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// Ticks now, and then once every `period`. The first tick is ready at once.
///
/// # Panics
///
/// When `period` is zero.
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    let now = Instant::now();
    Interval::new(now, now, period, Location::caller())
}

/// Ticks at `start`, and then once every `period`.
///
/// # Panics
///
/// When `period` is zero.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(start, Instant::now(), period, Location::caller())
}

/// What an [`Interval`] does about ticks that came while nobody waited for them.
///
/// With a period of 10 ms, a tick at 0, and the next call only at 25:
///
/// | behaviour | further ticks at        |
/// |-----------|-------------------------|
/// | `Burst`   | 25 (10), 25 (20), 30, 40 |
/// | `Delay`   | 25 (10), 35, 45, 55     |
/// | `Skip`    | 25 (10), 30, 40, 50     |
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MissedTickBehavior {
    /// Makes up for them, one after the other without a pause, and then keeps to the schedule.
    #[default]
    Burst,
    /// Starts a new schedule from the late tick.
    Delay,
    /// Leaves them out and keeps to the schedule.
    Skip,
}

impl MissedTickBehavior {
    fn next(self, missed: Instant, now: Instant, period: Duration) -> Instant {
        match self {
            Self::Burst => missed.saturating_add(period),
            Self::Delay => now.saturating_add(period),
            Self::Skip => {
                let late = now.duration_since(missed).as_nanos() % period.as_nanos();
                let late = Duration::new((late / NANOS_PER_SECOND) as u64, (late % NANOS_PER_SECOND) as u32);
                now.saturating_add(period - late)
            }
        }
    }
}

/// Ticks at a fixed pace. Made by [`interval`] and [`interval_at`].
#[derive(Debug)]
pub struct Interval {
    sleep: Sleep,
    period: Duration,
    missed: MissedTickBehavior,
    location: &'static Location<'static>,
}

impl Interval {
    #[track_caller]
    fn new(start: Instant, now: Instant, period: Duration, location: &'static Location<'static>) -> Self {
        assert!(!period.is_zero(), "the period of an interval must not be zero");
        let sleep = Sleep::new(start, wait::INTERVAL, location);
        let mut interval = Self { sleep, period, missed: MissedTickBehavior::default(), location };
        interval.schedule(start, now);
        interval
    }

    /// Sets the next tick. One that is due needs no timer, and no turn of the loop.
    fn schedule(&mut self, next: Instant, now: Instant) {
        if next <= now {
            self.sleep.reset_passed(next);
        } else {
            self.sleep.reset(next);
        }
    }

    /// Waits for the next tick and gives the moment for which it was meant.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no tick is lost.
    #[track_caller]
    pub fn tick(&mut self) -> Tick<'_> {
        Tick { location: Location::caller(), interval: self }
    }

    /// Polls for the next tick.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        self.poll_tick_at(cx, self.location)
    }

    /// Starts a new schedule: the next tick comes one period from now.
    pub fn reset(&mut self) {
        self.sleep.reset(Instant::now().saturating_add(self.period));
    }

    /// Starts a new schedule: the next tick comes now.
    pub fn reset_immediately(&mut self) {
        let now = Instant::now();
        self.schedule(now, now);
    }

    /// Starts a new schedule: the next tick comes after `duration`.
    pub fn reset_after(&mut self, duration: Duration) {
        self.sleep.reset(Instant::now().saturating_add(duration));
    }

    /// Starts a new schedule: the next tick comes at `deadline`.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.schedule(deadline, Instant::now());
    }

    /// The time between two ticks.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What is done about missed ticks. The default is [`MissedTickBehavior::Burst`].
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed
    }

    /// Sets what is done about missed ticks.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed = behavior;
    }

    fn poll_tick_at(&mut self, cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<Instant> {
        ready!(budget::poll_proceed(cx, location));
        if self.sleep.poll_elapsed(cx).is_pending() {
            budget::give_back();
            waits_for(wait::INTERVAL, 0, location);
            return Poll::Pending;
        }
        let tick = self.sleep.deadline();
        let now = Instant::now();
        let behavior = if now.duration_since(tick) > LATE { self.missed } else { MissedTickBehavior::Burst };
        let next = behavior.next(tick, now, self.period);
        self.schedule(next, now);
        Poll::Ready(tick)
    }
}

/// The future of [`Interval::tick`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Tick<'a> {
    interval: &'a mut Interval,
    location: &'static Location<'static>,
}

impl Future for Tick<'_> {
    type Output = Instant;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let location = self.location;
        self.interval.poll_tick_at(cx, location)
    }
}
