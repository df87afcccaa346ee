//! Waiting for a change, and for the end of the receivers.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::budget;

use super::error::RecvError;
use super::{Receiver, Ref, Shared};
use crate::sync::event::Waiter;
use crate::wait;

/// The future of [`Receiver::changed`].
#[must_use = "futures do nothing unless awaited"]
pub struct Changed<'a, T> {
    receiver: &'a mut Receiver<T>,
    waiter: Waiter,
}

impl<'a, T> Changed<'a, T> {
    pub(super) fn new(receiver: &'a mut Receiver<T>, location: &'static Location<'static>) -> Self {
        Self { receiver, waiter: Waiter::new(wait::CHANGED, location) }
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { receiver, waiter } = &mut *self;
        let shared = &receiver.shared;
        let news = || match shared.version.get() {
            version if version != receiver.seen => Some(Ok(version)),
            _ if shared.is_closed() => Some(Err(RecvError(()))),
            _ => None,
        };
        let version = ready!(shared.changed.poll_until(cx, waiter, news))?;
        receiver.seen = version;
        Poll::Ready(Ok(()))
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        self.receiver.shared.changed.leave(&mut self.waiter);
    }
}

/// The future of [`Receiver::wait_for`].
#[must_use = "futures do nothing unless awaited"]
pub struct WaitFor<'a, T, F> {
    changed: Changed<'a, T>,
    condition: F,
    /// Whether it has looked at the value that was there, which need not be a new one.
    looked: bool,
}

impl<'a, T, F> WaitFor<'a, T, F> {
    pub(super) fn new(receiver: &'a mut Receiver<T>, condition: F, location: &'static Location<'static>) -> Self {
        Self { changed: Changed::new(receiver, location), condition, looked: false }
    }
}

// The closure is never pinned.
impl<T, F> Unpin for WaitFor<'_, T, F> {}

impl<'a, T, F> Future for WaitFor<'a, T, F>
where
    F: FnMut(&T) -> bool,
{
    type Output = Result<Ref<'a, T>, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Each look takes an operation from the budget, so that a condition which keeps sending gives way.
        loop {
            let mut has_changed = this.changed.receiver.is_unseen();
            if this.looked {
                ready!(Pin::new(&mut this.changed).poll(cx))?;
                has_changed = true;
            } else {
                ready!(budget::poll_proceed(cx, this.changed.waiter.location()));
                this.looked = true;
            }
            let value = this.changed.receiver.shared.value.get();
            this.changed.receiver.mark_unchanged();
            if (this.condition)(&value) {
                return Poll::Ready(Ok(Ref::new(value, has_changed)));
            }
        }
    }
}

/// The future of [`Sender::closed`](super::Sender::closed).
#[must_use = "futures do nothing unless awaited"]
pub struct Closed<'a, T> {
    shared: &'a Shared<T>,
    waiter: Waiter,
}

impl<'a, T> Closed<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, location: &'static Location<'static>) -> Self {
        Self { shared, waiter: Waiter::new(wait::CHANNEL_CLOSED, location) }
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { shared, waiter } = &mut *self;
        shared.closed.poll_until(cx, waiter, || (shared.receivers.get() == 0).then_some(()))
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.shared.closed.leave(&mut self.waiter);
    }
}

impl<T> fmt::Debug for Changed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed").field("seen", &self.receiver.seen).finish_non_exhaustive()
    }
}

impl<T, F> fmt::Debug for WaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").field("seen", &self.changed.receiver.seen).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}
