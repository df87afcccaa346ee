//! Structured concurrency: a task that has children does not end before them.
//!
//! Each child is a task whose future tells the group how it ended, once it has been dropped. So a failure cancels the
//! others the moment it happens, and a child that has ended costs nothing more, whether or not anybody waits for the group.

mod outcome;
mod scoped;
mod shared;

use std::fmt;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hanol_executor::{AbortHandle, budget, waits_for};

pub use self::outcome::Outcome;
pub use self::scoped::group;

use self::shared::{Failure, Shared};
use crate::wait;

/// Tasks that end together: the children of whoever holds the group.
///
/// What the children return says what a failure is: with `TaskGroup<()>` nothing but a panic, with
/// `TaskGroup<Result<(), E>>` also an error. The first failure cancels the other children, and [`wait`](Self::wait) gives
/// it. Dropping the group aborts its children. A child that somebody aborts is no failure.
///
/// Children spawn children of the same group through its [`handle`](Self::handle).
///
/// ```
/// use hanol::task::TaskGroup;
///
/// # hanol::block_on(async {
/// let mut group = TaskGroup::new();
/// let handle = group.handle();
/// group.spawn(async move {
///     handle.spawn(std::future::pending());
///     Err("the second child has failed")
/// });
/// assert_eq!(group.wait().await, Err("the second child has failed"));
/// assert!(group.is_empty());
/// # });
/// ```
///
/// # Which set of tasks
///
/// | | [`JoinSet`](super::JoinSet) | `TaskGroup` | `TaskTracker` |
/// |---|---|---|---|
/// | outputs | joined one by one, in the order of the ends | none, but for failures | dropped |
/// | a child's failure | is a result like others | cancels the others, and is what the group gives | is not noticed |
/// | who spawns | the owner | the owner and the children | whoever has a clone |
/// | when dropped | aborts its tasks | aborts its children | its tasks go on |
/// | for | results of many tasks | work that succeeds or fails as a whole | waiting for tasks to end at a shutdown |
pub struct TaskGroup<T: Outcome = ()> {
    shared: Rc<Shared<T>>,
}

/// Spawns children into a [`TaskGroup`], from anywhere in its thread. It may be cloned, and outlive the group.
pub struct GroupHandle<T: Outcome = ()> {
    shared: Rc<Shared<T>>,
}

impl<T: Outcome> TaskGroup<T> {
    /// A group without children.
    pub fn new() -> Self {
        Self { shared: Shared::new() }
    }

    /// Spawns a child. In a group that was cancelled, or has failed, it ends before it is polled.
    ///
    /// # Panics
    ///
    /// As [`spawn`](super::spawn()) does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.shared.spawn(future)
    }

    /// A handle through which the children, or anybody else, can spawn into the group.
    pub fn handle(&self) -> GroupHandle<T> {
        GroupHandle { shared: Rc::clone(&self.shared) }
    }

    /// How many children have not ended.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether all children have ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until all children have ended, those that are spawned meanwhile too, and gives the first failure if there was
    /// one.
    ///
    /// A group in which nothing has failed may be used again.
    ///
    /// # Panics
    ///
    /// When the first failure was a panic, with that panic.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the failure stays in the group until it is given.
    #[track_caller]
    pub fn wait(&mut self) -> GroupWait<'_, T> {
        GroupWait { group: self, location: Location::caller() }
    }

    /// Cancels all children and waits until they have ended. Gives the failure that was there before, or what a group gives
    /// in which nothing has failed.
    ///
    /// The children are aborted by this call, not by the first poll.
    ///
    /// # Panics
    ///
    /// When the first failure was a panic, with that panic. A child that panics while it is dropped counts.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the failure stays in the group until it is given.
    #[track_caller]
    pub fn cancel(&mut self) -> GroupWait<'_, T> {
        self.shared.cancel();
        self.wait()
    }
}

impl<T: Outcome> GroupHandle<T> {
    /// Spawns a child. In a group that was cancelled, has failed, or was dropped, it ends before it is polled.
    ///
    /// # Panics
    ///
    /// As [`spawn`](super::spawn()) does.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.shared.spawn(future)
    }

    /// Cancels all children, without waiting. A child that calls this ends when its poll returns.
    pub fn cancel(&self) {
        self.shared.cancel();
    }

    /// Whether the group was cancelled, has failed, or was dropped.
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_closed.get()
    }
}

/// The future of [`TaskGroup::wait`] and [`TaskGroup::cancel`].
#[must_use = "futures do nothing unless awaited"]
pub struct GroupWait<'a, T: Outcome> {
    group: &'a mut TaskGroup<T>,
    location: &'static Location<'static>,
}

impl<T: Outcome> Future for GroupWait<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if budget::poll_proceed(cx, self.location).is_pending() {
            return Poll::Pending;
        }
        if !self.group.is_empty() {
            budget::give_back();
            self.group.shared.set_waker(cx);
            waits_for(wait::CHILDREN, 0, self.location);
            return Poll::Pending;
        }
        Poll::Ready(match self.group.shared.failure.take() {
            None => T::success(),
            Some(Failure::Returned(output)) => output,
            Some(Failure::Panicked(payload)) => resume_unwind(payload),
        })
    }
}

impl<T: Outcome> Drop for TaskGroup<T> {
    fn drop(&mut self) {
        self.shared.cancel();
    }
}

impl<T: Outcome> Default for TaskGroup<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Outcome> Clone for GroupHandle<T> {
    fn clone(&self) -> Self {
        Self { shared: Rc::clone(&self.shared) }
    }
}

impl<T: Outcome> fmt::Debug for TaskGroup<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<T: Outcome> fmt::Debug for GroupHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupHandle").field("is_cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

impl<T: Outcome> fmt::Debug for GroupWait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupWait").field("group", &self.group).finish_non_exhaustive()
    }
}
