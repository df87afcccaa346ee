//! The guard of one who reads a lock that is borrowed.

use std::cell::Ref;
use std::fmt;
use std::ops::Deref;

use super::RwLock;
use crate::sync::held::Held;
use crate::sync::permits::HasPermits;

/// An [`RwLock`] that is held to read, or a part of its value. Dropping it frees the lock.
///
/// It may be held across an `.await`.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    value: Ref<'a, T>,
    /// Last, so that the value is not borrowed any more when the next task gets the lock.
    held: Held<'a>,
}

impl<'a, T> RwLockReadGuard<'a, T> {
    /// For one who has taken a permit.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        let held = Held::new(lock.permits(), 1);
        Self { value: lock.borrow(), held }
    }
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// For one who holds the lock already and has kept one permit.
    pub(super) fn downgraded(value: Ref<'a, T>, held: Held<'a>) -> Self {
        Self { value, held }
    }

    /// Keeps the lock for a part of the value.
    ///
    /// A function and not a method, since the value may have a method of this name.
    ///
    /// ```
    /// use hanol::sync::{RwLock, RwLockReadGuard};
    ///
    /// # hanol::block_on(async {
    /// let pair = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(pair.read().await, |pair| pair.1);
    /// assert_eq!(&*name, "one");
    /// assert!(pair.try_write().is_err());
    /// # });
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'a, U> {
        let Self { value, held } = this;
        RwLockReadGuard { value: Ref::map(value, part), held }
    }

    /// Keeps the lock for a part of the value, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> Option<&U>) -> Result<RwLockReadGuard<'a, U>, Self> {
        let Self { value, held } = this;
        match Ref::filter_map(value, part) {
            Ok(value) => Ok(RwLockReadGuard { value, held }),
            Err(value) => Err(Self { value, held }),
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
