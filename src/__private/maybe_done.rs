//! A future of `join!`, and then its output.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pin_project! {
    /// A future until it is done, then what is kept of its output until the others are done.
    ///
    /// The future is dropped as soon as it is done.
    #[project = Projected]
    #[project_replace = Replaced]
    #[derive(Debug)]
    pub enum MaybeDone<F, T> {
        /// It is polled.
        Future { #[pin] future: F },
        /// It is done.
        Done { output: T },
        /// The output was taken, or there is none to keep.
        Gone,
    }
}

/// Prepares a future for its output to be kept.
pub fn maybe_done<F: IntoFuture>(future: F) -> MaybeDone<F::IntoFuture, F::Output> {
    MaybeDone::Future { future: future.into_future() }
}

/// Prepares a future for the value of its `Ok` to be kept.
pub fn maybe_ok<F, T, E>(future: F) -> MaybeDone<F::IntoFuture, T>
where
    F: IntoFuture<Output = Result<T, E>>,
{
    MaybeDone::Future { future: future.into_future() }
}

impl<F: Future, T> MaybeDone<F, T> {
    /// Polls the future, unless it is done.
    #[inline]
    pub fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>
    where
        F: Future<Output = T>,
    {
        let mut this = self;
        if let Projected::Future { future } = this.as_mut().project() {
            let output = ready!(future.poll(cx));
            this.set(MaybeDone::Done { output });
        }
        Poll::Ready(())
    }

    /// Polls the future, unless it is done. An error is handed out at once.
    #[inline]
    pub fn try_poll<E>(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut this = self;
        if let Projected::Future { future } = this.as_mut().project() {
            let output = ready!(future.poll(cx))?;
            this.set(MaybeDone::Done { output });
        }
        Poll::Ready(Ok(()))
    }

    /// The output.
    ///
    /// # Panics
    ///
    /// When the future is not done, or its output was taken.
    #[inline]
    pub fn take_output(self: Pin<&mut Self>) -> T {
        match self.project_replace(MaybeDone::Gone) {
            Replaced::Done { output } => output,
            _ => panic!("a joined future was polled after its end"),
        }
    }
}
