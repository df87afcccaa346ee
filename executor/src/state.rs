//! The state of a slot, in one word.
//!
//! | bit        | set when                                              | cleared when                                |
//! |------------|-------------------------------------------------------|---------------------------------------------|
//! | `LIVE`     | a task is put into the slot                           | the slot is given back                      |
//! | `QUEUED`   | its index is pushed on the run queue, once            | its index is popped                         |
//! | `RUNNING`  | the box is taken out, to be polled or cancelled       | the box is put back, or the slot given back |
//! | `ABORTED`  | it is aborted while it runs                           | never; read when the poll returns           |
//! | `FINISHED` | the box holds a result instead of a future            | never                                       |
//! | `JOINED`   | it is spawned: a join handle exists                   | the handle is dropped                       |
//! | `NAMED`    | it is spawned with a name                             | never                                       |
//! | `BY_TASK`  | its joiner is a task of the same runtime              | with the joiner                             |
//!
//! `QUEUED` outlives `LIVE`: a slot that is given back while its index is queued is reused only when the index has been
//! popped. So an index is in the run queue at most once, and exactly when the bit is set.
//!
//! The upper 24 bits are the task's joiner, if it has one: with `BY_TASK` the slot of the task that awaits it, else an
//! index into the table of joiners. Most joiners are tasks of the same runtime, and a slot is all that it takes to wake
//! one. It may have ended meanwhile: then whoever has the slot is polled once too often, which wakers allow.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct State(u32);

pub(crate) const LIVE: u32 = 1;
pub(crate) const QUEUED: u32 = 1 << 1;
pub(crate) const RUNNING: u32 = 1 << 2;
pub(crate) const ABORTED: u32 = 1 << 3;
pub(crate) const FINISHED: u32 = 1 << 4;
pub(crate) const JOINED: u32 = 1 << 5;
pub(crate) const NAMED: u32 = 1 << 6;
const BY_TASK: u32 = 1 << 7;

const JOINER_SHIFT: u32 = 8;
const NO_JOINER: u32 = u32::MAX >> JOINER_SHIFT;

impl State {
    pub(crate) const VACANT: Self = Self(NO_JOINER << JOINER_SHIFT);

    pub(crate) fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    pub(crate) fn set(&mut self, bits: u32) {
        self.0 |= bits;
    }

    pub(crate) fn clear(&mut self, bits: u32) {
        self.0 &= !bits;
    }

    /// Whether a wake has to queue the task: it can still run and is not queued yet.
    pub(crate) fn takes_wakes(self) -> bool {
        self.0 & (LIVE | QUEUED | FINISHED) == LIVE
    }

    pub(crate) fn joiner(self) -> JoinedBy {
        let index = self.0 >> JOINER_SHIFT;
        match self.has(BY_TASK) {
            _ if index == NO_JOINER => JoinedBy::Nobody,
            true => JoinedBy::Task(index),
            false => JoinedBy::Joiner(index as usize),
        }
    }

    /// Slots and joiners have indexes of 24 bits at most, and none is the largest: slots are limited, and there are never
    /// more joiners than slots.
    pub(crate) fn set_joiner(&mut self, joiner: JoinedBy) {
        let (index, flag) = match joiner {
            JoinedBy::Nobody => (NO_JOINER, 0),
            JoinedBy::Task(slot) => (slot, BY_TASK),
            JoinedBy::Joiner(index) => (index as u32, 0),
        };
        self.0 = index << JOINER_SHIFT | flag | self.0 & (BY_TASK - 1);
    }
}

/// Who awaits a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum JoinedBy {
    Nobody,
    /// The task in this slot.
    Task(u32),
    /// An entry of the table of joiners.
    Joiner(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_joiner_and_the_flags_do_not_touch_each_other() {
        let mut state = State::VACANT;
        assert_eq!(state.joiner(), JoinedBy::Nobody);
        state.set(LIVE | JOINED);
        for joiner in [JoinedBy::Joiner(12_345), JoinedBy::Task(0), JoinedBy::Task(NO_JOINER - 1), JoinedBy::Joiner(0)]
        {
            state.set_joiner(joiner);
            assert_eq!(state.joiner(), joiner);
            assert!(state.has(LIVE | JOINED) && !state.has(QUEUED));
        }
        state.clear(JOINED);
        assert_eq!(state.joiner(), JoinedBy::Joiner(0));
        state.set_joiner(JoinedBy::Nobody);
        assert_eq!(state.joiner(), JoinedBy::Nobody);
        assert!(state.has(LIVE) && state.takes_wakes());
        state.set(QUEUED);
        assert!(!state.takes_wakes());
    }
}
