//! The way into an executor from other threads.

use std::fmt;
use std::panic::{Location, resume_unwind};

use crate::context;
use crate::id::RuntimeId;
use crate::inbox::{self, Message};
use crate::remote_join::{self, RemoteJoinHandle};
use crate::snapshot::{self, TaskInfo};

/// Reaches an executor from any thread. It is a number and may outlive the executor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    id: RuntimeId,
}

/// The executor is gone, and with it whatever it was asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed(());

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the hanol runtime is gone")
    }
}

impl std::error::Error for Closed {}

impl Remote {
    pub(crate) fn new(id: RuntimeId) -> Self {
        Self { id }
    }

    /// The executor that this thread is in.
    pub fn try_current() -> Option<Self> {
        context::with_core(|core| Self::new(core.id()))
    }

    /// The number of the executor.
    pub fn id(&self) -> RuntimeId {
        self.id
    }

    /// Whether the executor still exists.
    pub fn is_open(&self) -> bool {
        inbox::at(self.id.index()).is_open(self.id)
    }

    /// A list of all tasks, if this is called on the executor's own thread.
    pub fn tasks(&self) -> Option<Vec<TaskInfo>> {
        context::find(self.id).map(|core| snapshot::take(&core))
    }

    /// Has the executor call `run` on its own thread, between two polls and in its context. A panic in it is contained.
    ///
    /// # Errors
    ///
    /// When the executor is gone. If it goes before it looks into its inbox, `run` is dropped on its thread.
    pub fn post(&self, run: impl FnOnce() + Send + 'static) -> Result<(), Closed> {
        let message = Message::Run(Box::new(run));
        inbox::at(self.id.index()).push_message(self.id, message).map_err(|_given_back| Closed(()))
    }

    /// Spawns a task and detaches it. It may come from another thread and so has to be [`Send`].
    ///
    /// # Errors
    ///
    /// When the executor is gone.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Result<(), Closed>
    where
        F: Future + Send + 'static,
    {
        let (id, spawned_at) = (self.id, Location::caller());
        self.post(move || {
            // It runs on the executor's thread, where the executor is found.
            if let Some(core) = context::find(id) {
                drop(core.spawn(future, None, spawned_at));
            }
        })
    }

    /// Spawns a task from any thread, and gives a handle that may be awaited on any thread. The future is sent to the
    /// executor, which takes it in between two polls.
    ///
    /// When the executor is gone, or goes first, the handle gives a [`JoinError`](crate::JoinError) that is cancelled.
    #[track_caller]
    pub fn spawn_joined<F>(&self, future: F) -> RemoteJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        remote_join::spawn(*self, future, Location::caller())
    }

    /// Runs a closure that blocks on a thread of its own, as a task of the executor, and gives a handle that may be awaited
    /// on any thread. The executor hands the closure over when it runs. See [`spawn_blocking`](crate::spawn_blocking()).
    ///
    /// When the executor is gone, or goes first, the handle gives a [`JoinError`](crate::JoinError) that is cancelled.
    #[cfg(feature = "blocking")]
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> RemoteJoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let location = Location::caller();
        remote_join::spawn(*self, async move { crate::blocking::start(f, location).await }, location)
    }

    /// Blocks this thread until the executor has run a future to its end.
    ///
    /// Somebody has to run the executor meanwhile, on its own thread.
    ///
    /// # Panics
    ///
    /// When the future panics, with its panic. When the executor is gone, or goes before the future is done. When this
    /// thread is in an executor, or the executor belongs to this thread.
    #[track_caller]
    pub fn block_on<F>(&self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Nothing is sent when this thread must not wait.
        remote_join::assert_may_block_on(self.id);
        match self.spawn_joined(future).blocking_join() {
            Ok(output) => output,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(_cancelled) => panic!("the hanol runtime is gone and has not run the future to its end"),
            },
        }
    }

    /// How many tasks have not finished, if this is called on the executor's own thread.
    pub fn unfinished(&self) -> Option<usize> {
        context::find(self.id).map(|core| core.unfinished())
    }
}

impl AsRef<Remote> for Remote {
    fn as_ref(&self) -> &Remote {
        self
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remote").field(&self.id).finish()
    }
}
