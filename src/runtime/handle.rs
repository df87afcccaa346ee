//! Reaching a runtime from other threads.

use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use futures_task::{FutureObj, Spawn, SpawnError};
use hanol_executor::Remote;

use super::tasks::TaskList;

/// A handle of a runtime: [`Send`], [`Sync`], cheap to clone, and allowed to outlive the runtime.
///
/// ```
/// fn is_send_and_sync<T: Send + Sync + Clone>() {}
/// is_send_and_sync::<hanol::runtime::Handle>();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Handle {
    remote: Remote,
}

impl Handle {
    pub(super) fn new(remote: Remote) -> Self {
        Self { remote }
    }

    /// The handle of the runtime that this thread is in.
    ///
    /// # Panics
    ///
    /// Outside a runtime. [`try_current`](Self::try_current) does not.
    #[track_caller]
    pub fn current() -> Self {
        match Self::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The handle of the runtime that this thread is in.
    ///
    /// # Errors
    ///
    /// Outside a runtime.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        Remote::try_current().map(Self::new).ok_or(TryCurrentError(()))
    }

    /// Whether the runtime still exists.
    pub fn is_open(&self) -> bool {
        self.remote.is_open()
    }

    /// A list of all tasks: what each is doing, what it waits for, and where. Nothing is polled for it.
    ///
    /// On the runtime's thread the list is made at once. From another thread the runtime is asked, and answers between
    /// two polls: this then blocks the calling thread until it does. The list is empty when the runtime is gone.
    pub fn tasks(&self) -> TaskList {
        self.ask(|answer| answer.recv().ok()).unwrap_or_default()
    }

    /// As [`tasks`](Self::tasks), but `None` when the runtime does not answer in time: it is stuck in a poll, or nobody
    /// is blocking on it.
    pub fn tasks_within(&self, limit: Duration) -> Option<TaskList> {
        self.ask(|answer| answer.recv_timeout(limit).ok())
    }

    fn ask(&self, wait: impl FnOnce(&mpsc::Receiver<TaskList>) -> Option<TaskList>) -> Option<TaskList> {
        if let Some(tasks) = self.remote.tasks() {
            return Some(TaskList::new(tasks));
        }
        let (sender, answer) = mpsc::channel();
        let remote = self.remote;
        let reply = move || {
            // Nobody listens any more if the limit has passed.
            let _ = sender.send(TaskList::new(remote.tasks().unwrap_or_default()));
        };
        self.remote.post(reply).ok()?;
        wait(&answer)
    }
}

/// Spawns a detached task onto the runtime from any thread.
impl Spawn for Handle {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.remote.spawn_obj(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.remote.status()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("id", &self.remote.id()).finish()
    }
}

/// This thread is not in a runtime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TryCurrentError(());

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "there is no hanol runtime on this thread: call this inside `hanol::block_on` or `#[hanol::main]`, or enter a \
             `Runtime`",
        )
    }
}

impl std::error::Error for TryCurrentError {}
