//! Spawning onto the executor that this thread is in.

use std::panic::Location;
use std::rc::Rc;

use crate::context;
use crate::core::Core;
use crate::join::JoinHandle;

/// Spawns a task onto the current executor. It is polled for the first time after the tasks that are ready now.
///
/// The future is moved to the heap once and stays there. It need not be [`Send`]: it never leaves the thread.
///
/// # Panics
///
/// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
{
    current().spawn(future, None, Location::caller())
}

/// Spawns tasks that carry a name, which the task list shows.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder {
    name: Option<Box<str>>,
}

impl Builder {
    /// A builder of a task without a name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the task.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into().into_boxed_str());
        self
    }

    /// Spawns the task onto the current executor, as [`spawn`] does.
    ///
    /// # Panics
    ///
    /// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        current().spawn(future, self.name, Location::caller())
    }

    /// Runs a closure that blocks on a thread of its own, as [`spawn_blocking`](crate::spawn_blocking()) does.
    ///
    /// # Panics
    ///
    /// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
    #[cfg(feature = "blocking")]
    #[track_caller]
    pub fn spawn_blocking<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        crate::blocking::spawn(&current(), f, self.name, Location::caller())
    }
}

#[track_caller]
pub(crate) fn current() -> Rc<Core> {
    match context::with_core(Rc::clone) {
        Some(core) => core,
        None => panic!(
            "there is no hanol runtime on this thread: spawn from inside `hanol::block_on` or `#[hanol::main]`, or by a \
             `Runtime`"
        ),
    }
}
