//! The futures that wait for permits.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::bounded::Sender;
use super::channel::Channel;
use super::error::SendError;
use super::permit::{OwnedPermit, Permit, PermitIterator};
use super::state::ChannelClosed;
use crate::sync::wait_list::Key;

/// The future of [`Sender::reserve`].
#[must_use = "futures do nothing unless awaited"]
pub struct Reserve<'a, T>(ReserveMany<'a, T>);

impl<'a, T> Reserve<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, location: &'static Location<'static>) -> Self {
        Self(ReserveMany::new(channel, 1, location))
    }
}

impl<'a, T> Future for Reserve<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_permits(cx).map_ok(|()| Permit::new(self.0.channel))
    }
}

impl<T> fmt::Debug for Reserve<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.channel.describe("Reserve", f)
    }
}

/// The future of [`Sender::reserve_many`].
#[must_use = "futures do nothing unless awaited"]
pub struct ReserveMany<'a, T> {
    channel: &'a Channel<T>,
    count: usize,
    place: Option<Key>,
    location: &'static Location<'static>,
}

impl<'a, T> ReserveMany<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, count: usize, location: &'static Location<'static>) -> Self {
        Self { channel, count, place: None, location }
    }

    fn poll_permits(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError<()>>> {
        if self.count > self.channel.max_capacity() {
            return Poll::Ready(Err(SendError(())));
        }
        poll_permits(self.channel, cx, self.count, &mut self.place, self.location)
    }
}

impl<'a, T> Future for ReserveMany<'a, T> {
    type Output = Result<PermitIterator<'a, T>, SendError<()>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_permits(cx).map_ok(|()| PermitIterator::new(self.channel, self.count))
    }
}

impl<T> Drop for ReserveMany<'_, T> {
    fn drop(&mut self) {
        self.channel.leave_line(&mut self.place);
    }
}

impl<T> fmt::Debug for ReserveMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("ReserveMany", f)
    }
}

/// The future of [`Sender::reserve_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct ReserveOwned<T> {
    /// `None` once the result was given.
    sender: Option<Sender<T>>,
    place: Option<Key>,
    location: &'static Location<'static>,
}

impl<T> ReserveOwned<T> {
    pub(super) fn new(sender: Sender<T>, location: &'static Location<'static>) -> Self {
        Self { sender: Some(sender), place: None, location }
    }
}

impl<T> Future for ReserveOwned<T> {
    type Output = Result<OwnedPermit<T>, SendError<()>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let sender = this.sender.as_ref().expect("a reserve_owned was polled after it had given its result");
        poll_permits(sender.end(), cx, 1, &mut this.place, this.location).map(|permitted| {
            let sender = this.sender.take();
            permitted.map(|()| OwnedPermit::new(sender.expect("it was there above")))
        })
    }
}

impl<T> Drop for ReserveOwned<T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            sender.end().leave_line(&mut self.place);
        }
    }
}

impl<T> fmt::Debug for ReserveOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReserveOwned").field("sender", &self.sender).finish_non_exhaustive()
    }
}

fn poll_permits<T>(
    channel: &Channel<T>,
    cx: &mut Context<'_>,
    count: usize,
    place: &mut Option<Key>,
    location: &'static Location<'static>,
) -> Poll<Result<(), SendError<()>>> {
    channel.poll_take_room(cx, count, place, location).map(|taken| match taken {
        Ok(()) => {
            channel.hold_permits(count);
            Ok(())
        }
        Err(ChannelClosed) => Err(SendError(())),
    })
}
