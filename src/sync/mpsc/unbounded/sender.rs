//! The end that sends and never waits.

use std::fmt;
use std::panic::Location;

use crate::sync::mpsc::closed::Closed;
use crate::sync::mpsc::ends::SenderEnd;
use crate::sync::mpsc::error::{SendError, TrySendError};
use crate::sync::mpsc::weak::WeakUnboundedSender;

/// Sends into an [`unbounded_channel`](crate::sync::mpsc::unbounded_channel). Clones send into the same one.
pub struct UnboundedSender<T> {
    end: SenderEnd<T>,
}

impl<T> UnboundedSender<T> {
    pub(in crate::sync::mpsc) fn new(end: SenderEnd<T>) -> Self {
        Self { end }
    }

    /// Sends a value. It never waits, and may be called outside a task.
    ///
    /// `Ok` does not mean that the value will be received: the receiver may be dropped with the value in the channel.
    ///
    /// # Errors
    ///
    /// When the receiver was dropped or closed. The error holds the value.
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.end.try_send(value).map_err(|refused| match refused {
            TrySendError::Closed(value) => SendError(value),
            TrySendError::Full(_) => unreachable!("memory ends before usize::MAX values are queued"),
        })
    }

    /// Waits until the receiver is dropped or closed: nobody wants values any more.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost, and the task waits no longer.
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        Closed::new(&self.end, Location::caller())
    }

    /// Whether the receiver was dropped or closed, so that sending fails.
    pub fn is_closed(&self) -> bool {
        self.end.is_closed_by_receiver()
    }

    /// Whether both send into one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.end.is_of_same_channel(&other.end)
    }

    /// A sender that does not keep the channel open.
    #[must_use = "a weak sender that is dropped does nothing"]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender::new(self.end.downgrade())
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.end.senders()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.end.weak_senders()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { end: self.end.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.end.describe("UnboundedSender", f)
    }
}
