//! The heap box of a task: first its future, then its result.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::contain::contain;

/// A task's box as the slot table holds it. The type of the future is known only inside.
pub(crate) type BoxedTask = Pin<Box<dyn Task>>;

/// What the executor does with a box, whatever future it holds.
pub(crate) trait Task {
    /// Polls the future. When it completes or panics, it is dropped and its result stays in the box.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled;

    /// Drops the future, if it is still there, and leaves [`Failure::Cancelled`], or the panic of the drop.
    fn cancel(self: Pin<&mut Self>);

    /// Takes the panic out of a box whose future has panicked; what is left says that it was cancelled.
    fn take_panic(self: Pin<&mut Self>) -> Option<Payload>;

    /// Moves the result into `into`, an `Option<TaskResult<T>>` of the task's output type.
    fn take_result(self: Pin<&mut Self>, into: &mut dyn Any);
}

/// How a poll went.
#[must_use]
pub(crate) enum Polled {
    Pending,
    Finished,
    Panicked,
}

pub(crate) type TaskResult<T> = Result<T, Failure>;

/// What a panic was raised with.
pub(crate) type Payload = Box<dyn Any + Send + 'static>;

/// Why a task has no output.
pub(crate) enum Failure {
    Cancelled,
    Panicked(Payload),
}

pub(crate) fn boxed<F: Future + 'static>(future: F) -> BoxedTask {
    Box::pin(Cell::Running { future })
}

pin_project! {
    #[project = CellProjection]
    enum Cell<F: Future> {
        Running { #[pin] future: F },
        Finished { result: Option<TaskResult<F::Output>> },
    }
}

impl<F: Future> Cell<F> {
    fn finished(result: TaskResult<F::Output>) -> Self {
        Cell::Finished { result: Some(result) }
    }
}

impl<F> Task for Cell<F>
where
    F: Future + 'static,
{
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let CellProjection::Running { future } = self.as_mut().project() else {
            return Polled::Finished;
        };
        // The assignment drops the future. Should that panic, the result is in its place all the same: it is what the
        // future was for, so it is kept.
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => Polled::Pending,
            Ok(Poll::Ready(output)) => {
                contain(|| self.set(Cell::finished(Ok(output))));
                Polled::Finished
            }
            Err(payload) => {
                contain(|| self.set(Cell::finished(Err(Failure::Panicked(payload)))));
                Polled::Panicked
            }
        }
    }

    fn cancel(mut self: Pin<&mut Self>) {
        if matches!(*self, Cell::Finished { .. }) {
            return;
        }
        let dropped = catch_unwind(AssertUnwindSafe(|| self.set(Cell::finished(Err(Failure::Cancelled)))));
        if let Err(payload) = dropped {
            self.set(Cell::finished(Err(Failure::Panicked(payload))));
        }
    }

    fn take_panic(self: Pin<&mut Self>) -> Option<Payload> {
        let CellProjection::Finished { result: Some(result) } = self.project() else { return None };
        match mem::replace(result, Err(Failure::Cancelled)) {
            Err(Failure::Panicked(payload)) => Some(payload),
            other => {
                *result = other;
                None
            }
        }
    }

    fn take_result(self: Pin<&mut Self>, into: &mut dyn Any) {
        let CellProjection::Finished { result } = self.project() else {
            return;
        };
        if let Some(into) = into.downcast_mut::<Option<TaskResult<F::Output>>>() {
            *into = result.take();
        }
    }
}
