//! How an executor is built.

use crate::budget::OPERATIONS_PER_POLL;

/// How an executor divides its time, and what it does when a task panics.
#[derive(Clone, Debug)]
pub struct Config {
    /// After how many polls the loop looks for events although tasks are ready. An event or a due timer waits for no
    /// more polls than that. The default is 128.
    pub polls_per_turn: u32,
    /// How many leaf operations one poll may complete before the task has to give way. The default is
    /// [`OPERATIONS_PER_POLL`].
    pub operations_per_poll: u32,
    /// What a task's panic does.
    pub task_panic: TaskPanic,
}

/// What the panic of a task does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum TaskPanic {
    /// It ends that task, and arrives at its join handle. If the handle was dropped, only the panic hook sees it.
    #[default]
    Contain,
    /// It ends that task, and is raised again from the call that runs the executor, such as `block_on`. The join handle
    /// says that the task was cancelled. The executor stays usable, with its other tasks.
    Propagate,
}

impl Default for Config {
    fn default() -> Self {
        Self { polls_per_turn: 128, operations_per_poll: OPERATIONS_PER_POLL, task_panic: TaskPanic::Contain }
    }
}
