//! The guards of a lock that they keep alive.
//!
//! They have the value, or a share in it, since nothing else can be borrowed for as long as a guard likes. They have no
//! `map` for the same reason: a part of what is in a guard cannot be kept beside it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::{IS_ALONE, IS_THERE, RwLock};
use crate::sync::permits::HasPermits;

/// An [`RwLock`] that is held to read, and kept alive. Dropping it frees the lock.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct OwnedRwLockReadGuard<T> {
    /// `Some` until it is dropped.
    value: Option<Rc<T>>,
    lock: Rc<RwLock<T>>,
}

/// An [`RwLock`] that is held to write, and kept alive. Dropping it frees the lock.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct OwnedRwLockWriteGuard<T> {
    /// `Some` until it is dropped or downgraded.
    value: Option<Rc<T>>,
    lock: Rc<RwLock<T>>,
}

impl<T> OwnedRwLockReadGuard<T> {
    /// For one who has taken a permit.
    pub(super) fn new(lock: Rc<RwLock<T>>) -> Self {
        Self { value: Some(lock.share()), lock }
    }

    /// The lock that it holds.
    pub fn rwlock(this: &Self) -> &Rc<RwLock<T>> {
        &this.lock
    }
}

impl<T> OwnedRwLockWriteGuard<T> {
    /// For one who has taken all permits.
    pub(super) fn new(lock: Rc<RwLock<T>>) -> Self {
        Self { value: lock.value.take(), lock }
    }

    /// Goes on to read only, and lets others read too. Nobody writes in between.
    pub fn downgrade(mut self) -> OwnedRwLockReadGuard<T> {
        self.lock.value.replace(self.value.take());
        let reader = OwnedRwLockReadGuard::new(Rc::clone(&self.lock));
        self.lock.permits().keep_one();
        reader
    }

    /// The lock that it holds.
    pub fn rwlock(this: &Self) -> &Rc<RwLock<T>> {
        &this.lock
    }
}

impl<T> Drop for OwnedRwLockReadGuard<T> {
    fn drop(&mut self) {
        // First, so that a writer who is woken finds itself alone. The lock has the value too, so it is not dropped.
        self.value = None;
        self.lock.permits().release(1);
    }
}

impl<T> Drop for OwnedRwLockWriteGuard<T> {
    fn drop(&mut self) {
        // One that was downgraded has left its value and its permits to the reader.
        if let Some(value) = self.value.take() {
            self.lock.value.replace(Some(value));
            self.lock.permits().release(self.lock.permits().all());
        }
    }
}

impl<T> Deref for OwnedRwLockReadGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value.as_ref().expect(IS_THERE)
    }
}

impl<T> Deref for OwnedRwLockWriteGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value.as_ref().expect(IS_THERE)
    }
}

impl<T> DerefMut for OwnedRwLockWriteGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        Rc::get_mut(self.value.as_mut().expect(IS_THERE)).expect(IS_ALONE)
    }
}

impl<T: fmt::Debug> fmt::Debug for OwnedRwLockReadGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for OwnedRwLockReadGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for OwnedRwLockWriteGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
