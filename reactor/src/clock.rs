//! The clock: the only place that reads the system's.
//!
//! A reactor's clock goes with the system's until it is paused. From then on it has a course of its own: it stands still,
//! is moved on by hand or to the next deadline, and when it is resumed it goes on from where it stood. It never goes back.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use crate::context;
use crate::ticks::Ticks;

thread_local! {
    /// Whether the reactor that this thread is in has a clock that was paused. It stands apart from that clock so that
    /// asking for the time costs no more than a look at this as long as nobody pauses.
    static HAS_OWN_COURSE: Cell<bool> = const { Cell::new(false) };
}

/// The present, by the clock of the reactor that this thread is in. Outside a reactor it is the system's.
#[inline]
pub fn now() -> Instant {
    if HAS_OWN_COURSE.get() { now_on_own_course() } else { Instant::now() }
}

#[cold]
fn now_on_own_course() -> Instant {
    context::current(|reactor| reactor.now()).unwrap_or_else(Instant::now)
}

/// Has [`now`] ask the reactor that this thread is in, or not.
pub(crate) fn set_has_own_course(has: bool) {
    HAS_OWN_COURSE.set(has);
}

/// Why a clock was not paused, resumed or advanced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockError {
    /// It is paused already.
    Paused,
    /// It is not paused.
    NotPaused,
    /// It cannot express the moment to which it should be moved.
    TooFar,
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Paused => "the clock is paused already",
            Self::NotPaused => "the clock is not paused",
            Self::TooFar => "the clock cannot express a moment that far away",
        })
    }
}

impl std::error::Error for ClockError {}

/// The clock of one reactor.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The ticks of the reactor's timer wheel.
    ticks: Ticks,
    course: Cell<Course>,
    /// How many reasons there are not to jump to the next deadline while the clock is paused.
    holds: Cell<usize>,
    /// How often the system's clock was read on the reactor's own behalf.
    reads: Cell<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Course {
    /// As the system's clock.
    System,
    /// Standing still.
    Paused(Instant),
    /// At the system's pace, from where it stood when the system's clock said `since`.
    Resumed { from: Instant, since: Instant },
}

impl Clock {
    pub(crate) fn new(starts_paused: bool) -> Self {
        let start = Instant::now();
        let course = if starts_paused { Course::Paused(start) } else { Course::System };
        Self { ticks: Ticks::since(start), course: Cell::new(course), holds: Cell::new(0), reads: Cell::new(0) }
    }

    pub(crate) fn ticks(&self) -> &Ticks {
        &self.ticks
    }

    /// The present.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        if self.has_own_course() { self.now_on_own_course() } else { Instant::now() }
    }

    #[cold]
    fn now_on_own_course(&self) -> Instant {
        match self.course.get() {
            Course::System => Instant::now(),
            Course::Paused(instant) => instant,
            Course::Resumed { from, since } => from + Instant::now().saturating_duration_since(since),
        }
    }

    /// The present, asked for on the reactor's own behalf.
    #[inline]
    pub(crate) fn read(&self) -> Instant {
        self.reads.set(self.reads.get() + u64::from(!self.is_paused()));
        self.now()
    }

    pub(crate) fn reads(&self) -> u64 {
        self.reads.get()
    }

    #[inline]
    pub(crate) fn has_own_course(&self) -> bool {
        !matches!(self.course.get(), Course::System)
    }

    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        matches!(self.course.get(), Course::Paused(_))
    }

    /// Stops the clock at the beginning of the next tick, so that whole milliseconds from there on end exactly.
    pub(crate) fn pause(&self) -> Result<(), ClockError> {
        if self.is_paused() {
            return Err(ClockError::Paused);
        }
        let instant = self.ticks.start_of(self.ticks.after(self.now()));
        self.course.set(Course::Paused(instant));
        Ok(())
    }

    pub(crate) fn resume(&self) -> Result<(), ClockError> {
        let Course::Paused(from) = self.course.get() else { return Err(ClockError::NotPaused) };
        self.course.set(Course::Resumed { from, since: Instant::now() });
        Ok(())
    }

    /// Moves the paused clock on.
    pub(crate) fn advance(&self, duration: Duration) -> Result<(), ClockError> {
        let Course::Paused(instant) = self.course.get() else { return Err(ClockError::NotPaused) };
        let instant = instant.checked_add(duration).ok_or(ClockError::TooFar)?;
        self.course.set(Course::Paused(instant));
        Ok(())
    }

    /// Moves the paused clock to the beginning of a tick.
    pub(crate) fn jump(&self, tick: u64) {
        if let Course::Paused(instant) = self.course.get() {
            self.course.set(Course::Paused(instant.max(self.ticks.start_of(tick))));
        }
    }

    /// Keeps the paused clock from jumping, until as many calls of [`release`](Self::release) have come.
    pub(crate) fn hold(&self) {
        self.holds.set(self.holds.get() + 1);
    }

    pub(crate) fn release(&self) {
        self.holds.set(self.holds.get() - 1);
    }

    #[inline]
    pub(crate) fn may_jump(&self) -> bool {
        self.is_paused() && self.holds.get() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_stands_and_goes_on() {
        let clock = Clock::new(false);
        assert!(!clock.has_own_course());
        assert_eq!(clock.resume(), Err(ClockError::NotPaused));
        assert_eq!(clock.advance(Duration::ZERO), Err(ClockError::NotPaused));
        let before = clock.now();

        clock.pause().unwrap();
        let paused = clock.now();
        assert!(paused >= before && clock.has_own_course());
        assert_eq!(clock.ticks.at(paused), clock.ticks.after(paused), "it stands at the beginning of a tick");
        assert_eq!(clock.pause(), Err(ClockError::Paused));

        clock.advance(Duration::from_secs(3600)).unwrap();
        assert_eq!(clock.now(), paused + Duration::from_secs(3600));
        assert_eq!(clock.advance(Duration::MAX), Err(ClockError::TooFar));

        clock.resume().unwrap();
        assert!(clock.now() >= paused + Duration::from_secs(3600), "it does not go back");
        clock.pause().unwrap();
        assert!(clock.now() >= paused + Duration::from_secs(3600));
    }

    #[test]
    fn a_jump_leads_to_a_tick_and_never_back() {
        let clock = Clock::new(true);
        let start = clock.now();
        clock.jump(5);
        assert_eq!(clock.now(), start + Duration::from_millis(5));
        clock.jump(4);
        assert_eq!(clock.now(), start + Duration::from_millis(5));
    }

    #[test]
    fn only_a_paused_clock_without_holds_may_jump() {
        let clock = Clock::new(false);
        assert!(!clock.may_jump());
        clock.pause().unwrap();
        assert!(clock.may_jump());
        clock.hold();
        clock.hold();
        clock.release();
        assert!(!clock.may_jump());
        clock.release();
        assert!(clock.may_jump());
    }

    #[test]
    fn only_readings_of_the_system_count() {
        let clock = Clock::new(false);
        clock.read();
        assert_eq!(clock.reads(), 1);
        clock.pause().unwrap();
        clock.read();
        assert_eq!(clock.reads(), 1);
        clock.resume().unwrap();
        clock.read();
        assert_eq!(clock.reads(), 2);
    }
}
