//! The futures that wait for a mutex.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::{Mutex, MutexGuard, OwnedMutexGuard};
use crate::sync::claim::Claim;
use crate::wait;

/// The future of [`Mutex::lock`].
#[must_use = "futures do nothing unless awaited"]
pub struct Lock<'a, T> {
    claim: Claim<&'a Mutex<T>>,
}

/// The future of [`Mutex::lock_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct LockOwned<T> {
    claim: Claim<Rc<Mutex<T>>>,
}

impl<'a, T> Lock<'a, T> {
    pub(super) fn new(mutex: &'a Mutex<T>, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(mutex, 1, wait::LOCK, location) }
    }
}

impl<T> LockOwned<T> {
    pub(super) fn new(mutex: Rc<Mutex<T>>, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(mutex, 1, wait::LOCK, location) }
    }
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = MutexGuard<'a, T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(MutexGuard::new)
    }
}

impl<T> Future for LockOwned<T> {
    type Output = OwnedMutexGuard<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(OwnedMutexGuard::new)
    }
}

impl<T> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("claim", &self.claim).finish()
    }
}

impl<T> fmt::Debug for LockOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockOwned").field("claim", &self.claim).finish()
    }
}
