//! What a task that polls several futures says that it waits for.

use std::panic::Location;
use std::ptr;

use hanol_executor::{WaitKind, WaitRecord, noted_wait, waits_for};

/// The branches that wait, in one poll, and what the first of them waits for.
///
/// A task's record has room for one wait, and what is noted last stays. So that the task list does not change with the
/// order in which the branches are polled, the note of the first branch as it is written is put back at the end.
#[derive(Debug)]
pub struct Waits {
    /// Whether any branch waits.
    any: bool,
    /// The first branch that has noted what it waits for, and its note.
    first: u32,
    record: Option<WaitRecord>,
    /// The note that is in place.
    last: Option<WaitRecord>,
}

impl Waits {
    /// No branch was polled yet.
    #[inline]
    pub fn new() -> Self {
        Self { any: false, first: u32::MAX, record: None, last: None }
    }

    /// A branch has returned `Pending`.
    #[inline]
    pub fn branch_waits(&mut self, number: u32) {
        self.any = true;
        let noted = noted_wait();
        // One that has noted nothing has left the note of another branch in place.
        if number < self.first && !is_same(noted, self.last) {
            self.first = number;
            self.record = noted;
        }
        self.last = noted;
    }

    /// Whether every branch that was polled is done.
    #[inline]
    pub fn are_none(&self) -> bool {
        !self.any
    }

    /// Puts the note of the first branch back. If no branch has noted anything, the macro itself is what the task waits
    /// in.
    #[inline]
    #[track_caller]
    pub fn keep_first(self, kind: WaitKind) {
        match self.record {
            None => waits_for(kind, 0, Location::caller()),
            Some(record) if !is_same(self.record, self.last) => {
                waits_for(record.kind, record.resource, record.location);
            }
            Some(_) => {}
        }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether two notes are of the same call. Comparing the text of the places would cost more than a poll.
fn is_same(left: Option<WaitRecord>, right: Option<WaitRecord>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => {
            ptr::eq(left.location, right.location) && (left.kind, left.resource) == (right.kind, right.resource)
        }
        _ => false,
    }
}
