//! The futures that send.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::channel::Channel;
use super::error::{SendError, SendTimeoutError};
use super::state::ChannelClosed;
use crate::sync::wait_list::Key;
use crate::time::{Instant, Sleep};
use crate::wait;

/// The future of [`Sender::send`](super::Sender::send).
#[must_use = "futures do nothing unless awaited"]
pub struct Send<'a, T> {
    channel: &'a Channel<T>,
    /// `None` once it was sent or given back.
    value: Option<T>,
    place: Option<Key>,
    location: &'static Location<'static>,
}

/// The value is never pinned.
impl<T> Unpin for Send<'_, T> {}

impl<'a, T> Send<'a, T> {
    pub(super) fn new(channel: &'a Channel<T>, value: T, location: &'static Location<'static>) -> Self {
        Self { channel, value: Some(value), place: None, location }
    }

    /// Gives up waiting, and the value back.
    fn give_up(&mut self) -> T {
        self.channel.leave_line(&mut self.place);
        self.take_value()
    }

    #[inline]
    fn take_value(&mut self) -> T {
        self.value.take().expect("the value is there until the result is given")
    }
}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(this.value.is_some(), "a send was polled after it had given its result");
        this.channel.poll_take_room(cx, 1, &mut this.place, this.location).map(|taken| {
            let value = this.take_value();
            match taken {
                Ok(()) => {
                    this.channel.send_into_room(value);
                    Ok(())
                }
                Err(ChannelClosed) => Err(SendError(value)),
            }
        })
    }
}

impl<T> Drop for Send<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.channel.leave_line(&mut self.place);
    }
}

impl<T> fmt::Debug for Send<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channel.describe("Send", f)
    }
}

/// The future of [`Sender::send_timeout`](super::Sender::send_timeout).
#[must_use = "futures do nothing unless awaited"]
pub struct SendTimeout<'a, T> {
    send: Send<'a, T>,
    sleep: Sleep,
}

impl<'a, T> SendTimeout<'a, T> {
    pub(super) fn new(send: Send<'a, T>, deadline: Instant) -> Self {
        let sleep = Sleep::new(deadline, wait::TIMEOUT, send.location);
        Self { send, sleep }
    }
}

impl<T> Future for SendTimeout<'_, T> {
    type Output = Result<(), SendTimeoutError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // The limit takes nothing from the budget: a send that has used it up must not be spared its limit.
        if let Poll::Ready(sent) = Pin::new(&mut this.send).poll(cx) {
            return Poll::Ready(sent.map_err(|SendError(value)| SendTimeoutError::Closed(value)));
        }
        if this.sleep.poll_elapsed(cx).is_ready() {
            return Poll::Ready(Err(SendTimeoutError::Timeout(this.send.give_up())));
        }
        Poll::Pending
    }
}

impl<T> fmt::Debug for SendTimeout<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendTimeout").field("send", &self.send).field("sleep", &self.sleep).finish()
    }
}
