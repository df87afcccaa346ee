//! The task list: what every task is doing, without touching any of them.

use std::panic::Location;

use crate::core::Core;
use crate::id::Id;
use crate::state::{FINISHED, QUEUED, RUNNING};
use crate::table::TaskView;
use crate::wait::WaitRecord;

/// A task at the moment of a snapshot.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The task's identity; the future of `block_on` is 0.
    pub id: Id,
    /// The name that [`Builder::name`](crate::Builder::name) gave it.
    pub name: Option<String>,
    /// The line that spawned it.
    pub spawned_at: &'static Location<'static>,
    /// Whether it runs, waits or has ended.
    pub state: TaskState,
    /// What it said it waits for when it was last polled. `None` for a future that keeps no record.
    pub waits_for: Option<WaitRecord>,
    /// How often it was polled. The count stops at 2³² − 1.
    pub polls: u32,
}

/// What a task is doing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TaskState {
    /// It is being polled, or dropped, now.
    Running,
    /// It was woken and is in the run queue.
    Ready,
    /// It waits to be woken.
    Waiting,
    /// It has ended, and its join handle has not fetched the result.
    Finished,
}

pub(crate) fn take(core: &Core) -> Vec<TaskInfo> {
    core.view(|tasks| tasks.map(TaskInfo::from).collect())
}

impl From<TaskView<'_>> for TaskInfo {
    fn from(task: TaskView<'_>) -> Self {
        let state = if task.state.has(FINISHED) {
            TaskState::Finished
        } else if task.state.has(RUNNING) {
            TaskState::Running
        } else if task.state.has(QUEUED) {
            TaskState::Ready
        } else {
            TaskState::Waiting
        };
        TaskInfo {
            id: task.id,
            name: task.name.map(str::to_owned),
            spawned_at: task.spawned_at,
            state,
            waits_for: task.wait.filter(|_| state != TaskState::Finished),
            polls: task.polls,
        }
    }
}
