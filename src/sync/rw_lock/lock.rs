//! The futures that wait for a lock of readers and writers.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::sync::claim::Claim;
use crate::sync::permits::HasPermits;
use crate::wait;

/// The future of [`RwLock::read`].
#[must_use = "futures do nothing unless awaited"]
pub struct ReadLock<'a, T> {
    claim: Claim<&'a RwLock<T>>,
}

/// The future of [`RwLock::write`].
#[must_use = "futures do nothing unless awaited"]
pub struct WriteLock<'a, T> {
    claim: Claim<&'a RwLock<T>>,
}

/// The future of [`RwLock::read_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct ReadLockOwned<T> {
    claim: Claim<Rc<RwLock<T>>>,
}

/// The future of [`RwLock::write_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct WriteLockOwned<T> {
    claim: Claim<Rc<RwLock<T>>>,
}

impl<'a, T> ReadLock<'a, T> {
    pub(super) fn new(lock: &'a RwLock<T>, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(lock, 1, wait::READ_LOCK, location) }
    }
}

impl<'a, T> WriteLock<'a, T> {
    pub(super) fn new(lock: &'a RwLock<T>, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(lock, lock.permits().all(), wait::WRITE_LOCK, location) }
    }
}

impl<T> ReadLockOwned<T> {
    pub(super) fn new(lock: Rc<RwLock<T>>, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(lock, 1, wait::READ_LOCK, location) }
    }
}

impl<T> WriteLockOwned<T> {
    pub(super) fn new(lock: Rc<RwLock<T>>, location: &'static Location<'static>) -> Self {
        let all = lock.permits().all();
        Self { claim: Claim::new(lock, all, wait::WRITE_LOCK, location) }
    }
}

impl<'a, T> Future for ReadLock<'a, T> {
    type Output = RwLockReadGuard<'a, T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(RwLockReadGuard::new)
    }
}

impl<'a, T> Future for WriteLock<'a, T> {
    type Output = RwLockWriteGuard<'a, T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(RwLockWriteGuard::new)
    }
}

impl<T> Future for ReadLockOwned<T> {
    type Output = OwnedRwLockReadGuard<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(OwnedRwLockReadGuard::new)
    }
}

impl<T> Future for WriteLockOwned<T> {
    type Output = OwnedRwLockWriteGuard<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.claim.poll_open(cx).map(OwnedRwLockWriteGuard::new)
    }
}

impl<T> fmt::Debug for ReadLock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadLock").field("claim", &self.claim).finish()
    }
}

impl<T> fmt::Debug for WriteLock<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteLock").field("claim", &self.claim).finish()
    }
}

impl<T> fmt::Debug for ReadLockOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadLockOwned").field("claim", &self.claim).finish()
    }
}

impl<T> fmt::Debug for WriteLockOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteLockOwned").field("claim", &self.claim).finish()
    }
}
