//! The end that receives.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use hanol_executor::{budget, waits_for};

use super::error::{RecvError, TryRecvError};
use super::shared::Shared;
use crate::wait;

/// Receives one value: a future.
///
/// # Errors
///
/// It gives [`RecvError`] if the sender was dropped without sending, or if the receiver was
/// [closed](Self::close) before.
///
/// # Panics
///
/// When it is polled after it has given its result.
///
/// # Cancel safety
///
/// `&mut receiver` may be awaited, and given up: the value stays in the channel. Dropping the receiver drops a value that
/// was sent, and lets the sender know.
#[must_use = "futures do nothing unless awaited"]
pub struct Receiver<T> {
    /// `None` once the result was given.
    shared: Option<Rc<Shared<T>>>,
    made_at: &'static Location<'static>,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>, made_at: &'static Location<'static>) -> Self {
        Self { shared: Some(shared), made_at }
    }

    /// Lets the sender send no more. A value that was sent before can still be received.
    pub fn close(&mut self) {
        if let Some(shared) = &self.shared {
            shared.close();
        }
    }

    /// Receives the value if it was sent.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] if it was not sent yet, [`TryRecvError::Closed`] if no value will come, also if it has been
    /// received.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(shared) = &self.shared else { return Err(TryRecvError::Closed) };
        match shared.receive() {
            Poll::Pending => Err(TryRecvError::Empty),
            Poll::Ready(received) => {
                self.end();
                received.map_err(|RecvError(())| TryRecvError::Closed)
            }
        }
    }

    /// Whether it has given its result, and must not be polled any more.
    pub fn is_terminated(&self) -> bool {
        self.shared.is_none()
    }

    /// Whether there is no value in the channel: none was sent, or it was received.
    pub fn is_empty(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| !shared.has_value())
    }

    /// The result was given.
    fn end(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.forget_receiver();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The line of the `.await` is not known to a future, so the record names the line that made the channel.
        ready!(budget::poll_proceed(cx, self.made_at));
        let shared = self.shared.as_ref().expect("a oneshot::Receiver was polled after it had given its result");
        let received = shared.poll_receive(cx);
        if received.is_pending() {
            budget::give_back();
            waits_for(wait::CHANNEL_RECV, 0, self.made_at);
        } else {
            self.end();
        }
        received
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let Some(shared) = self.shared.take() else { return };
        shared.forget_receiver();
        shared.close();
        // A sender that has sent is gone, so a value that is there is dropped with `shared`, after all else.
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("terminated", &self.is_terminated()).finish_non_exhaustive()
    }
}
