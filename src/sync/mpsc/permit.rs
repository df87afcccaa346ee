//! Room that was reserved.

use std::fmt;
use std::iter::FusedIterator;
use std::mem;

use super::bounded::Sender;
use super::channel::Channel;

/// Room for one value. Made by [`Sender::reserve`] and [`Sender::try_reserve`].
///
/// Dropping it gives the room to the next who waits for it.
#[must_use = "a permit that is dropped gives its room up"]
pub struct Permit<'a, T> {
    channel: &'a Channel<T>,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>) -> Self {
        Self { channel }
    }

    /// Sends the value, also if the receiver was closed after the permit was given. If it was dropped, the value is
    /// dropped.
    pub fn send(self, value: T) {
        let channel = self.channel;
        // Its room is used and not given up.
        mem::forget(self);
        channel.send_permitted(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.channel.release_permits(1);
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("Permit", f)
    }
}

/// Room for several values, as permits. Made by [`Sender::reserve_many`] and [`Sender::try_reserve_many`].
///
/// Dropping it gives up the room of those that were not taken.
#[must_use = "permits that are dropped give their room up"]
pub struct PermitIterator<'a, T> {
    channel: &'a Channel<T>,
    left: usize,
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, left: usize) -> Self {
        Self { channel, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit::new(self.channel))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}

impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.channel.release_permits(self.left);
        }
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator").field("left", &self.left).finish_non_exhaustive()
    }
}

/// Room for one value, with the sender. Made by [`Sender::reserve_owned`] and [`Sender::try_reserve_owned`].
///
/// Dropping it gives the room to the next who waits for it.
#[must_use = "a permit that is dropped gives its room up"]
pub struct OwnedPermit<T> {
    /// `None` once the permit was used or given up.
    sender: Option<Sender<T>>,
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        Self { sender: Some(sender) }
    }

    /// Sends the value, as [`Permit::send`], and gives the sender back.
    pub fn send(mut self, value: T) -> Sender<T> {
        let sender = self.take_sender();
        sender.end().send_permitted(value);
        sender
    }

    /// Gives the room up, and the sender back.
    pub fn release(mut self) -> Sender<T> {
        let sender = self.take_sender();
        sender.end().release_permits(1);
        sender
    }

    /// Whether both are permits of one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.sender().same_channel(other.sender())
    }

    /// Whether it is a permit of this sender's channel.
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.sender().same_channel(sender)
    }

    fn sender(&self) -> &Sender<T> {
        self.sender.as_ref().expect(HAS_SENDER)
    }

    fn take_sender(&mut self) -> Sender<T> {
        self.sender.take().expect(HAS_SENDER)
    }
}

const HAS_SENDER: &str = "a permit has its sender until it is used up";

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            sender.end().release_permits(1);
        }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sender().end().describe("OwnedPermit", f)
    }
}
