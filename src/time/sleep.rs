//! Waiting until a moment.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hanol_executor::{Remote, WaitKind, budget, has_noted_wait, waits_for};
use hanol_reactor::{Reactor, Timer};

use super::Instant;
use crate::wait;

/// Waits for a duration, counted from this call.
///
/// It never ends early. `Duration::MAX` never ends.
///
/// # Panics
///
/// When it is awaited outside a runtime.
///
/// # Cancel safety
///
/// Dropping the future disarms its timer.
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(Instant::now().saturating_add(duration), wait::SLEEP, Location::caller())
}

/// Waits until a moment. One that has passed is over with the next turn of the loop.
///
/// # Panics
///
/// When it is awaited outside a runtime.
///
/// # Cancel safety
///
/// Dropping the future disarms its timer.
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(deadline, wait::SLEEP, Location::caller())
}

/// The future of [`sleep`] and [`sleep_until`].
///
/// Its timer is armed by the first poll. It is [`Send`]: polled in another runtime, it arms a timer there.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Sleep {
    deadline: Instant,
    state: State,
    kind: WaitKind,
    location: &'static Location<'static>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Unarmed,
    Armed(Timer, Remote),
    Elapsed,
}

impl Sleep {
    pub(crate) fn new(deadline: Instant, kind: WaitKind, location: &'static Location<'static>) -> Self {
        Self { deadline, state: State::Unarmed, kind, location }
    }

    /// The moment at which it ends.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether it has ended.
    pub fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Elapsed)
    }

    /// Moves the end, also when it has ended already.
    ///
    /// In the armed timer's runtime this costs a few stores: one that is put off again and again is moved only when its
    /// old place in the wheel comes up.
    pub fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if let State::Armed(timer, _) = self.state {
            let moved = hanol_reactor::with(timer.reactor(), |reactor| reactor.reset(timer, deadline.into_std()));
            if moved == Some(true) {
                return;
            }
            self.disarm();
        }
        self.state = State::Unarmed;
    }

    /// Moves the end to a moment that is known to have passed: the next poll is ready at once, unless somebody waits who
    /// has to be woken by the timer.
    pub(crate) fn reset_passed(&mut self, deadline: Instant) {
        self.reset(deadline);
        if let State::Unarmed = self.state {
            self.state = State::Elapsed;
        }
    }

    /// The poll without a record, for operations that keep their own.
    #[inline]
    pub(crate) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Elapsed => return Poll::Ready(()),
            State::Armed(timer, _) => {
                match hanol_reactor::with(timer.reactor(), |reactor| reactor.is_armed(timer, cx.waker())) {
                    Some(true) => return Poll::Pending,
                    Some(false) => {
                        self.state = State::Elapsed;
                        return Poll::Ready(());
                    }
                    // It has come to another runtime.
                    None => self.disarm(),
                }
            }
            State::Unarmed => {}
        }
        self.arm(cx);
        Poll::Pending
    }

    /// Notes that the task waits for this, unless it has noted another wait in this poll.
    pub(crate) fn note_unless_noted(&self) {
        if !has_noted_wait() {
            waits_for(self.kind, 0, self.location);
        }
    }

    fn arm(&mut self, cx: &mut Context<'_>) {
        let deadline = self.deadline.into_std();
        let armed = Remote::try_current().and_then(|runtime| {
            let arm = |reactor: &Reactor| (reactor.arm(deadline, cx.waker()), runtime);
            hanol_reactor::with(runtime.id().as_u32(), arm)
        });
        let Some((timer, runtime)) = armed else {
            panic!(
                "a timer at {} was polled outside a hanol runtime: await it inside `hanol::block_on`",
                self.location
            );
        };
        self.state = State::Armed(timer, runtime);
    }

    fn disarm(&mut self) {
        let State::Armed(timer, runtime) = self.state else { return };
        self.state = State::Unarmed;
        let here = hanol_reactor::with(timer.reactor(), |reactor| reactor.cancel(timer));
        if here.is_none() {
            // Another thread, or another runtime of this one. If the timer's runtime is gone, so is the timer.
            let _ = runtime.post(move || {
                hanol_reactor::with(timer.reactor(), |reactor| reactor.cancel(timer));
            });
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Ending takes nothing from the budget, since it takes a turn of the loop. Being asked again and again does.
        if self.is_elapsed() {
            return budget::poll_proceed(cx, self.location);
        }
        if self.poll_elapsed(cx).is_ready() {
            return Poll::Ready(());
        }
        waits_for(self.kind, 0, self.location);
        Poll::Pending
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        self.disarm();
    }
}
