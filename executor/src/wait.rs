//! What a task waits for, and where: the record that a leaf operation leaves when it returns `Pending`.

use std::cell::Cell;
use std::panic::Location;

/// A kind of wait, named by whoever waits. The executor keeps the number and does not interpret it.
///
/// Numbers below 16 belong to the executor: [`WaitKind::JOIN`], [`WaitKind::YIELD`], [`WaitKind::BUDGET`] and
/// [`WaitKind::BLOCKING`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WaitKind(pub u8);

impl WaitKind {
    /// Waits for a task to finish; the resource is that task's slot.
    pub const JOIN: Self = Self(1);
    /// Has given way and is about to go on.
    pub const YIELD: Self = Self(2);
    /// Has used up its operations for one poll and is about to go on.
    pub const BUDGET: Self = Self(3);
    /// Waits for a closure that blocks on another thread.
    pub const BLOCKING: Self = Self(4);
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

/// What has been noted in the poll that goes on. It stands beside the task's slot so that a note costs a few stores.
///
/// Each field is a cell of its own. A record as a whole would be put together on the stack, and copied from there before
/// the processor has it: that would cost more than all the rest of a poll.
struct Noted {
    /// `None` without a note; the others mean nothing then.
    location: Cell<Option<&'static Location<'static>>>,
    kind: Cell<WaitKind>,
    resource: Cell<u32>,
}

thread_local! {
    static NOTED: Noted =
        const { Noted { location: Cell::new(None), kind: Cell::new(WaitKind(0)), resource: Cell::new(0) } };
}

/// Notes what the current task waits for. The last note of a poll is the one that is kept, if the task waits then.
///
/// Outside a task of this thread's executor it does nothing.
#[inline]
pub fn waits_for(kind: WaitKind, resource: u32, location: &'static Location<'static>) {
    note_wait(WaitRecord { kind, resource, location });
}

/// As [`waits_for`], with a record that was made before.
#[inline]
pub fn note_wait(record: WaitRecord) {
    NOTED.with(|noted| {
        noted.kind.set(record.kind);
        noted.resource.set(record.resource);
        noted.location.set(Some(record.location));
    });
}

/// Whether the current task has noted in this poll what it waits for. A future that waits for another one, and only for so
/// long, leaves the other's note in place.
#[inline]
pub fn has_noted_wait() -> bool {
    NOTED.with(|noted| noted.location.get().is_some())
}

/// Takes back what the current task has noted in this poll, so far. A future that waits for several others does this after
/// each of them, and chooses which note is kept.
#[inline]
pub fn take_noted_wait() -> Option<WaitRecord> {
    let noted = noted_wait()?;
    begin_poll();
    Some(noted)
}

/// What the current task has noted in this poll, so far.
#[inline]
pub(crate) fn noted_wait() -> Option<WaitRecord> {
    NOTED.with(|noted| {
        let location = noted.location.get()?;
        Some(WaitRecord { kind: noted.kind.get(), resource: noted.resource.get(), location })
    })
}

/// Starts a poll without a note.
#[inline]
pub(crate) fn begin_poll() {
    NOTED.with(|noted| noted.location.set(None));
}
