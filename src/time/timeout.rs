//! Limits for futures.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::{Instant, Sleep};
use crate::wait;

/// Gives a future a limit, counted from this call. When it passes first, the result is [`Elapsed`] and the future is
/// dropped with the `Timeout`.
///
/// The future is polled first, so one that is ready wins also when the limit has passed. Nothing is armed for a future
/// that is ready at once.
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// use hanol::time::timeout;
/// assert_eq!(timeout(Duration::from_secs(1), async { 7 }).await, Ok(7));
/// assert!(timeout(Duration::from_millis(1), std::future::pending::<()>()).await.is_err());
/// # });
/// ```
///
/// # Panics
///
/// When it is awaited outside a runtime and the future is not ready at once.
///
/// # Cancel safety
///
/// Dropping it drops the future and disarms the timer.
#[track_caller]
pub fn timeout<F>(duration: Duration, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout::new(Instant::now().saturating_add(duration), future.into_future(), Location::caller())
}

/// Gives a future until a moment. See [`timeout`].
///
/// # Panics
///
/// When it is awaited outside a runtime and the future is not ready at once.
///
/// # Cancel safety
///
/// Dropping it drops the future and disarms the timer.
#[track_caller]
pub fn timeout_at<F>(deadline: Instant, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout::new(deadline, future.into_future(), Location::caller())
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        sleep: Sleep,
    }
}

impl<F> Timeout<F> {
    fn new(deadline: Instant, future: F, location: &'static Location<'static>) -> Self {
        Self { future, sleep: Sleep::new(deadline, wait::TIMEOUT, location) }
    }

    /// The future.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// The future.
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// The future, without the limit.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The limit takes nothing from the budget: a future that has used it up must not be spared its limit.
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if this.sleep.poll_elapsed(cx).is_ready() {
            return Poll::Ready(Err(Elapsed(())));
        }
        // The task list shows what the future waits for, if it has said so.
        this.sleep.note_unless_noted();
        Poll::Pending
    }
}

/// A limit has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Elapsed(());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> Self {
        io::Error::new(io::ErrorKind::TimedOut, elapsed)
    }
}
