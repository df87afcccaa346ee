//! Running a future until a token is cancelled.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{CancellationToken, WaitForCancellationFuture, WaitForCancellationFutureOwned};

pin_project! {
    /// The future of [`CancellationToken::run_until_cancelled`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct RunUntilCancelled<'a, F> {
        #[pin]
        future: F,
        cancelled: WaitForCancellationFuture<'a>,
        // Whether the future has been polled.
        started: bool,
    }
}

pin_project! {
    /// The future of [`CancellationToken::run_until_cancelled_owned`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct RunUntilCancelledOwned<F> {
        #[pin]
        future: F,
        cancelled: WaitForCancellationFutureOwned,
        // Whether the future has been polled.
        started: bool,
    }
}

impl<'a, F> RunUntilCancelled<'a, F> {
    pub(super) fn new(token: &'a CancellationToken, future: F, location: &'static Location<'static>) -> Self {
        Self { future, cancelled: WaitForCancellationFuture::new(token, location), started: false }
    }
}

impl<F> RunUntilCancelledOwned<F> {
    pub(super) fn new(token: CancellationToken, future: F, location: &'static Location<'static>) -> Self {
        Self { future, cancelled: WaitForCancellationFutureOwned::new(token, location), started: false }
    }
}

impl<F: Future> Future for RunUntilCancelled<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if !*this.started && this.cancelled.token().is_cancelled() {
            return Pin::new(this.cancelled).poll(cx).map(|()| None);
        }
        *this.started = true;
        // Cancelling takes nothing from the budget: a future that has used it up must not be spared.
        match this.future.poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => this.cancelled.poll_beside(cx).map(|()| None),
        }
    }
}

impl<F: Future> Future for RunUntilCancelledOwned<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if !*this.started && this.cancelled.token().is_cancelled() {
            return Pin::new(this.cancelled).poll(cx).map(|()| None);
        }
        *this.started = true;
        // Cancelling takes nothing from the budget: a future that has used it up must not be spared.
        match this.future.poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => this.cancelled.poll_beside(cx).map(|()| None),
        }
    }
}
