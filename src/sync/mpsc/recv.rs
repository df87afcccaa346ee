//! The futures that receive.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::channel::Channel;
use super::ends::ReceiverEnd;

/// The future of [`Receiver::recv`](super::Receiver::recv) and
/// [`UnboundedReceiver::recv`](super::UnboundedReceiver::recv).
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a, T> {
    channel: &'a Channel<T>,
    waits: bool,
    location: &'static Location<'static>,
}

impl<'a, T> Recv<'a, T> {
    /// The receiver stays borrowed, so nobody else waits in its place.
    pub(super) fn new(receiver: &'a mut ReceiverEnd<T>, location: &'static Location<'static>) -> Self {
        Self { channel: receiver, waits: false, location }
    }
}

impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let received = self.channel.poll_recv(cx, self.location);
        self.waits = received.is_pending();
        received
    }
}

impl<T> Drop for Recv<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.waits {
            self.channel.stop_receiving();
        }
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("Recv", f)
    }
}

/// The future of [`Receiver::recv_many`](super::Receiver::recv_many) and
/// [`UnboundedReceiver::recv_many`](super::UnboundedReceiver::recv_many).
#[must_use = "futures do nothing unless awaited"]
pub struct RecvMany<'a, T> {
    channel: &'a Channel<T>,
    buffer: &'a mut Vec<T>,
    limit: usize,
    waits: bool,
    location: &'static Location<'static>,
}

impl<'a, T> RecvMany<'a, T> {
    pub(super) fn new(
        receiver: &'a mut ReceiverEnd<T>,
        buffer: &'a mut Vec<T>,
        limit: usize,
        location: &'static Location<'static>,
    ) -> Self {
        Self { channel: receiver, buffer, limit, waits: false, location }
    }
}

impl<T> Future for RecvMany<'_, T> {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let this = &mut *self;
        let received = this.channel.poll_recv_many(cx, this.buffer, this.limit, this.location);
        this.waits = received.is_pending();
        received
    }
}

impl<T> Drop for RecvMany<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            self.channel.stop_receiving();
        }
    }
}

impl<T> fmt::Debug for RecvMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("RecvMany", f)
    }
}
