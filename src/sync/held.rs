//! Permits that a guard holds.

use super::permits::Permits;

/// Permits that are taken, and go back when this is dropped.
///
/// A guard has it as its last field, so that the value is free when the next task is woken to take it.
pub(super) struct Held<'a> {
    permits: &'a Permits,
    count: usize,
}

impl<'a> Held<'a> {
    #[inline]
    pub(super) fn new(permits: &'a Permits, count: usize) -> Self {
        Self { permits, count }
    }

    /// Gives back all permits but one.
    pub(super) fn keep_one(&mut self) {
        debug_assert_eq!(self.count, self.permits.all());
        self.count = 1;
        self.permits.keep_one();
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.permits.release(self.count);
    }
}
