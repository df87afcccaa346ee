//! The half that receives.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::Shared;
use super::error::{RecvError, TryRecvError};
use super::ring::Received;
use crate::sync::event::Waiter;
use crate::wait;

/// The receiving half of [`channel`](super::channel). It is not cloned: [`resubscribe`](Self::resubscribe) makes another one
/// that starts with what is sent next.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The position of the value that it receives next.
    next: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>) -> Self {
        let next = shared.ring.borrow_mut().add_receiver();
        Self { shared, next }
    }

    /// How many values were sent that it has not received. More than the capacity means that it lags.
    pub fn len(&self) -> usize {
        (self.shared.ring.borrow().end() - self.next) as usize
    }

    /// Whether it has received all that was sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there are no senders. There may be values left.
    pub fn is_closed(&self) -> bool {
        self.shared.senders.get() == 0
    }

    /// How many senders there are that keep the channel open.
    pub fn sender_strong_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// How many weak senders there are.
    pub fn sender_weak_count(&self) -> usize {
        self.shared.weak_senders.get()
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    /// Takes the next value. It is still shared when others are to receive it too.
    fn take(&mut self) -> Result<Rc<T>, TryRecvError> {
        let received = self.shared.ring.borrow_mut().receive(&mut self.next);
        match received {
            Received::Value(value) => Ok(value),
            Received::Lagged(missed) => Err(TryRecvError::Lagged(missed)),
            Received::Empty if self.is_closed() => Err(TryRecvError::Closed),
            Received::Empty => Err(TryRecvError::Empty),
        }
    }
}

impl<T: Clone> Receiver<T> {
    /// Waits for the next value.
    ///
    /// # Errors
    ///
    /// [`Lagged`](RecvError::Lagged) when values had to make room that it has not seen, [`Closed`](RecvError::Closed) when
    /// there are no senders and no values left.
    ///
    /// # Panics
    ///
    /// When cloning the value does. The value counts as received then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a value counts as received only when the future is ready.
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv { receiver: self, waiter: Waiter::new(wait::CHANNEL_RECV, Location::caller()) }
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and [`Empty`](TryRecvError::Empty) when it would have to wait.
    ///
    /// # Panics
    ///
    /// When cloning the value does. The value counts as received then.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.take().map(Rc::unwrap_or_clone)
    }

    /// Another receiver of this channel, which receives what is sent from now on.
    pub fn resubscribe(&self) -> Self {
        Self::new(Rc::clone(&self.shared))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut ring = self.shared.ring.borrow_mut();
        // They are dropped at the end: they may do anything, or panic.
        let _unwanted = ring.remove_receiver(self.next);
        let is_last = ring.receivers() == 0;
        drop(ring);
        if is_last {
            self.shared.closed.wake_all();
        }
    }
}

/// The future of [`Receiver::recv`].
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
    waiter: Waiter,
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { receiver, waiter } = &mut *self;
        let shared = Rc::clone(&receiver.shared);
        let taken = ready!(shared.sent.poll_until(cx, waiter, || match receiver.take() {
            Ok(value) => Some(Ok(value)),
            Err(TryRecvError::Lagged(missed)) => Some(Err(RecvError::Lagged(missed))),
            Err(TryRecvError::Closed) => Some(Err(RecvError::Closed)),
            Err(TryRecvError::Empty) => None,
        }));
        // Nothing is borrowed while a value is cloned, and the value counts as received.
        Poll::Ready(taken.map(Rc::unwrap_or_clone))
    }
}

impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        self.receiver.shared.sent.leave(&mut self.waiter);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").finish_non_exhaustive()
    }
}
