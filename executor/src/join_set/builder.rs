//! Spawning tasks with a name into a set.

use std::fmt;

use super::JoinSet;
use crate::abort::AbortHandle;
use crate::spawn;

/// Spawns a task with a name into a set. Made by [`JoinSet::build_task`].
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a, T> {
    set: &'a mut JoinSet<T>,
    task: spawn::Builder,
}

impl<'a, T: 'static> Builder<'a, T> {
    pub(super) fn new(set: &'a mut JoinSet<T>) -> Self {
        Self { set, task: spawn::Builder::new() }
    }

    /// Names the task.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { task: self.task.name(name), ..self }
    }

    /// Spawns the task onto the current executor and puts it into the set, as [`JoinSet::spawn`] does.
    ///
    /// # Panics
    ///
    /// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.set.insert(self.task.spawn(future))
    }

    /// Runs a closure that blocks on a thread of its own, as [`JoinSet::spawn_blocking`] does.
    ///
    /// # Panics
    ///
    /// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
    #[cfg(feature = "blocking")]
    #[track_caller]
    pub fn spawn_blocking<F>(self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.set.insert(self.task.spawn_blocking(f))
    }
}

impl<T> fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("task", &self.task).finish_non_exhaustive()
    }
}
