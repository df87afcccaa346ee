//! Waiting for permits: the inside of every future of the semaphore and the locks.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use hanol_executor::{WaitKind, budget, waits_for};

use super::permits::HasPermits;
use super::semaphore::{AcquireError, TryAcquireError};
use super::wait_list::Key;

/// A claim to permits of a lock, which is borrowed or counted: `L` is a reference or an `Rc`.
///
/// Dropping it gives up its place in the line, and passes on the permits that it has got by then.
pub(super) struct Claim<L: Deref<Target: HasPermits>> {
    /// `None` when it is over.
    lock: Option<L>,
    asked: usize,
    place: Option<Key>,
    kind: WaitKind,
    location: &'static Location<'static>,
}

impl<L: Deref<Target: HasPermits>> Claim<L> {
    pub(super) fn new(lock: L, asked: usize, kind: WaitKind, location: &'static Location<'static>) -> Self {
        Self { lock: Some(lock), asked, place: None, kind, location }
    }

    /// Waits for the permits. Once they are taken they belong to the caller, who gets the lock with them.
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<L, AcquireError>> {
        ready!(budget::poll_proceed(cx, self.location));
        let lock = self.lock.as_ref().expect(OVER);
        if self.place.is_some() || lock.permits().try_take(self.asked).is_err() {
            ready!(self.poll_place(cx))?;
        }
        Poll::Ready(Ok(self.lock.take().expect(OVER)))
    }

    /// As [`poll`](Self::poll), for what is never closed.
    #[inline]
    pub(super) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<L> {
        self.poll(cx).map(|result| result.unwrap_or_else(|_| unreachable!("nobody can close the permits of a lock")))
    }

    #[inline(never)]
    fn poll_place(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), AcquireError>> {
        let lock = self.lock.as_ref().expect(OVER);
        let permits = lock.permits();
        if self.place.as_ref().is_some_and(|key| !permits.poll_granted(key, cx)) {
            return self.pend();
        }
        match self.place.take() {
            Some(key) if permits.is_closed() => {
                permits.abandon(key);
                Poll::Ready(Err(AcquireError(())))
            }
            Some(key) => {
                permits.take_granted(key);
                Poll::Ready(Ok(()))
            }
            None => loop {
                match permits.try_take(self.asked) {
                    Ok(()) => return Poll::Ready(Ok(())),
                    Err(TryAcquireError::Closed) => return Poll::Ready(Err(AcquireError(()))),
                    Err(TryAcquireError::NoPermits) => {}
                }
                let waker = cx.waker().clone();
                // The clone may have brought permits. Then its drop, which may do as much, comes before they are taken.
                if permits.check(self.asked) == Err(TryAcquireError::NoPermits) {
                    self.place = Some(permits.wait(self.asked, waker));
                    return self.pend();
                }
            },
        }
    }

    fn pend<T>(&self) -> Poll<T> {
        budget::give_back();
        if let Some(lock) = &self.lock {
            waits_for(self.kind, lock.permits().holder_number(), self.location);
        }
        Poll::Pending
    }
}

const OVER: &str = "a future is not polled again after its end";

impl<L: Deref<Target: HasPermits>> Drop for Claim<L> {
    #[inline]
    fn drop(&mut self) {
        if let (Some(lock), Some(key)) = (&self.lock, self.place.take()) {
            lock.permits().abandon(key);
        }
    }
}

impl<L: Deref<Target: HasPermits>> fmt::Debug for Claim<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("asked", &self.asked).field("waits", &self.place.is_some()).finish()
    }
}
