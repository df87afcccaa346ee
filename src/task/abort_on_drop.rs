//! A task that ends with its handle.

use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_executor::{AbortHandle, Id, JoinError, JoinHandle};

/// A task's handle that aborts the task when it is dropped, where a [`JoinHandle`] lets it go on.
///
/// ```
/// use hanol::task::AbortOnDropHandle;
///
/// # hanol::block_on(async {
/// let held = std::rc::Rc::new(());
/// let task = AbortOnDropHandle::new(hanol::spawn({
///     let held = held.clone();
///     async move {
///         std::future::pending::<()>().await;
///         drop(held);
///     }
/// }));
/// drop(task);
/// // The future is gone, and with it what it held.
/// assert_eq!(std::rc::Rc::strong_count(&held), 1);
/// # });
/// ```
///
/// # Cancel safety
///
/// Awaiting `&mut handle` may be cancelled: the output stays where it is. Dropping the handle ends the task.
#[derive(Debug)]
#[must_use = "dropping the handle aborts the task"]
pub struct AbortOnDropHandle<T> {
    /// Taken only by [`detach`](Self::detach), which consumes the handle.
    task: Option<JoinHandle<T>>,
}

impl<T> AbortOnDropHandle<T> {
    /// Ties a task to this handle.
    pub fn new(task: JoinHandle<T>) -> Self {
        Self { task: Some(task) }
    }

    /// The task's identity.
    pub fn id(&self) -> Id {
        self.task().id()
    }

    /// Ends the task now, as [`JoinHandle::abort`] does. The handle then gives a [`JoinError`] that is cancelled.
    pub fn abort(&self) {
        self.task().abort();
    }

    /// Whether the task has ended: completed, panicked or aborted.
    pub fn is_finished(&self) -> bool {
        self.task().is_finished()
    }

    /// A handle that can only abort. It may be cloned, and sent to other threads.
    pub fn abort_handle(&self) -> AbortHandle {
        self.task().abort_handle()
    }

    /// Unties the task: it goes on when what is returned is dropped.
    pub fn detach(mut self) -> JoinHandle<T> {
        self.task.take().expect("only this function takes the task, and it consumes the handle")
    }

    fn task(&self) -> &JoinHandle<T> {
        self.task.as_ref().expect("the task is taken only when the handle is consumed")
    }
}

impl<T> From<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn from(task: JoinHandle<T>) -> Self {
        Self::new(task)
    }
}

impl<T: 'static> Future for AbortOnDropHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let task = self.task.as_mut().expect("the task is taken only when the handle is consumed");
        Pin::new(task).poll(cx)
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
