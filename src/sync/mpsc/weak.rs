//! Senders that do not keep their channel open.

use std::fmt;

use super::bounded::Sender;
use super::ends::WeakEnd;
use super::unbounded::UnboundedSender;

/// A sender of a bounded channel that does not keep it open. Made by [`Sender::downgrade`].
///
/// ```
/// use hanol::sync::mpsc;
///
/// let (sender, receiver) = mpsc::channel::<u8>(1);
/// let weak = sender.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(sender);
/// assert!(weak.upgrade().is_none() && receiver.is_closed());
/// ```
pub struct WeakSender<T>(WeakEnd<T>);

impl<T> WeakSender<T> {
    pub(super) fn new(end: WeakEnd<T>) -> Self {
        Self(end)
    }

    /// A sender, unless the last one was dropped.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.0.upgrade().map(Sender::new)
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.0.senders()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.0.weak_senders()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe("WeakSender", f)
    }
}

/// A sender of an unbounded channel that does not keep it open. Made by [`UnboundedSender::downgrade`].
pub struct WeakUnboundedSender<T>(WeakEnd<T>);

impl<T> WeakUnboundedSender<T> {
    pub(super) fn new(end: WeakEnd<T>) -> Self {
        Self(end)
    }

    /// A sender, unless the last one was dropped.
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        self.0.upgrade().map(UnboundedSender::new)
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.0.senders()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.0.weak_senders()
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe("WeakUnboundedSender", f)
    }
}
