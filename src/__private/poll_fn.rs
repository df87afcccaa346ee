//! A future from a closure.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that calls a closure at each poll, as [`std::future::poll_fn`] makes one.
///
/// This one is always inlined. The macros expand to a closure that is called in one place, and what it gives is looked at
/// right there: a branch that the processor failed to predict in the closure is not to be met again behind it.
#[inline(always)]
pub fn poll_fn<T, F>(poll: F) -> PollFn<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<T>,
{
    PollFn(poll)
}

/// The future of [`poll_fn`].
#[must_use = "futures do nothing unless awaited"]
pub struct PollFn<F>(F);

// The closure is never pinned.
impl<F> Unpin for PollFn<F> {}

impl<T, F> Future for PollFn<F>
where
    F: FnMut(&mut Context<'_>) -> Poll<T>,
{
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        (self.0)(cx)
    }
}

impl<F> fmt::Debug for PollFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollFn").finish_non_exhaustive()
    }
}
