//! The futures that the cases are made of. They contain as little as possible besides the wake that is measured.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Wakes its own task and waits, the given number of times.
#[derive(Debug)]
pub(crate) struct SelfWake {
    remaining: u64,
}

impl SelfWake {
    pub(crate) fn times(count: u64) -> Self {
        Self { remaining: count }
    }
}

impl Future for SelfWake {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.remaining == 0 {
            return Poll::Ready(());
        }
        self.remaining -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Which of the two tasks of a game of [`PingPong`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Left = 0,
    Right = 1,
}

thread_local! {
    // Tokio's `spawn` wants futures that are `Send`. A mutex would satisfy it and cost as much as a wake, so what
    // two tasks share stands beside the thread that runs them both.
    static WAITING: RefCell<[Option<Waker>; 2]> = const { RefCell::new([None, None]) };
    static FINISHED: Cell<u64> = const { Cell::new(0) };
}

/// Leaves a clone of its waker for the other side, wakes the other side and waits, the given number of times.
///
/// This is what a channel does for each message, without the message.
#[derive(Debug)]
pub(crate) struct PingPong {
    side: Side,
    remaining: u64,
}

impl PingPong {
    pub(crate) fn times(count: u64, side: Side) -> Self {
        Self { side, remaining: count }
    }
}

impl Future for PingPong {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let finished = self.remaining == 0;
        let own = (!finished).then(|| cx.waker().clone());
        let other = WAITING.with_borrow_mut(|waiting| {
            waiting[self.side as usize] = own;
            waiting[1 - self.side as usize].take()
        });
        if let Some(other) = other {
            other.wake();
        }
        if finished {
            return Poll::Ready(());
        }
        self.remaining -= 1;
        Poll::Pending
    }
}

/// Counts one detached task as finished.
pub(crate) fn finish() {
    FINISHED.set(FINISHED.get() + 1);
}

/// How many detached tasks have finished since the last call.
pub(crate) fn take_finished() -> u64 {
    FINISHED.take()
}

/// Polls the future once, which must leave it waiting, and drops it.
pub(crate) async fn poll_and_drop<F: Future>(future: F) {
    poll_once(pin!(future)).await;
}

/// Polls the future once in the context of the calling task, which must leave it waiting.
pub(crate) async fn poll_once<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending(), "the future was to wait");
        Poll::Ready(())
    })
    .await;
}
