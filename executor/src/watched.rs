//! A future that tells how it ended, whichever way it ends.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::contain::contain;

/// How a [`Watched`] future ended.
pub enum Ended<T> {
    /// It gave its output.
    Completed(T),
    /// It panicked, in a poll or while it was dropped before its end.
    Panicked(Box<dyn Any + Send + 'static>),
    /// It was dropped before its end: the task was aborted, or its runtime is gone.
    Dropped,
}

/// Whom a [`Watched`] future tells how it ended.
pub trait Watch<T> {
    /// Called once, when the future is gone, with nothing borrowed.
    fn ended(self, ended: Ended<T>);
}

pin_project! {
    /// Polls a future, contains its panic, and tells how it ended once the future has been dropped.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Watched<F, W>
    where
        F: Future,
        W: Watch<F::Output>,
    {
        #[pin]
        future: Option<F>,
        watch: Option<W>,
    }

    impl<F, W> PinnedDrop for Watched<F, W>
    where
        F: Future,
        W: Watch<F::Output>,
    {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(watch) = this.watch.take() else { return };
            match catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
                Ok(()) => watch.ended(Ended::Dropped),
                Err(payload) => watch.ended(Ended::Panicked(payload)),
            }
        }
    }
}

impl<F, W> Watched<F, W>
where
    F: Future,
    W: Watch<F::Output>,
{
    /// Has `watch` told how `future` ends.
    pub fn new(future: F, watch: W) -> Self {
        Self { future: Some(future), watch: Some(watch) }
    }
}

impl<F, W> Future for Watched<F, W>
where
    F: Future,
    W: Watch<F::Output>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        let ended = match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ended::Completed(output),
            Err(payload) => Ended::Panicked(payload),
        };
        // An output is what the future was for, so it is kept should the drop of the future panic.
        contain(|| this.future.set(None));
        if let Some(watch) = this.watch.take() {
            watch.ended(ended);
        }
        Poll::Ready(())
    }
}

impl<F, W> fmt::Debug for Watched<F, W>
where
    F: Future,
    W: Watch<F::Output>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("ended", &self.watch.is_none()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Ended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed(_) => "Completed",
            Self::Panicked(_) => "Panicked",
            Self::Dropped => "Dropped",
        })
    }
}
