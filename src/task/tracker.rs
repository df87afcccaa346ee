//! Waiting for tasks to end whose results nobody wants.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{JoinHandle, spawn};
use crate::sync::event::{Event, Waiter};
use crate::wait;

/// Counts tasks, and waits until there are none left.
///
/// Clones are the same tracker, so tasks can be given one to spawn further tasks. [`wait`](Self::wait) is over when the
/// tracker is [closed](Self::close) and all tasks have ended. Closing says only that the end is meant: it keeps nobody from
/// spawning more.
///
/// Unlike a [`JoinSet`](super::JoinSet) it keeps nothing of a task that has ended, aborts nothing when it is dropped, and
/// needs no `&mut`. So a server can run all its connections in one and wait for them when it ends:
///
/// ```
/// # hanol::block_on(async {
/// use hanol::sync::CancellationToken;
/// use hanol::task::TaskTracker;
///
/// let (shutdown, connections) = (CancellationToken::new(), TaskTracker::new());
/// for _ in 0..3 {
///     let shutdown = shutdown.clone();
///     connections.spawn(async move {
///         shutdown.cancelled().await;
///         // Here it would say goodbye.
///     });
/// }
///
/// connections.close();
/// shutdown.cancel();
/// connections.wait().await;
/// assert!(connections.is_empty());
/// # });
/// ```
#[derive(Clone)]
pub struct TaskTracker {
    shared: Rc<Shared>,
}

struct Shared {
    tasks: Cell<usize>,
    is_closed: Cell<bool>,
    /// How often it came to be closed and empty.
    ends: Cell<u64>,
    /// It is closed and empty.
    ended: Event,
}

impl TaskTracker {
    /// A tracker that is open and has no tasks.
    pub fn new() -> Self {
        Self {
            shared: Rc::new(Shared {
                tasks: Cell::new(0),
                is_closed: Cell::new(false),
                ends: Cell::new(0),
                ended: Event::new(),
            }),
        }
    }

    /// Waits until the tracker is closed and all its tasks have ended.
    ///
    /// It is enough that this was so at one moment since this call: the future is ready even if the tracker was reopened, or
    /// tasks were added, before it was polled. When it is ready, the futures of the tasks have been dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but an end that came while it waited does not count for the next call.
    #[track_caller]
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        let shared = &*self.shared;
        // An end that is now counts as one that is yet to come.
        let known_ends = shared.ends.get().wrapping_sub(u64::from(shared.is_closed_and_empty()));
        TaskTrackerWaitFuture { shared, known_ends, waiter: Waiter::new(wait::CHILDREN, Location::caller()) }
    }

    /// Closes the tracker, so that [`wait`](Self::wait) can be over. `false` if it was closed.
    pub fn close(&self) -> bool {
        let closes = !self.shared.is_closed.replace(true);
        if closes {
            self.shared.note_end();
        }
        closes
    }

    /// Opens the tracker again, so that [`wait`](Self::wait) is not over when there are no tasks. `false` if it was open.
    pub fn reopen(&self) -> bool {
        self.shared.is_closed.replace(false)
    }

    /// Whether the tracker is closed.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed.get()
    }

    /// How many tasks have not ended, tokens and futures included that were not spawned.
    pub fn len(&self) -> usize {
        self.shared.tasks.get()
    }

    /// Whether all tasks have ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Spawns a task and tracks it, as `spawn(tracker.track_future(future))` does.
    ///
    /// # Panics
    ///
    /// As [`spawn`] does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        spawn(self.track_future(future))
    }

    /// Tracks a future. It counts until it is dropped, also when it is ready before.
    pub fn track_future<F>(&self, future: F) -> TrackedFuture<F>
    where
        F: Future,
    {
        TrackedFuture { future, token: self.token() }
    }

    /// A token that counts as a task until it is dropped.
    pub fn token(&self) -> TaskTrackerToken {
        self.shared.tasks.set(self.len() + 1);
        TaskTrackerToken { tracker: self.clone() }
    }

    /// Whether both are the same tracker.
    pub fn ptr_eq(left: &Self, right: &Self) -> bool {
        Rc::ptr_eq(&left.shared, &right.shared)
    }
}

impl Shared {
    fn is_closed_and_empty(&self) -> bool {
        self.is_closed.get() && self.tasks.get() == 0
    }

    /// It has been closed, or a task has ended, which may have been what was waited for.
    fn note_end(&self) {
        if self.is_closed_and_empty() {
            self.ends.set(self.ends.get().wrapping_add(1));
            self.ended.wake_all();
        }
    }
}

/// Counts as a task of its [`TaskTracker`] until it is dropped. [`TaskTracker::token`] makes it.
#[derive(Debug)]
#[must_use = "a token that is dropped at once counts for nothing"]
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker.
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

impl Clone for TaskTrackerToken {
    /// Another token, which counts as another task.
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        let shared = &self.tracker.shared;
        shared.tasks.set(shared.tasks.get() - 1);
        shared.note_end();
    }
}

pin_project! {
    /// A future that counts as a task until it is dropped. [`TaskTracker::track_future`] makes it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct TrackedFuture<F> {
        // It is dropped first: the tracker waits for that too.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// The future of [`TaskTracker::wait`].
#[must_use = "futures do nothing unless awaited"]
pub struct TaskTrackerWaitFuture<'a> {
    shared: &'a Shared,
    /// The ends that it does not wait for.
    known_ends: u64,
    waiter: Waiter,
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { shared, known_ends, waiter } = &mut *self;
        shared.ended.poll_until(cx, waiter, || (shared.ends.get() != *known_ends).then_some(()))
    }
}

impl Drop for TaskTrackerWaitFuture<'_> {
    fn drop(&mut self) {
        self.shared.ended.leave(&mut self.waiter);
    }
}

impl Default for TaskTracker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker").field("len", &self.len()).field("is_closed", &self.is_closed()).finish()
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture").finish_non_exhaustive()
    }
}
