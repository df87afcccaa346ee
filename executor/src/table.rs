//! The slot table: every task of a runtime, its state, and the run queue over them.
//!
//! Plain data: nothing here runs foreign code, and each function completes its change before it returns. What has to be
//! polled, woken or dropped is handed out to the caller, who does it once the borrow of the table has ended.
//!
//! Slot 0 belongs to the future of `block_on`, which lives on the caller's stack and so has no box.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::panic::Location;
use std::task::Waker;

use slab::Slab;

use crate::cell::BoxedTask;
use crate::contain::wake;
use crate::id::Id;
use crate::join_set::Member;
use crate::state::{ABORTED, FINISHED, JOINED, JoinedBy, LIVE, NAMED, QUEUED, RUNNING, State};
use crate::wait::{WaitKind, WaitRecord};
use crate::waker::{MAX_SLOTS, TaskRef};

/// The slot of `block_on`'s future.
pub(crate) const MAIN: u32 = 0;

pub(crate) struct Table {
    runtime_index: u16,
    slots: Vec<Slot>,
    /// Vacant slots, the one that was given back last on top.
    vacant: Vec<u32>,
    /// Slots whose task is ready, in the order in which they were woken.
    queue: VecDeque<u32>,
    joiners: Slab<Joiner>,
    names: HashMap<u32, Box<str>>,
    next_number: u32,
    /// Tasks that have not finished, without `block_on`'s.
    unfinished: usize,
}

struct Slot {
    task: Option<BoxedTask>,
    spawned_at: &'static Location<'static>,
    wait_location: Option<&'static Location<'static>>,
    /// The kind of the wait in the upper 8 bits, the resource in the lower 24.
    wait: u32,
    number: u32,
    polls: u32,
    state: State,
}

/// Whom to tell when a task has finished, if it is not a task of the same runtime: that is noted in the state.
pub(crate) enum Joiner {
    Waker(Waker),
    Set(Member),
}

impl Joiner {
    /// May run foreign code: the caller holds no borrow.
    #[inline]
    pub(crate) fn notify(self) {
        match self {
            Self::Waker(waker) => wake(waker),
            Self::Set(member) => member.finished(),
        }
    }
}

/// What was next in the run queue.
pub(crate) enum Next {
    /// The queue is empty.
    Nothing,
    /// The entry was outdated: its task has ended meanwhile.
    Outdated,
    /// The future of `block_on`.
    Main,
    /// A task: poll it, then give it back with [`Table::pend`] or [`Table::finish`].
    Task(BoxedTask, TaskRef),
}

/// What to do with a task whose poll returned `Pending`.
#[must_use]
pub(crate) enum Pended {
    Waits,
    /// It was aborted during the poll: cancel it, then [`Table::finish`] it.
    Cancel(BoxedTask),
}

/// What a finished or detached task leaves to do, without a borrow of the table.
#[must_use]
pub(crate) struct Finished {
    pub(crate) joiner: Option<Joiner>,
    /// The box, if nobody will ask for the result.
    pub(crate) unwanted: Option<BoxedTask>,
}

/// What became of a new joiner.
#[must_use = "what is in it is dropped or notified when no borrow is held"]
pub(crate) enum SetJoiner {
    /// It is registered, in the place of another.
    Set(Option<Joiner>),
    /// The task has finished: the joiner is to be told now.
    Finished(Joiner),
}

/// The answer to a join handle. Without data: an enum that holds the box costs more to move than it does to ask twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// The result is there: [`Table::take_finished`].
    Finished,
    /// It will be woken.
    Waits,
    /// Its waker is foreign and has to be cloned, for [`Table::set_joiner`].
    NeedsWaker,
    /// There is no such task: the runtime has dropped it.
    Gone,
}

impl Table {
    pub(crate) fn new(runtime_index: u16) -> Self {
        Self {
            runtime_index,
            slots: vec![Slot::vacant(Location::caller())],
            vacant: Vec::new(),
            queue: VecDeque::new(),
            joiners: Slab::new(),
            names: HashMap::new(),
            next_number: 1,
            unfinished: 0,
        }
    }

