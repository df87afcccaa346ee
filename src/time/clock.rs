//! A clock that stands still, for tests: pausing, resuming and advancing it.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hanol_executor::{WaitKind, waits_for, wake};
use hanol_reactor::{ClockError, Reactor};

/// Stops the clock of this thread's runtime: [`Instant::now`](super::Instant::now) stands still. Timers, limits and
/// intervals go by it, those that are armed already too.
///
/// A test that waits for an hour then takes no time, and what it measures is exact:
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// use hanol::time::{Instant, pause, sleep};
/// pause();
/// let start = Instant::now();
/// sleep(Duration::from_secs(3600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # });
/// ```
///
/// A runtime can also be built with its clock paused: [`Builder::start_paused`](crate::runtime::Builder::start_paused),
/// `#[hanol::test(start_paused = true)]`.
///
/// The clock stops at the beginning of the next tick of 1 ms, so that all that is counted in whole milliseconds from there
/// ends exactly. Other runtimes have clocks of their own, and the [`std::time::Instant`] goes on.
///
/// # The clock jumps when nobody can run
///
/// When no task is ready, the runtime looks for events without waiting. If there are none, and no other thread has sent
/// anything, the clock jumps to the next deadline, and only the timers of that tick fire. So timers fire in their order,
/// each at its own moment, and never before a socket that is ready. A sleep of [`Duration::MAX`] never ends: nothing jumps
/// to its end. Without a deadline to jump to, the runtime waits for events as ever.
///
/// What other threads and processes are about to do takes time by their clocks, and the clock does not wait for it: a limit
/// for the answer of a peer on another thread passes at once. The clock is held only for work that the runtime has given
/// to a thread itself, as a lookup of a host name, for as long as somebody waits for it. A wake from another thread that
/// has come before the jump comes before the deadline; one that comes later finds the clock where it has jumped to.
///
/// # Panics
///
/// When the clock is paused already, or outside a runtime.
#[track_caller]
pub fn pause() {
    match hanol_reactor::current(Reactor::pause) {
        Some(Ok(())) => {}
        Some(Err(error)) => panic!("the time cannot be paused: {error}"),
        None => panic!("the time cannot be paused outside a hanol runtime: call this inside `hanol::block_on`"),
    }
}

/// Lets the clock of this thread's runtime go on after a [`pause`], from where it stands.
///
/// # Panics
///
/// When the clock is not paused, or outside a runtime.
#[track_caller]
pub fn resume() {
    match hanol_reactor::current(Reactor::resume) {
        Some(Ok(())) => {}
        Some(Err(error)) => panic!("the time cannot be resumed: {error}"),
        None => panic!("the time cannot be resumed outside a hanol runtime: call this inside `hanol::block_on`"),
    }
}

/// Moves the paused clock of this thread's runtime on, in one step.
///
/// Timers that are due then fire at once, in the order of their deadlines, and their tasks are polled in that order before
/// this returns. To all of them the time is the same. If each is to find the clock at its own deadline, use
/// [`sleep`](super::sleep()) instead, and the clock jumps from one to the next.
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// use hanol::time::{Instant, advance, pause};
/// pause();
/// let start = Instant::now();
/// advance(Duration::from_secs(3600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # });
/// ```
///
/// # Panics
///
/// When it is awaited while the clock is not paused, or outside a runtime, or when the clock cannot express the moment, as
/// with [`Duration::MAX`].
///
/// # Cancel safety
///
/// The first poll moves the clock; dropping the future after that undoes nothing.
#[track_caller]
pub fn advance(duration: Duration) -> Advance {
    Advance { duration: Some(duration), location: Location::caller() }
}

/// The future of [`advance`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Advance {
    /// By how much the clock is to be moved. `None` when it has been.
    duration: Option<Duration>,
    location: &'static Location<'static>,
}

impl Future for Advance {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let location = self.location;
        let Some(duration) = self.duration.take() else {
            return Poll::Ready(());
        };
        let mut woken = Vec::new();
        match hanol_reactor::current(|reactor| reactor.advance(duration, &mut woken)) {
            Some(Ok(())) => {}
            Some(Err(ClockError::NotPaused)) => {
                panic!("the time at {location} cannot be advanced: call `hanol::time::pause` first")
            }
            Some(Err(error)) => panic!("the time at {location} cannot be advanced by {duration:?}: {error}"),
            None => panic!("the time at {location} was advanced outside a hanol runtime"),
        }
        woken.into_iter().for_each(wake);
        // This task goes on after those.
        waits_for(WaitKind::YIELD, 0, location);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
