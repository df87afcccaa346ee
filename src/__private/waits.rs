//! What a task that polls several futures says that it waits for.

use std::panic::Location;

use hanol_executor::{WaitKind, WaitRecord, note_wait, take_noted_wait, waits_for};

/// The branches that wait, in one poll, and what the first of them waits for.
///
/// A task's record has room for one wait, and what is noted last stays. So that the task list does not change with the
/// order in which the branches are polled, each branch begins without a note, what it leaves is taken, and at the end the
/// note of the first branch as it is written is put back.
#[derive(Debug)]
pub struct Waits {
    /// Whether any branch waits.
    any: bool,
    /// The first branch that has noted what it waits for, and its note.
    first: u32,
    record: Option<WaitRecord>,
    /// What the task had noted before, beside these branches.
    before: Option<WaitRecord>,
}

impl Waits {
    /// No branch was polled yet.
    #[inline]
    pub fn new() -> Self {
        Self { any: false, first: u32::MAX, record: None, before: take_noted_wait() }
    }

    /// A branch has returned `Pending`.
    #[inline]
    pub fn branch_waits(&mut self, number: u32) {
        self.any = true;
        let noted = take_noted_wait();
        if noted.is_some() && number < self.first {
            self.first = number;
            self.record = noted;
        }
    }

    /// Whether every branch that was polled is done.
    #[inline]
    pub fn are_none(&self) -> bool {
        !self.any
    }

    /// The task does not wait here. What it has noted before stays.
    #[inline]
    pub fn forget(self) {
        if let Some(before) = self.before {
            note_wait(before);
        }
    }

    /// The task waits here. If no branch has noted anything, nor the task before, the macro itself is what it waits in.
    #[inline]
    #[track_caller]
    pub fn keep_first(self, kind: WaitKind) {
        match self.record.or(self.before) {
            Some(record) => note_wait(record),
            None => waits_for(kind, 0, Location::caller()),
        }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self::new()
    }
}
