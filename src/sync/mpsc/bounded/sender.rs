//! The end that sends and waits for room.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::sync::mpsc::closed::Closed;
use crate::sync::mpsc::ends::SenderEnd;
use crate::sync::mpsc::error::TrySendError;
use crate::sync::mpsc::permit::{OwnedPermit, Permit, PermitIterator};
use crate::sync::mpsc::reserve::{Reserve, ReserveMany, ReserveOwned};
use crate::sync::mpsc::send::{Send, SendTimeout};
use crate::sync::mpsc::weak::WeakSender;
use crate::time::Instant;

/// Sends into a [`channel`](crate::sync::mpsc::channel). Clones send into the same one.
pub struct Sender<T> {
    end: SenderEnd<T>,
}

/// # Sending
impl<T> Sender<T> {
    /// Sends a value, and waits until there is room for it.
    ///
    /// Who waits longer is served before. `Ok` does not mean that the value will be received: the receiver may be dropped
    /// with the value in the channel.
    ///
    /// # Errors
    ///
    /// When the receiver was dropped or closed, also while this waits. The error holds the value.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the value, which was not sent, and the place in the line. [`reserve`](Self::reserve) waits
    /// without a value to lose.
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) -> Send<'_, T> {
        Send::new(&self.end, value, Location::caller())
    }

    /// As [`send`](Self::send), and waits no longer than `timeout`, counted from this call. Where there is room, the value
    /// is sent also if the limit has passed.
    ///
    /// # Errors
    ///
    /// [`Timeout`](crate::sync::mpsc::error::SendTimeoutError::Timeout) when the limit has passed,
    /// [`Closed`](crate::sync::mpsc::error::SendTimeoutError::Closed) when the receiver was dropped or closed. Both hold
    /// the value.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn send_timeout(&self, value: T, timeout: Duration) -> SendTimeout<'_, T> {
        SendTimeout::new(self.send(value), Instant::now().saturating_add(timeout))
    }

    /// Sends a value if there is room and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`TrySendError::Full`] when there is no room, [`TrySendError::Closed`] when the receiver was dropped or closed. Both
    /// hold the value.
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.end.try_send(value)
    }
}

/// # Reserving room
impl<T> Sender<T> {
    /// Waits until there is room for a value, and reserves it.
    ///
    /// ```
    /// # hanol::block_on(async {
    /// use hanol::sync::mpsc;
    ///
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let permit = sender.reserve().await?;
    /// assert!(sender.try_send(1).is_err());
    /// permit.send(2);
    /// assert_eq!(receiver.recv().await, Some(2));
    /// # Ok::<(), mpsc::error::SendError<()>>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// When the receiver was dropped or closed, also while this waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the line, and passes on room that was granted.
    #[track_caller]
    pub fn reserve(&self) -> Reserve<'_, T> {
        Reserve::new(&self.end, Location::caller())
    }

    /// Waits until there is room for `count` values, and reserves it. Whoever comes later waits meanwhile.
    ///
    /// # Errors
    ///
    /// When `count` is more than the channel can hold, or the receiver was dropped or closed, also while this waits.
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Self::reserve).
    #[track_caller]
    pub fn reserve_many(&self, count: usize) -> ReserveMany<'_, T> {
        ReserveMany::new(&self.end, count, Location::caller())
    }

    /// As [`reserve`](Self::reserve), with a permit that holds the sender and borrows nothing.
    ///
    /// # Errors
    ///
    /// When the receiver was dropped or closed, also while this waits. The sender is dropped then.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the sender, and passes on room that was granted.
    #[track_caller]
    pub fn reserve_owned(self) -> ReserveOwned<T> {
        ReserveOwned::new(self, Location::caller())
    }

    /// Reserves room for a value if there is some and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`TrySendError::Full`] when there is no room, [`TrySendError::Closed`] when the receiver was dropped or closed.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.end.try_reserve(1).map(|()| Permit::new(&self.end))
    }

    /// Reserves room for `count` values if there is enough and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`TrySendError::Full`] when there is not enough room, or `count` is more than the channel can hold;
    /// [`TrySendError::Closed`] when the receiver was dropped or closed.
    pub fn try_reserve_many(&self, count: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        if count > self.max_capacity() {
            return Err(TrySendError::Full(()));
        }
        self.end.try_reserve(count).map(|()| PermitIterator::new(&self.end, count))
    }

    /// As [`try_reserve`](Self::try_reserve), with a permit that holds the sender and borrows nothing.
    ///
    /// # Errors
    ///
    /// As [`try_reserve`](Self::try_reserve). The error holds the sender.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.end.try_reserve(1) {
            Ok(()) => Ok(OwnedPermit::new(self)),
            Err(TrySendError::Full(())) => Err(TrySendError::Full(self)),
            Err(TrySendError::Closed(())) => Err(TrySendError::Closed(self)),
        }
    }
}

/// # The channel
impl<T> Sender<T> {
    pub(in crate::sync::mpsc) fn new(end: SenderEnd<T>) -> Self {
        Self { end }
    }

    pub(in crate::sync::mpsc) fn end(&self) -> &SenderEnd<T> {
        &self.end
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

    /// How many values can be sent at once: the room that is neither used nor reserved, and 0 while anybody waits for room.
    pub fn capacity(&self) -> usize {
        self.end.capacity()
    }

    /// How many values the channel can hold: what it was made for.
    pub fn max_capacity(&self) -> usize {
        self.end.max_capacity()
    }

    /// A sender that does not keep the channel open.
    #[must_use = "a weak sender that is dropped does nothing"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(self.end.downgrade())
    }

    /// How many senders there are. An owned permit counts as the sender that it holds.
    pub fn strong_count(&self) -> usize {
        self.end.senders()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.end.weak_senders()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { end: self.end.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.end.describe("Sender", f)
    }
}
