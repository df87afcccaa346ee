//! Permits that go back when they are dropped.

use std::fmt;
use std::ptr;
use std::rc::Rc;

use super::Semaphore;

/// Permits of a [`Semaphore`]. Dropping them gives them back.
#[must_use = "permits go back when they are dropped"]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

/// Permits of a [`Semaphore`] that they keep alive. Dropping them gives them back.
#[must_use = "permits go back when they are dropped"]
pub struct OwnedSemaphorePermit {
    semaphore: Rc<Semaphore>,
    count: usize,
}

impl<'a> SemaphorePermit<'a> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore, count: usize) -> Self {
        Self { semaphore, count }
    }

    /// Drops the permits without giving them back: the semaphore has so many less from then on.
    pub fn forget(mut self) {
        self.count = 0;
    }

    /// Takes in the permits of another one.
    ///
    /// # Panics
    ///
    /// When they are of another semaphore. The other permits go back then.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(ptr::eq(self.semaphore, other.semaphore), "permits of one semaphore were merged with those of another");
        self.count = self.count.checked_add(other.count).expect("fewer than 2⁶⁴ permits");
        other.count = 0;
    }

    /// Splits off so many of the permits. `None` if it has fewer.
    pub fn split(&mut self, count: usize) -> Option<Self> {
        self.count = self.count.checked_sub(count)?;
        Some(Self { semaphore: self.semaphore, count })
    }

    /// The semaphore whose permits these are.
    pub fn semaphore(&self) -> &'a Semaphore {
        self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.count
    }
}

impl OwnedSemaphorePermit {
    #[inline]
    pub(super) fn new(semaphore: Rc<Semaphore>, count: usize) -> Self {
        Self { semaphore, count }
    }

    /// Drops the permits without giving them back: the semaphore has so many less from then on.
    pub fn forget(mut self) {
        self.count = 0;
    }

    /// Takes in the permits of another one.
    ///
    /// # Panics
    ///
    /// When they are of another semaphore. The other permits go back then.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        let same = Rc::ptr_eq(&self.semaphore, &other.semaphore);
        assert!(same, "permits of one semaphore were merged with those of another");
        self.count = self.count.checked_add(other.count).expect("fewer than 2⁶⁴ permits");
        other.count = 0;
    }

    /// Splits off so many of the permits. `None` if it has fewer.
    pub fn split(&mut self, count: usize) -> Option<Self> {
        self.count = self.count.checked_sub(count)?;
        Some(Self { semaphore: Rc::clone(&self.semaphore), count })
    }

    /// The semaphore whose permits these are.
    pub fn semaphore(&self) -> &Rc<Semaphore> {
        &self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.count
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.release(self.count);
    }
}

impl Drop for OwnedSemaphorePermit {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.permits.release(self.count);
    }
}

impl fmt::Debug for SemaphorePermit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphorePermit").field("count", &self.count).finish_non_exhaustive()
    }
}

impl fmt::Debug for OwnedSemaphorePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedSemaphorePermit").field("count", &self.count).finish_non_exhaustive()
    }
}
