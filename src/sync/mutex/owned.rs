//! The guard of a mutex that it keeps alive.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::{IS_THERE, Mutex};

/// A [`Mutex`] that is held, and kept alive. Dropping it frees the lock.
///
/// The value is in here until then, since nothing else can be borrowed for as long as the guard likes. It has no `map` for
/// the same reason: a part of what is in here cannot be kept beside it.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct OwnedMutexGuard<T> {
    /// `Some` until it is dropped.
    value: Option<T>,
    mutex: Rc<Mutex<T>>,
}

impl<T> OwnedMutexGuard<T> {
    /// For one who has taken the permit.
    pub(super) fn new(mutex: Rc<Mutex<T>>) -> Self {
        let value = mutex.value.take();
        Self { value, mutex }
    }

    /// The lock that it holds.
    pub fn mutex(this: &Self) -> &Rc<Mutex<T>> {
        &this.mutex
    }
}

impl<T> Drop for OwnedMutexGuard<T> {
    fn drop(&mut self) {
        let _none = self.mutex.value.replace(self.value.take());
        self.mutex.permits.release(1);
    }
}

impl<T> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value.as_ref().expect(IS_THERE)
    }
}

impl<T> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect(IS_THERE)
    }
}

impl<T: fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
