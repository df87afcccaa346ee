//! Waiting for a task's result.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::abort::AbortHandle;
use crate::budget;
use crate::cell::{Failure, TaskResult};
use crate::contain::contain;
use crate::context;
use crate::id::{Id, RuntimeId};
use crate::join_error::JoinError;
use crate::table::{Join, Joiner};
use crate::wait::{WaitKind, waits_for};

/// A task's handle: await it for the task's output, abort the task with it, or drop it and let the task go on.
///
/// It is a number. The output stays with the runtime until the handle takes it, so once the runtime is dropped, awaiting
/// the handle gives a [`JoinError`] that is cancelled, also for a task that had finished.
///
/// It stays on the runtime's thread:
///
/// ```compile_fail
/// let executor = hanol_executor::Executor::new();
/// let handle = executor.spawn(async {});
/// std::thread::spawn(move || drop(handle));
/// ```
///
/// # Cancel safety
///
/// Awaiting `&mut handle` may be cancelled: the output stays where it is. Dropping the handle detaches the task.
pub struct JoinHandle<T> {
    runtime: RuntimeId,
    id: Id,
    /// Whether the result was taken.
    done: bool,
    spawned_at: &'static Location<'static>,
    output: PhantomData<fn() -> T>,
    not_send: PhantomData<*const ()>,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(runtime: RuntimeId, id: Id, spawned_at: &'static Location<'static>) -> Self {
        Self { runtime, id, done: false, spawned_at, output: PhantomData, not_send: PhantomData }
    }

    /// The task's identity.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Whether the task has ended: completed, panicked or aborted.
    pub fn is_finished(&self) -> bool {
        context::find(self.runtime).is_none_or(|core| core.is_finished(self.id))
    }

    /// Ends the task: at once if it is not being polled, else when its poll returns. The future is dropped, and the
    /// handle then gives a [`JoinError`] that is cancelled. A task that has finished keeps its result.
    ///
    /// When the future panics while it is dropped, the [`JoinError`] holds that panic.
    pub fn abort(&self) {
        if let Some(core) = context::find(self.runtime) {
            let _context = context::enter(&core);
            core.abort(self.id);
        }
    }

    /// A handle that can only abort. It may be cloned, and sent to other threads.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(self.runtime, self.id)
    }

    /// Tells this joiner instead of a waker when the task has finished.
    pub(crate) fn set_joiner(&self, joiner: Joiner) {
        match context::find(self.runtime) {
            Some(core) => core.set_joiner(self.id, joiner),
            None => joiner.notify(),
        }
    }
}

impl<T: 'static> JoinHandle<T> {
    /// The result, or `None` and the context's waker is told when it is there.
    pub(crate) fn poll_result(&mut self, cx: &mut Context<'_>) -> Option<Result<T, JoinError>> {
        assert!(!self.done, "a JoinHandle was polled after it had given its result");
        let mut result: Option<TaskResult<T>> = None;
        if let Some(core) = context::find(self.runtime) {
            match core.poll_join(self.id, cx.waker()) {
                Join::Waits | Join::NeedsWaker => return None,
                Join::Gone => {}
                Join::Finished => {
                    if let Some(mut task) = core.take_finished(self.id) {
                        task.as_mut().take_result(&mut result as &mut dyn Any);
                    }
                }
            }
        }
        self.done = true;
        Some(match result {
            Some(Ok(output)) => Ok(output),
            Some(Err(failure)) => Err(JoinError::new(self.id, failure)),
            None => Err(JoinError::new(self.id, Failure::Cancelled)),
        })
    }
}

impl<T: 'static> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The line of the `.await` is not known to a future, so the record names the line that spawned the task.
        if budget::poll_proceed(cx, self.spawned_at).is_pending() {
            return Poll::Pending;
        }
        match self.poll_result(cx) {
            Some(result) => Poll::Ready(result),
            None => {
                budget::give_back();
                waits_for(WaitKind::JOIN, self.id.slot, self.spawned_at);
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let Some(core) = context::find(self.runtime) else { return };
        if let Some(left) = core.detach(self.id) {
            // A result that nobody wants is dropped here, in its executor's context and with no borrow held.
            let _context = context::enter(&core);
            contain(|| drop(left));
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id).finish_non_exhaustive()
    }
}
