//! The half that sends.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::error::SendError;
use super::{Receiver, Shared};
use crate::sync::event::Waiter;
use crate::wait;

/// The sending half of [`channel`](super::channel). When the last one is dropped, the channel is closed for its receivers.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

/// A sender that does not keep the channel open. [`upgrade`](Self::upgrade) makes one that does.
pub struct WeakSender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel without receivers, which keeps up to `capacity` values, rounded up to a power of two.
    ///
    /// # Panics
    ///
    /// When the capacity is zero, or larger than `usize::MAX / 2`.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self { shared: Shared::new(capacity) }
    }

    /// Sends a value to all receivers, and gives their number. It never waits: if the channel is full, the oldest value is
    /// dropped, and receivers that have not seen it will be told.
    ///
    /// # Errors
    ///
    /// When there are no receivers. The value is given back.
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let mut ring = self.shared.ring.borrow_mut();
        let receivers = ring.receivers();
        if receivers == 0 {
            return Err(SendError(value));
        }
        // It is dropped at the end: it may do anything, or panic.
        let _oldest = ring.push(value);
        drop(ring);
        self.shared.sent.wake_all();
        Ok(receivers)
    }

    /// A new receiver, which receives what is sent from now on.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(Rc::clone(&self.shared))
    }

    /// A sender that does not keep the channel open.
    #[must_use = "making a weak sender does not drop this one"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(Rc::clone(&self.shared))
    }

    /// How many values are there that a receiver has yet to receive.
    pub fn len(&self) -> usize {
        self.shared.ring.borrow().len()
    }

    /// Whether every value has been received by all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.ring.borrow().receivers()
    }

    /// Waits until there are no receivers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        Closed { sender: self, waiter: Waiter::new(wait::CHANNEL_CLOSED, Location::caller()) }
    }

    /// How many senders there are that keep the channel open.
    pub fn strong_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.shared.weak_senders.get()
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.set(self.shared.senders.get() + 1);
        Self { shared: Rc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let left = self.shared.senders.get() - 1;
        self.shared.senders.set(left);
        if left == 0 {
            self.shared.sent.wake_all();
        }
    }
}

impl<T> WeakSender<T> {
    fn new(shared: Rc<Shared<T>>) -> Self {
        shared.weak_senders.set(shared.weak_senders.get() + 1);
        Self { shared }
    }

    /// A sender that keeps the channel open. `None` if there is none left.
    #[must_use = "a sender that is dropped at once keeps nothing open"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let senders = self.shared.senders.get();
        (senders > 0).then(|| {
            self.shared.senders.set(senders + 1);
            Sender { shared: Rc::clone(&self.shared) }
        })
    }

    /// How many senders there are that keep the channel open.
    pub fn strong_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.shared.weak_senders.get()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self::new(Rc::clone(&self.shared))
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        self.shared.weak_senders.set(self.shared.weak_senders.get() - 1);
    }
}

/// The future of [`Sender::closed`].
#[must_use = "futures do nothing unless awaited"]
pub struct Closed<'a, T> {
    sender: &'a Sender<T>,
    waiter: Waiter,
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { sender, waiter } = &mut *self;
        sender.shared.closed.poll_until(cx, waiter, || (sender.receiver_count() == 0).then_some(()))
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.sender.shared.closed.leave(&mut self.waiter);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}
