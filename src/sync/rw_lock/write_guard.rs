//! The guards of one who writes a lock that is borrowed.

use std::cell::{Ref, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::{RwLock, RwLockReadGuard};
use crate::sync::held::Held;
use crate::sync::permits::HasPermits;

/// An [`RwLock`] that is held to write. Dropping it frees the lock.
///
/// It may be held across an `.await`.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct RwLockWriteGuard<'a, T> {
    value: RefMut<'a, T>,
    lock: &'a RwLock<T>,
    /// Last, so that the value is not borrowed any more when the next task gets the lock.
    held: Held<'a>,
}

/// A part of the value of an [`RwLock`] that is held to write. Dropping it frees the lock.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    value: RefMut<'a, T>,
    held: Held<'a>,
}

impl<'a, T> RwLockWriteGuard<'a, T> {
    /// For one who has taken all permits.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        let held = Held::new(lock.permits(), lock.permits().all());
        Self { value: lock.borrow_mut(), lock, held }
    }

    /// Keeps the lock for a part of the value.
    ///
    /// A function and not a method, since the value may have a method of this name.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'a, U> {
        RwLockMappedWriteGuard::map(Self::into_mapped(this), part)
    }

    /// Keeps the lock for a part of the value, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self> {
        let Self { value, lock, held } = this;
        match RefMut::filter_map(value, part) {
            Ok(value) => Ok(RwLockMappedWriteGuard { value, held }),
            Err(value) => Err(Self { value, lock, held }),
        }
    }

    /// The guard of a part that is the whole value.
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        let Self { value, held, .. } = this;
        RwLockMappedWriteGuard { value, held }
    }

    /// Goes on to read only, and lets others read too. Nobody writes in between.
    ///
    /// ```
    /// use hanol::sync::RwLock;
    ///
    /// # hanol::block_on(async {
    /// let lock = RwLock::new(1);
    /// let mut value = lock.write().await;
    /// *value = 2;
    /// let value = value.downgrade();
    /// assert_eq!((*value, *lock.read().await), (2, 2));
    /// # });
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        Self::downgrade_map(self, |value| value)
    }

    /// Goes on to read a part of the value only, and lets others read the value too. Nobody writes in between.
    pub fn downgrade_map<U: ?Sized>(this: Self, part: impl FnOnce(&T) -> &U) -> RwLockReadGuard<'a, U> {
        let Self { value, lock, mut held } = this;
        drop(value);
        let value = Ref::map(lock.borrow(), part);
        held.keep_one();
        RwLockReadGuard::downgraded(value, held)
    }

    /// Goes on to read a part of the value only, if it has that part, and lets others read the value too. Nobody writes in
    /// between.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_downgrade_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<RwLockReadGuard<'a, U>, Self> {
        let Self { value, lock, mut held } = this;
        drop(value);
        match Ref::filter_map(lock.borrow(), part) {
            Ok(value) => {
                held.keep_one();
                Ok(RwLockReadGuard::downgraded(value, held))
            }
            Err(value) => {
                drop(value);
                Err(Self { value: lock.borrow_mut(), lock, held })
            }
        }
    }
}

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// Keeps the lock for a part of this part.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> RwLockMappedWriteGuard<'a, U> {
        let Self { value, held } = this;
        RwLockMappedWriteGuard { value: RefMut::map(value, part), held }
    }

    /// Keeps the lock for a part of this part, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self> {
        let Self { value, held } = this;
        match RefMut::filter_map(value, part) {
            Ok(value) => Ok(RwLockMappedWriteGuard { value, held }),
            Err(value) => Err(Self { value, held }),
        }
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized> Deref for RwLockMappedWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for RwLockMappedWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockMappedWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
