//! Waiting until nobody receives.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::channel::Channel;
use crate::sync::wait_list::Key;

/// The future of [`Sender::closed`](super::Sender::closed) and
/// [`UnboundedSender::closed`](super::UnboundedSender::closed).
#[must_use = "futures do nothing unless awaited"]
pub struct Closed<'a, T> {
    channel: &'a Channel<T>,
    place: Option<Key>,
    location: &'static Location<'static>,
}

impl<'a, T> Closed<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, location: &'static Location<'static>) -> Self {
        Self { channel, place: None, location }
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.channel.poll_closed(cx, &mut this.place, this.location)
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.channel.stop_waiting_for_close(&mut self.place);
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("Closed", f)
    }
}
