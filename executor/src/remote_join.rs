//! Waiting, on any thread, for a task that was spawned from any thread.
//!
//! The handle and the task share a place for the result behind a lock. Nobody holds the lock while foreign code runs, so
//! nobody ever waits for it long. The task's side of the place is told whichever way the task ends, also when the runtime
//! goes before it takes the task in: a handle never waits for what cannot come.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::abort::AbortHandle;
use crate::budget;
use crate::cell::Failure;
use crate::contain::wake;
use crate::context;
use crate::id::{Id, RuntimeId};
use crate::join_error::JoinError;
use crate::remote::Remote;
use crate::wait::{WaitKind, waits_for};
use crate::watched::{Ended, Watch, Watched};

/// The handle of a task that was spawned from another thread, by [`Remote::spawn_joined`]: await it anywhere, abort the task
/// with it, or drop it and let the task go on.
///
/// The output is moved to the handle when the task ends. When the runtime goes first, or is gone already, the handle gives
/// a [`JoinError`] that is cancelled.
///
/// ```
/// fn is_send_and_sync<T: Send + Sync>() {}
/// is_send_and_sync::<hanol_executor::RemoteJoinHandle<std::cell::Cell<u8>>>();
/// ```
///
/// # Cancel safety
///
/// Awaiting `&mut handle` may be cancelled: the output stays where it is. Dropping the handle detaches the task: an output
/// that comes later is dropped on the runtime's thread, one that is there already with the handle.
pub struct RemoteJoinHandle<T> {
    place: Arc<Place<T>>,
    runtime: RuntimeId,
    spawned_at: &'static Location<'static>,
}

/// Where the task leaves its result.
struct Place<T>(Mutex<State<T>>);

struct State<T> {
    /// Known from when the runtime takes the task in.
    task: Option<AbortHandle>,
    /// It was aborted before the runtime took it in.
    aborted: bool,
    waker: Option<Waker>,
    result: TaskResult<T>,
}

enum TaskResult<T> {
    Awaited,
    There(Result<T, JoinError>),
    Taken,
}

/// The task's side of the place.
struct Report<T>(Arc<Place<T>>);

/// Sends a future to its runtime.
pub(crate) fn spawn<F>(remote: Remote, future: F, spawned_at: &'static Location<'static>) -> RemoteJoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let state = State { task: None, aborted: false, waker: None, result: TaskResult::Awaited };
    let place = Arc::new(Place(Mutex::new(state)));
    let watched = Watched::new(future, Report(Arc::clone(&place)));
    let handle = RemoteJoinHandle { place: Arc::clone(&place), runtime: remote.id(), spawned_at };
    // A runtime that is gone, or goes before it takes the task in, drops the future, which reports that.
    let _ = remote.post(move || {
        let Some(core) = context::find(remote.id()) else { return };
        let task = core.spawn(watched, None, spawned_at);
        let aborted = {
            let mut state = place.lock();
            state.task = Some(task.abort_handle());
            state.aborted
        };
        if aborted {
            task.abort();
        }
    });
    handle
}

impl<T> RemoteJoinHandle<T> {
    /// The task's identity, from when its runtime has taken it in.
    pub fn id(&self) -> Option<Id> {
        self.place.lock().task.as_ref().map(AbortHandle::id)
    }

    /// Whether the task has ended: completed, panicked or aborted.
    pub fn is_finished(&self) -> bool {
        !matches!(self.place.lock().result, TaskResult::Awaited)
    }

    /// Asks the runtime to end the task, as [`AbortHandle::abort`] does. One that the runtime has not taken in is never
    /// polled.
    pub fn abort(&self) {
        let task = {
            let mut state = self.place.lock();
            state.aborted = true;
            state.task.clone()
        };
        if let Some(task) = task {
            task.abort();
        }
    }
}

impl<T: Send + 'static> RemoteJoinHandle<T> {
    /// Blocks this thread until the task has ended.
    ///
    /// Somebody has to run the runtime meanwhile: a task of a runtime on which nobody blocks does not run.
    ///
    /// # Errors
    ///
    /// When the task panicked, was aborted, or its runtime is gone.
    ///
    /// # Panics
    ///
    /// When this thread is in a runtime, which would stand still, or the task's runtime belongs to this thread, so that
    /// nobody would run it. When the handle has given its result already.
    #[track_caller]
    pub fn blocking_join(mut self) -> Result<T, JoinError> {
        assert_may_block_on(self.runtime);
        let waker = Waker::from(Arc::new(Unparker(thread::current())));
        let mut cx = Context::from_waker(&waker);
        loop {
            match self.poll_result(&mut cx) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::park(),
            }
        }
    }

    fn poll_result(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        if let Some(result) = self.place.lock().take() {
            return Poll::Ready(result);
        }
        // Cloning and dropping a waker is foreign code: neither happens while the lock is held.
        let waker = cx.waker().clone();
        let mut state = self.place.lock();
        if let Some(result) = state.take() {
            drop(state);
            return Poll::Ready(result);
        }
        let replaced = state.waker.replace(waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl<T: Send + 'static> Future for RemoteJoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if budget::poll_proceed(cx, self.spawned_at).is_pending() {
            return Poll::Pending;
        }
        let polled = self.poll_result(cx);
        if polled.is_pending() {
            budget::give_back();
            // A task of another runtime has no slot in the list that shows this.
            let at_home = context::with_core(|core| core.id() == self.runtime).unwrap_or(false);
            let slot = self.id().filter(|_| at_home).map_or(u32::MAX, Id::slot);
            waits_for(WaitKind::JOIN, slot, self.spawned_at);
        }
        polled
    }
}

impl<T> Drop for RemoteJoinHandle<T> {
    fn drop(&mut self) {
        // Nobody waits any more. The task may go on for long, and keeps only the place for its result.
        let waker = self.place.lock().waker.take();
        drop(waker);
    }
}

/// # Panics
///
/// When this thread must not wait for that runtime.
#[track_caller]
pub(crate) fn assert_may_block_on(runtime: RuntimeId) {
    assert!(
        context::with_core(|_| ()).is_none(),
        "this thread is in a hanol runtime, which would stand still while it waits: await the task's handle instead"
    );
    assert!(
        context::find(runtime).is_none(),
        "the hanol runtime belongs to this thread, so nobody would run it while this thread waits: call its block_on"
    );
}

impl<T> Watch<T> for Report<T> {
    fn ended(self, ended: Ended<T>) {
        let mut state = self.0.lock();
        let id = state.task.as_ref().map_or(Id::UNKNOWN, AbortHandle::id);
        let result = match ended {
            Ended::Completed(output) => Ok(output),
            Ended::Panicked(payload) => Err(JoinError::new(id, Failure::Panicked(payload))),
            Ended::Dropped => Err(JoinError::new(id, Failure::Cancelled)),
        };
        state.result = TaskResult::There(result);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            wake(waker);
        }
        // Without a handle this is the last that knows the place, and the result is dropped here, on the runtime's thread.
    }
}

impl<T> Place<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// # Panics
    ///
    /// When the result was taken already.
    fn take(&mut self) -> Option<Result<T, JoinError>> {
        match mem::replace(&mut self.result, TaskResult::Taken) {
            TaskResult::There(result) => Some(result),
            TaskResult::Awaited => {
                self.result = TaskResult::Awaited;
                None
            }
            TaskResult::Taken => panic!("a RemoteJoinHandle was polled after it had given its result"),
        }
    }
}

/// Unparks a thread that waits for a task.
struct Unparker(Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<T> fmt::Debug for RemoteJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJoinHandle").field("id", &self.id()).finish_non_exhaustive()
    }
}
