//! The numbers by which runtimes and tasks are known.

use std::fmt;

/// The number of a runtime: unique among 2³² runtimes of a process.
///
/// Its low half is an index into the process-wide table of inboxes, its high half counts how often that place was taken
/// before. Wakers carry the index alone; sockets, timers and handles carry both and so tell a successor from the
/// runtime they belong to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuntimeId(u32);

impl RuntimeId {
    pub(crate) fn new(index: u16, epoch: u16) -> Self {
        Self(u32::from(epoch) << 16 | u32::from(index))
    }

    pub(crate) fn index(self) -> u16 {
        self.0 as u16
    }

    /// The number itself, for those who store it elsewhere.
    pub fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RuntimeId({}.{})", self.index(), self.0 >> 16)
    }
}

/// The identity of a task, unique among the tasks of one runtime that exist at the same time.
///
/// It is shown as the number of the spawn: the first task of a runtime is 1, the future of `block_on` is 0. The number
/// wraps after 2³² spawns.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    pub(crate) number: u32,
    pub(crate) slot: u32,
}

impl Id {
    /// Stands for a task that its runtime never took in. No slot has this index.
    pub(crate) const UNKNOWN: Self = Self { number: 0, slot: u32::MAX };

    /// The task's place in the slot table, as the resource of a [join's record](crate::WaitKind::JOIN) names it.
    pub fn slot(self) -> u32 {
        self.slot
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({})", self.number)
    }
}