    pub(crate) fn is_queue_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// Takes in a new task, ready to run, with an interested join handle. A full table gives the task back.
    #[inline]
    pub(crate) fn insert(
        &mut self,
        task: BoxedTask,
        name: Option<Box<str>>,
        spawned_at: &'static Location<'static>,
    ) -> Result<Id, BoxedTask> {
        if self.vacant.is_empty() && self.slots.len() == MAX_SLOTS {
            return Err(task);
        }
        let number = self.next_number;
        // Number 0 is `block_on`'s.
        self.next_number = number.checked_add(1).unwrap_or(1);
        self.unfinished += 1;

        let index = match self.vacant.pop() {
            Some(index) => index,
            None => {
                self.slots.push(Slot::vacant(spawned_at));
                (self.slots.len() - 1) as u32
            }
        };
        // Field by field: a slot that is built elsewhere and moved here costs twice as much.
        let slot = &mut self.slots[index as usize];
        slot.task = Some(task);
        slot.spawned_at = spawned_at;
        slot.wait = 0;
        slot.number = number;
        slot.polls = 0;
        slot.state = State::VACANT;
        slot.state.set(LIVE | QUEUED | JOINED);
        if let Some(name) = name {
            slot.state.set(NAMED);
            self.names.insert(index, name);
        }
        self.queue.push_back(index);
        Ok(Id { number, slot: index })
    }

    /// Queues a task, unless it is queued already, has ended, or the reference is outdated.
    #[inline]
    pub(crate) fn wake(&mut self, task: TaskRef) {
        if self.slots.get(task.slot() as usize).is_some_and(|slot| task.fits(slot.number)) {
            self.queue(task.slot());
        }
    }

    /// Queues the task in this slot, unless it is queued already or has ended.
    #[inline]
    fn queue(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.state.takes_wakes() {
            slot.state.set(QUEUED);
            self.queue.push_back(index);
        }
    }

    /// Takes the next ready task out of its slot.
    #[inline]
    pub(crate) fn next(&mut self) -> Next {
        let Some(index) = self.queue.pop_front() else { return Next::Nothing };
        let slot = &mut self.slots[index as usize];
        slot.state.clear(QUEUED);
        if !slot.state.has(LIVE) {
            if index != MAIN {
                self.vacant.push(index);
            }
            return Next::Outdated;
        }
        if slot.state.has(FINISHED) {
            return Next::Outdated;
        }
        slot.polls = slot.polls.saturating_add(1);
        slot.wait = 0;
        slot.state.set(RUNNING);
        match slot.task.take() {
            Some(task) => Next::Task(task, TaskRef::new(self.runtime_index, slot.number, index)),
            None if index == MAIN => Next::Main,
            // It is being dropped at this moment, by an abort outside of the loop.
            None => Next::Outdated,
        }
    }

    /// Puts back a task that waits, for what it has noted.
    #[inline]
    pub(crate) fn pend(&mut self, slot: u32, task: BoxedTask, wait: Option<WaitRecord>) -> Pended {
        let slot = &mut self.slots[slot as usize];
        if slot.state.has(ABORTED) {
            return Pended::Cancel(task);
        }
        slot.state.clear(RUNNING);
        slot.task = Some(task);
        slot.set_wait_record(wait);
        Pended::Waits
    }

    /// Takes note that the result of a task is in its box.
    #[inline]
    pub(crate) fn finish(&mut self, index: u32, task: BoxedTask) -> Finished {
        self.unfinished -= 1;
        let slot = &mut self.slots[index as usize];
        slot.state.clear(RUNNING);
        slot.state.set(FINISHED);
        let joined_by = slot.state.joiner();
        slot.state.set_joiner(JoinedBy::Nobody);
        let joiner = match joined_by {
            JoinedBy::Nobody => None,
            JoinedBy::Joiner(joiner) => Some(self.joiners.remove(joiner)),
            JoinedBy::Task(waiting) => {
                self.queue(waiting);
                None
            }
        };
        let slot = &mut self.slots[index as usize];
        if slot.state.has(JOINED) {
            slot.task = Some(task);
            return Finished { joiner, unwanted: None };
        }
        self.release(index);
        Finished { joiner, unwanted: Some(task) }
    }

