//! The end that sends.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use hanol_executor::{budget, waits_for};

use super::shared::Shared;
use crate::wait;

/// Sends one value. Dropped without sending, it lets the receiver know that none will come.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    pub(super) fn new(shared: Rc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// Sends the value. It never waits.
    ///
    /// `Ok` does not mean that the value will be received: the receiver may be dropped with the value in the channel,
    /// which drops the value too.
    ///
    /// # Errors
    ///
    /// Gives the value back if the receiver was dropped or closed.
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        if self.shared.is_closed() {
            return Err(value);
        }
        self.shared.put(value);
        // The drop of `self` completes the channel and wakes the receiver.
        Ok(())
    }

    /// Waits until the receiver is dropped or closed: nobody wants the value any more.
    ///
    /// ```
    /// # hanol::block_on(async {
    /// use hanol::sync::oneshot;
    ///
    /// let (mut sender, receiver) = oneshot::channel::<u8>();
    /// hanol::spawn(async move { drop(receiver) });
    /// sender.closed().await;
    /// assert_eq!(sender.send(1), Err(1));
    /// # });
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost, and the task waits no longer.
    #[track_caller]
    pub fn closed(&mut self) -> Closed<'_, T> {
        Closed { shared: &self.shared, waits: false, location: Location::caller() }
    }

    /// Whether the receiver was dropped or closed, so that [`send`](Self::send) will fail.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Polls for [`closed`](Self::closed). Of several wakers the last one is woken.
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        poll_closed(&self.shared, cx, Location::caller())
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        self.shared.complete();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

/// The future of [`Sender::closed`].
#[must_use = "futures do nothing unless awaited"]
pub struct Closed<'a, T> {
    shared: &'a Shared<T>,
    waits: bool,
    location: &'static Location<'static>,
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let closed = poll_closed(self.shared, cx, self.location);
        self.waits = closed.is_pending();
        closed
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        if self.waits {
            self.shared.forget_sender();
        }
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

fn poll_closed<T>(shared: &Shared<T>, cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<()> {
    ready!(budget::poll_proceed(cx, location));
    let closed = shared.poll_closed(cx);
    if closed.is_pending() {
        budget::give_back();
        waits_for(wait::CHANNEL_CLOSED, 0, location);
    }
    closed
}
