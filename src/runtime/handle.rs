//! Reaching a runtime from other threads.

use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use futures_task::{FutureObj, Spawn, SpawnError};
use hanol_executor::{Remote, RemoteJoinHandle};

use super::tasks::TaskList;
use super::{Id, Metrics};

/// A handle of a runtime: [`Send`], [`Sync`], cheap to clone, and allowed to outlive the runtime.
///
/// ```
/// fn is_send_and_sync<T: Send + Sync + Clone>() {}
/// is_send_and_sync::<hanol::runtime::Handle>();
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Handle {
    pub(super) remote: Remote,
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

    /// The number of the runtime. No other runtime of the process has it, unless 2³² have been made since.
    pub fn id(&self) -> Id {
        self.remote.id()
    }

    /// Spawns a task from any thread. The future has to be [`Send`]: the runtime takes it in between two polls, and runs it
    /// on its own thread. The handle may be awaited in any runtime, and waited for without one.
    ///
    /// When the runtime is gone, or goes first, the handle gives a [`JoinError`](crate::task::JoinError) that is cancelled.
    ///
    /// ```
    /// use std::thread;
    ///
    /// let runtime = hanol::runtime::Runtime::new()?;
    /// let handle = runtime.handle();
    /// let (done, finished) = tokio::sync::oneshot::channel();
    /// let client = thread::spawn(move || {
    ///     let answer = handle.spawn(async { 6 * 7 }).blocking_join();
    ///     let _ = done.send(());
    ///     answer
    /// });
    /// runtime.block_on(finished).unwrap();
    /// assert_eq!(client.join().unwrap().unwrap(), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> RemoteJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.remote.spawn_joined(future)
    }

    /// Blocks this thread until the runtime has run `future` to its end. For threads that are not a runtime's; somebody has
    /// to run the runtime meanwhile, on its own thread.
    ///
    /// [`spawn`](Self::spawn) with [`blocking_join`](RemoteJoinHandle::blocking_join) does the same and gives an error where
    /// this panics.
    ///
    /// # Panics
    ///
    /// When the future panics, with its panic. When the runtime is gone, or goes before the future is done. When this
    /// thread is in a runtime, or the runtime belongs to this thread: it would wait for itself.
    #[track_caller]
    pub fn block_on_remote<F>(&self, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.remote.block_on(future)
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
        self.ask(Self::tasks_here, |answer| answer.recv().ok()).unwrap_or_default()
    }

    /// As [`tasks`](Self::tasks), but `None` when the runtime does not answer in time: it is stuck in a poll, or nobody
    /// is blocking on it.
    pub fn tasks_within(&self, limit: Duration) -> Option<TaskList> {
        self.ask(Self::tasks_here, |answer| answer.recv_timeout(limit).ok())
    }

    /// Counts of what the runtime holds and has done.
    ///
    /// Inside the runtime they are there at once. From another thread the runtime is asked, and answers between two polls:
    /// this then blocks the calling thread until it does. All counts are 0 when the runtime is gone.
    ///
    /// # Panics
    ///
    /// On the runtime's thread, but outside the runtime: enter it, or ask the [`Runtime`](super::Runtime).
    #[track_caller]
    pub fn metrics(&self) -> Metrics {
        self.assert_inside_or_elsewhere();
        self.ask(Self::metrics_here, |answer| answer.recv().ok()).unwrap_or_default()
    }

    /// As [`metrics`](Self::metrics), but `None` when the runtime does not answer in time: it is stuck in a poll, or nobody
    /// is blocking on it.
    ///
    /// # Panics
    ///
    /// As [`metrics`](Self::metrics) does.
    #[track_caller]
    pub fn metrics_within(&self, limit: Duration) -> Option<Metrics> {
        self.assert_inside_or_elsewhere();
        self.ask(Self::metrics_here, |answer| answer.recv_timeout(limit).ok())
    }

    /// What can be said of the tasks on this thread, which is the runtime's if it can.
    fn tasks_here(&self) -> Option<TaskList> {
        self.remote.tasks().map(TaskList::new)
    }

    /// What can be said of the counts on this thread, which is in the runtime if it can.
    fn metrics_here(&self) -> Option<Metrics> {
        let unfinished = self.remote.unfinished()?;
        hanol_reactor::with(self.id().as_u32(), |reactor| Metrics::new(unfinished, reactor))
    }

    #[track_caller]
    fn assert_inside_or_elsewhere(&self) {
        assert!(
            self.remote.unfinished().is_none() || self.metrics_here().is_some(),
            "this thread is the hanol runtime's but is not inside it: enter the Runtime, or ask it for its metrics"
        );
    }

    /// Answers on this thread, or has the runtime answer on its own and waits for that.
    fn ask<A>(
        &self,
        answer_here: fn(&Self) -> Option<A>,
        wait: impl FnOnce(&mpsc::Receiver<A>) -> Option<A>,
    ) -> Option<A>
    where
        A: Default + Send + 'static,
    {
        if let Some(answer) = answer_here(self) {
            return Some(answer);
        }
        let (sender, answer) = mpsc::channel();
        let asked = self.clone();
        let reply = move || {
            // Nobody listens any more if the limit has passed.
            let _ = sender.send(answer_here(&asked).unwrap_or_default());
        };
        self.remote.post(reply).ok()?;
        wait(&answer)
    }
}

/// For [`JoinSet::spawn_on`](crate::task::JoinSet::spawn_on).
impl AsRef<Remote> for Handle {
    fn as_ref(&self) -> &Remote {
        &self.remote
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
