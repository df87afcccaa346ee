//! What a task waits for, and where: the record that a leaf operation leaves when it returns `Pending`.

use std::panic::Location;

use crate::context;

/// A kind of wait, named by whoever waits. The executor keeps the number and does not interpret it.
///
/// Numbers below 16 belong to the executor: [`WaitKind::JOIN`], [`WaitKind::YIELD`] and [`WaitKind::BUDGET`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WaitKind(pub u8);

impl WaitKind {
    /// Waits for a task to finish; the resource is that task's slot.
    pub const JOIN: Self = Self(1);
    /// Has given way and is about to go on.
    pub const YIELD: Self = Self(2);
    /// Has used up its operations for one poll and is about to go on.
    pub const BUDGET: Self = Self(3);
}

/// What a task waits for: the kind, which resource, and the line of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitRecord {
    /// What is waited for.
    pub kind: WaitKind,
    /// Which one: for a socket its registration's slot, for a join the task's slot. 24 bits are kept.
    pub resource: u32,
    /// The line that called the operation.
    pub location: &'static Location<'static>,
}

/// Notes what the current task waits for. The last note of a poll is the one that is kept.
///
/// Outside a task of this thread's executor it does nothing.
#[inline]
pub fn waits_for(kind: WaitKind, resource: u32, location: &'static Location<'static>) {
    context::with_core(|core| core.note_wait(WaitRecord { kind, resource, location }));
}

/// Whether the current task has noted in this poll what it waits for. A future that waits for another one, and only for so
/// long, leaves the other's note in place.
#[inline]
pub fn has_noted_wait() -> bool {
    context::with_core(|core| core.has_noted_wait()).unwrap_or(false)
}

/// What the current task has noted in this poll, so far. A future that waits for several others looks here after each of
/// them, to choose which note is kept.
#[inline]
pub fn noted_wait() -> Option<WaitRecord> {
    context::with_core(|core| core.noted_wait()).flatten()
}