    /// Begins to abort a task: the box to cancel and then [`Table::finish`], if that can be done at once. A running task
    /// is marked and ends when its poll returns.
    pub(crate) fn abort(&mut self, id: Id) -> Option<BoxedTask> {
        let slot = self.live_mut(id)?;
        if slot.state.has(FINISHED) {
            return None;
        }
        slot.state.set(ABORTED);
        let task = slot.task.take()?;
        slot.state.set(RUNNING);
        Some(task)
    }

    pub(crate) fn is_finished(&self, id: Id) -> bool {
        self.live(id).is_none_or(|slot| slot.state.has(FINISHED))
    }

    /// Whether a task has finished. Until then a waker of ours is registered as its joiner.
    #[inline]
    pub(crate) fn join(&mut self, id: Id, waker: &Waker) -> Join {
        let Some(slot) = self.slots.get_mut(id.slot as usize).filter(|slot| slot.is(id)) else { return Join::Gone };
        if slot.state.has(FINISHED) {
            return Join::Finished;
        }
        let ours = TaskRef::of(waker).filter(|task| task.runtime_index() == self.runtime_index);
        match (slot.state.joiner(), ours) {
            (JoinedBy::Nobody | JoinedBy::Task(_), Some(task)) => {
                slot.state.set_joiner(JoinedBy::Task(task.slot()));
                Join::Waits
            }
            (JoinedBy::Joiner(known), _) => match &self.joiners[known] {
                Joiner::Waker(known) if known.will_wake(waker) => Join::Waits,
                _ => Join::NeedsWaker,
            },
            (_, None) => Join::NeedsWaker,
        }
    }

    /// Gives up a finished task. The result is in its box.
    #[inline]
    pub(crate) fn take_finished(&mut self, id: Id) -> Option<BoxedTask> {
        let task = self.live_mut(id)?.task.take()?;
        self.release(id.slot);
        Some(task)
    }

    /// Registers whom to tell when a task has finished.
    #[inline]
    pub(crate) fn set_joiner(&mut self, id: Id, joiner: Joiner) -> SetJoiner {
        let slot = self.slots.get_mut(id.slot as usize).filter(|slot| slot.is(id) && !slot.state.has(FINISHED));
        let Some(slot) = slot else { return SetJoiner::Finished(joiner) };
        match slot.state.joiner() {
            JoinedBy::Joiner(index) => SetJoiner::Set(Some(mem::replace(&mut self.joiners[index], joiner))),
            JoinedBy::Nobody | JoinedBy::Task(_) => {
                slot.state.set_joiner(JoinedBy::Joiner(self.joiners.insert(joiner)));
                SetJoiner::Set(None)
            }
        }
    }

    /// Gives up the interest of a join handle. Returns what has to be dropped outside.
    #[must_use]
    pub(crate) fn detach(&mut self, id: Id) -> Option<Finished> {
        let slot = self.live_mut(id)?;
        slot.state.clear(JOINED);
        let joined_by = slot.state.joiner();
        slot.state.set_joiner(JoinedBy::Nobody);
        let finished = slot.state.has(FINISHED);
        let unwanted = if finished { slot.task.take() } else { None };
        if finished {
            self.release(id.slot);
        }
        let joiner = match joined_by {
            JoinedBy::Joiner(joiner) => Some(self.joiners.remove(joiner)),
            JoinedBy::Nobody | JoinedBy::Task(_) => None,
        };
        Some(Finished { joiner, unwanted })
    }

    /// The next unfinished task at or after `from` that is not running, marked as aborted, to be cancelled and finished.
    pub(crate) fn abort_from(&mut self, from: u32) -> Option<(Id, BoxedTask)> {
        for index in from as usize..self.slots.len() {
            let slot = &mut self.slots[index];
            if !slot.state.has(LIVE) || slot.state.has(FINISHED) {
                continue;
            }
            if let Some(task) = slot.task.take() {
                slot.state.set(ABORTED | RUNNING);
                return Some((Id { number: slot.number, slot: index as u32 }, task));
            }
        }
        None
    }

