//! The guards of a mutex that is borrowed.

use std::cell::RefMut;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::Mutex;
use crate::sync::held::Held;
use crate::sync::permits::HasPermits;

/// A [`Mutex`] that is held. Dropping it frees the lock.
///
/// It may be held across an `.await`.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct MutexGuard<'a, T> {
    value: RefMut<'a, T>,
    mutex: &'a Mutex<T>,
    /// Last, so that the value is not borrowed any more when the next task gets the lock.
    held: Held<'a>,
}

/// A part of the value of a [`Mutex`] that is held. Dropping it frees the lock.
#[must_use = "the lock is freed when its guard is dropped"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    value: RefMut<'a, T>,
    held: Held<'a>,
}

impl<'a, T> MutexGuard<'a, T> {
    /// For one who has taken the permit.
    #[inline]
    pub(super) fn new(mutex: &'a Mutex<T>) -> Self {
        let held = Held::new(mutex.permits(), 1);
        Self { value: mutex.borrow(), mutex, held }
    }

    /// Keeps the lock for a part of the value.
    ///
    /// A function and not a method, since the value may have a method of this name.
    ///
    /// ```
    /// use hanol::sync::{Mutex, MutexGuard};
    ///
    /// # hanol::block_on(async {
    /// let pair = Mutex::new((1, "one"));
    /// let mut number = MutexGuard::map(pair.lock().await, |pair| &mut pair.0);
    /// *number += 1;
    /// assert!(pair.try_lock().is_err());
    /// drop(number);
    /// assert_eq!(pair.into_inner(), (2, "one"));
    /// # });
    /// ```
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> MappedMutexGuard<'a, U> {
        let Self { value, held, .. } = this;
        MappedMutexGuard { value: RefMut::map(value, part), held }
    }

    /// Keeps the lock for a part of the value, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        let Self { value, mutex, held } = this;
        match RefMut::filter_map(value, part) {
            Ok(value) => Ok(MappedMutexGuard { value, held }),
            Err(value) => Err(Self { value, mutex, held }),
        }
    }

    /// The lock that it holds.
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.mutex
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// Keeps the lock for a part of this part.
    pub fn map<U: ?Sized>(this: Self, part: impl FnOnce(&mut T) -> &mut U) -> MappedMutexGuard<'a, U> {
        let Self { value, held } = this;
        MappedMutexGuard { value: RefMut::map(value, part), held }
    }

    /// Keeps the lock for a part of this part, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, when `part` returns `None`.
    pub fn try_map<U: ?Sized>(
        this: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        let Self { value, held } = this;
        match RefMut::filter_map(value, part) {
            Ok(value) => Ok(MappedMutexGuard { value, held }),
            Err(value) => Err(Self { value, held }),
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
