//! Waiting until a token is cancelled.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::CancellationToken;
use crate::sync::event::Waiter;
use crate::wait;

/// The future of [`CancellationToken::cancelled`].
#[must_use = "futures do nothing unless awaited"]
pub struct WaitForCancellationFuture<'a> {
    token: &'a CancellationToken,
    waiter: Waiter,
}

/// The future of [`CancellationToken::cancelled_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct WaitForCancellationFutureOwned {
    token: CancellationToken,
    waiter: Waiter,
}

impl<'a> WaitForCancellationFuture<'a> {
    pub(super) fn new(token: &'a CancellationToken, location: &'static Location<'static>) -> Self {
        Self { token, waiter: Waiter::new(wait::CANCELLED, location) }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        self.token
    }

    /// Polls it beside another future.
    pub(super) fn poll_beside(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        poll_beside(self.token, &mut self.waiter, cx)
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken, location: &'static Location<'static>) -> Self {
        Self { token, waiter: Waiter::new(wait::CANCELLED, location) }
    }

    pub(super) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Polls it beside another future.
    pub(super) fn poll_beside(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        poll_beside(&self.token, &mut self.waiter, cx)
    }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        poll(self.token, &mut self.waiter, cx)
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { token, waiter } = &mut *self;
        poll(token, waiter, cx)
    }
}

fn poll(token: &CancellationToken, waiter: &mut Waiter, cx: &mut Context<'_>) -> Poll<()> {
    token.node.cancelled.poll_until(cx, waiter, || token.is_cancelled().then_some(()))
}

fn poll_beside(token: &CancellationToken, waiter: &mut Waiter, cx: &mut Context<'_>) -> Poll<()> {
    token.node.cancelled.poll_beside(cx, waiter, || token.is_cancelled().then_some(()))
}

impl Drop for WaitForCancellationFuture<'_> {
    fn drop(&mut self) {
        self.token.node.cancelled.leave(&mut self.waiter);
    }
}

impl Drop for WaitForCancellationFutureOwned {
    fn drop(&mut self) {
        self.token.node.cancelled.leave(&mut self.waiter);
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture").finish_non_exhaustive()
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned").finish_non_exhaustive()
    }
}
