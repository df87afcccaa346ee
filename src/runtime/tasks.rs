//! The task list, in the words of the operations that tasks wait for.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;

use hanol_executor::{Id, TaskState, WaitKind};

use crate::sync;
use crate::wait;

/// All tasks of a runtime at one moment, the future of `block_on` first.
///
/// Its [`Display`](fmt::Display) has a line for each task:
///
/// ```text
/// task 0 waiting: accept (fd 5) at src/main.rs:12:37; spawned at src/main.rs:8:1; 3 polls
/// task 1 "peer 1" waiting: read (fd 6) at src/main.rs:20:32; spawned at src/main.rs:13:9; 7 polls
/// ```
#[derive(Clone, Debug, Default)]
pub struct TaskList(Vec<TaskInfo>);

/// A task at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// The task's identity; the future of `block_on` is 0.
    pub id: Id,
    /// The name that [`Builder::name`](crate::task::Builder::name) gave it.
    pub name: Option<String>,
    /// The line that spawned it, or called `block_on`.
    pub spawned_at: &'static Location<'static>,
    /// Whether it runs, waits or has ended.
    pub state: TaskState,
    /// What it waits for, if it said so: every operation of this crate does.
    pub waiting: Option<Waiting>,
    /// How often it was polled. The count stops at 2³² − 1.
    pub polls: u32,
}

/// What a task waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Waiting {
    /// The operation: `read`, `accept`, `sleep`, `join`.
    pub operation: &'static str,
    /// Which socket or task, as `fd 5` or `task 3`. For a lock who holds it, as `held by task 3`.
    pub resource: Option<String>,
    /// The line that called the operation. For `join` it is the line that spawned the awaited task.
    pub location: &'static Location<'static>,
}

impl TaskList {
    pub(super) fn new(tasks: Vec<hanol_executor::TaskInfo>) -> Self {
        let waiting = |record: hanol_executor::WaitRecord| {
            let number = match record.kind {
                WaitKind::JOIN => {
                    tasks.iter().find(|task| task.id.slot() == record.resource).map(|task| task.id.to_string())
                }
                wait::LOCK | wait::READ_LOCK | wait::WRITE_LOCK | wait::INITIALIZED => {
                    sync::task_that_holds(record.resource).map(|id| id.to_string())
                }
                _ => Some(record.resource.to_string()),
            };
            let resource = wait::resource(record.kind).zip(number).map(|(what, number)| format!("{what} {number}"));
            Waiting { operation: wait::name(record.kind), resource, location: record.location }
        };
        let info = |task: &hanol_executor::TaskInfo| TaskInfo {
            id: task.id,
            name: task.name.clone(),
            spawned_at: task.spawned_at,
            state: task.state,
            waiting: task.waits_for.map(waiting),
            polls: task.polls,
        };
        Self(tasks.iter().map(info).collect())
    }

    /// The list as a vector.
    pub fn into_vec(self) -> Vec<TaskInfo> {
        self.0
    }
}

impl Deref for TaskList {
    type Target = [TaskInfo];

    fn deref(&self) -> &[TaskInfo] {
        &self.0
    }
}

impl IntoIterator for TaskList {
    type Item = TaskInfo;
    type IntoIter = std::vec::IntoIter<TaskInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a TaskList {
    type Item = &'a TaskInfo;
    type IntoIter = std::slice::Iter<'a, TaskInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for TaskList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|task| writeln!(f, "{task}"))
    }
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", self.id)?;
        if let Some(name) = &self.name {
            write!(f, " {name:?}")?;
        }
        f.write_str(match self.state {
            TaskState::Running => " running",
            TaskState::Ready => " ready",
            TaskState::Waiting => " waiting",
            TaskState::Finished => " finished",
            _ => "",
        })?;
        if let Some(waiting) = &self.waiting {
            write!(f, ": {waiting}")?;
        }
        let polls = if self.polls == 1 { "poll" } else { "polls" };
        write!(f, "; spawned at {}; {} {polls}", self.spawned_at, self.polls)
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        if let Some(resource) = &self.resource {
            write!(f, " ({resource})")?;
        }
        write!(f, " at {}", self.location)
    }
}
