//! The end that receives.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::sync::mpsc::ends::ReceiverEnd;
use crate::sync::mpsc::error::TryRecvError;
use crate::sync::mpsc::recv::{Recv, RecvMany};

/// Receives from an [`unbounded_channel`](crate::sync::mpsc::unbounded_channel). It is a [`Stream`] of the values.
///
/// Dropping it drops what is queued and lets senders know.
pub struct UnboundedReceiver<T> {
    end: ReceiverEnd<T>,
}

impl<T> UnboundedReceiver<T> {
    pub(in crate::sync::mpsc) fn new(end: ReceiverEnd<T>) -> Self {
        Self { end }
    }

    /// Receives the next value, and waits for it if there is none.
    ///
    /// `None` means that none will come: nothing is queued, and no sender is left or the receiver was
    /// [closed](Self::close).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no value is lost, and the task waits no longer.
    #[inline]
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv::new(&mut self.end, Location::caller())
    }

    /// Appends the next values to a vector, as many as there are and at most `limit`, and waits if there are none. Gives
    /// their number. It takes one operation from the task's budget, however many values there are.
    ///
    /// 0 means that none will come, as `None` of [`recv`](Self::recv), or that `limit` is 0.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no value is lost, and the task waits no longer.
    #[track_caller]
    pub fn recv_many<'a>(&'a mut self, buffer: &'a mut Vec<T>, limit: usize) -> RecvMany<'a, T> {
        RecvMany::new(&mut self.end, buffer, limit, Location::caller())
    }

    /// Receives the next value if there is one.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] when there is none now, [`TryRecvError::Disconnected`] when none will come.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.end.try_recv()
    }

    /// Polls for a [`recv`](Self::recv). Of several wakers the last one is woken.
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.end.poll_recv(cx, Location::caller())
    }

    /// Polls for a [`recv_many`](Self::recv_many). Of several wakers the last one is woken.
    #[track_caller]
    pub fn poll_recv_many(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<T>, limit: usize) -> Poll<usize> {
        self.end.poll_recv_many(cx, buffer, limit, Location::caller())
    }

    /// Lets nothing more be sent. What is queued can still be received: until [`recv`](Self::recv) gives `None`.
    pub fn close(&mut self) {
        self.end.close();
    }

    /// Whether it was [closed](Self::close), or no sender is left. Values may be queued all the same.
    pub fn is_closed(&self) -> bool {
        self.end.is_closed()
    }

    /// Whether nothing is queued.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values are queued.
    pub fn len(&self) -> usize {
        self.end.len()
    }

    /// How many senders there are.
    pub fn sender_strong_count(&self) -> usize {
        self.end.senders()
    }

    /// How many weak senders there are.
    pub fn sender_weak_count(&self) -> usize {
        self.end.weak_senders()
    }
}

/// A task list names the line that made the channel for a task that waits for the stream.
impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.end.poll_recv(cx, self.end.made_at)
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.end.describe("UnboundedReceiver", f)
    }
}
