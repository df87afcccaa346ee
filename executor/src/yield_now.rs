//! Giving way to the other tasks.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::wait::{WaitKind, waits_for};

/// Gives way once: every task that is ready now runs before this one goes on.
///
/// # Cancel safety
///
/// Dropping the future early has no effect beyond not having given way.
#[track_caller]
pub fn yield_now() -> YieldNow {
    YieldNow { location: Location::caller(), yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    location: &'static Location<'static>,
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        waits_for(WaitKind::YIELD, 0, self.location);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