    /// Takes every result that nobody has fetched. Their handles find nothing any more.
    pub(crate) fn take_results(&mut self) -> Vec<BoxedTask> {
        let mut results = Vec::new();
        for index in 1..self.slots.len() {
            if self.slots[index].state.has(LIVE | FINISHED) {
                results.extend(self.slots[index].task.take());
                self.release(index as u32);
            }
        }
        results
    }

    /// Makes slot 0 that of a new `block_on`, queued for its first poll.
    pub(crate) fn begin_main(&mut self, location: &'static Location<'static>) -> TaskRef {
        let main = &mut self.slots[MAIN as usize];
        // Each `block_on` has a number of its own, so that a waker of the last one does not wake this one.
        main.number = main.number.wrapping_add(1);
        main.spawned_at = location;
        main.polls = 0;
        main.wait = 0;
        let queued = main.state.has(QUEUED);
        main.state = State::VACANT;
        main.state.set(LIVE | QUEUED);
        let number = main.number;
        if !queued {
            self.queue.push_back(MAIN);
        }
        TaskRef::new(self.runtime_index, number, MAIN)
    }

    pub(crate) fn pend_main(&mut self, wait: Option<WaitRecord>) {
        let main = &mut self.slots[MAIN as usize];
        main.state.clear(RUNNING);
        main.set_wait_record(wait);
    }

    pub(crate) fn end_main(&mut self) {
        self.slots[MAIN as usize].state.clear(LIVE | RUNNING);
    }

    /// The identity of the task in this slot. That of `block_on`'s future is always 0.
    pub(crate) fn id(&self, slot: u32) -> Id {
        Id { number: if slot == MAIN { 0 } else { self.slots[slot as usize].number }, slot }
    }

    /// All tasks that exist, `block_on`'s future first.
    pub(crate) fn views(&self) -> impl Iterator<Item = TaskView<'_>> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.state.has(LIVE)).map(|(index, slot)| TaskView {
            id: self.id(index as u32),
            name: if slot.state.has(NAMED) { self.names.get(&(index as u32)).map(|name| &**name) } else { None },
            spawned_at: slot.spawned_at,
            state: slot.state,
            wait: slot.wait_record(),
            polls: slot.polls,
        })
    }

    /// Gives a slot back: at once, or when its entry in the run queue has been popped.
    #[inline]
    fn release(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.state.has(NAMED) {
            self.names.remove(&index);
        }
        slot.state.clear(LIVE | NAMED);
        if !slot.state.has(QUEUED) {
            self.vacant.push(index);
        }
    }

    fn live(&self, id: Id) -> Option<&Slot> {
        self.slots.get(id.slot as usize).filter(|slot| slot.is(id))
    }

    fn live_mut(&mut self, id: Id) -> Option<&mut Slot> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.is(id))
    }
}

impl Slot {
    fn vacant(location: &'static Location<'static>) -> Self {
        Self {
            task: None,
            spawned_at: location,
            wait_location: None,
            wait: 0,
            number: 0,
            polls: 0,
            state: State::VACANT,
        }
    }

    /// Whether it holds the task of this identity.
    fn is(&self, id: Id) -> bool {
        self.number == id.number && self.state.has(LIVE)
    }

    /// Keeps what a poll has noted. The slot had no record since the poll began.
    #[inline]
    fn set_wait_record(&mut self, record: Option<WaitRecord>) {
        if let Some(WaitRecord { kind, resource, location }) = record {
            self.wait = u32::from(kind.0) << 24 | resource & 0x00ff_ffff;
            self.wait_location = Some(location);
        }
    }

    fn wait_record(&self) -> Option<WaitRecord> {
        let kind = (self.wait >> 24) as u8;
        let location = self.wait_location.filter(|_| kind != 0)?;
        Some(WaitRecord { kind: WaitKind(kind), resource: self.wait & 0x00ff_ffff, location })
    }
}

/// What the table knows of a task.
pub(crate) struct TaskView<'a> {
    pub(crate) id: Id,
    pub(crate) name: Option<&'a str>,
    pub(crate) spawned_at: &'static Location<'static>,
    pub(crate) state: State,
    pub(crate) wait: Option<WaitRecord>,
    pub(crate) polls: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_48_bytes() {
        assert_eq!(size_of::<Slot>(), 48, "a suspended task's memory is stated in the README");
    }
}
