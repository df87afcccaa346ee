//! An executor with one probe and one joiner, for tests that look at every count after every step.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use hanol_executor::{Executor, JoinError, JoinHandle, TaskState};

use super::{Fault, Foreign, Output, Probe};

pub(crate) struct Stage {
    executor: Option<Executor>,
    pub(crate) probe: Probe,
    pub(crate) joiner: Foreign,
    joiner_waker: Waker,
}

/// Everything that is counted. A test names what is not zero.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) polls: usize,
    pub(crate) future_drops: usize,
    pub(crate) output_drops: usize,
    /// How often the waker was woken with which the join handle was polled.
    pub(crate) joiner_wakes: usize,
    /// How many tasks are in the run queue.
    pub(crate) ready: usize,
    /// Polls and drops outside the executor's thread and context.
    pub(crate) strays: usize,
}

impl Seen {
    pub(crate) const NOTHING: Self =
        Self { polls: 0, future_drops: 0, output_drops: 0, joiner_wakes: 0, ready: 0, strays: 0 };
}

impl Stage {
    pub(crate) fn new() -> Self {
        let executor = Executor::new();
        let probe = Probe::new(&executor);
        let (joiner, joiner_waker) = Foreign::new(Fault::Nothing);
        Self { executor: Some(executor), probe, joiner, joiner_waker }
    }

    #[track_caller]
    pub(crate) fn executor(&self) -> &Executor {
        self.executor.as_ref().expect("the executor was dropped")
    }

    #[track_caller]
    pub(crate) fn spawn<B>(&self, behaviour: B) -> JoinHandle<Output>
    where
        B: FnMut(&mut Context<'_>) -> Poll<()> + 'static,
    {
        self.executor().spawn(self.probe.future(behaviour))
    }

    /// Polls one task. `false` when none was ready.
    #[track_caller]
    pub(crate) fn run_one(&self) -> bool {
        self.executor().try_run_one()
    }

    /// Polls a join handle with the joiner's waker, outside the executor's context.
    pub(crate) fn poll_join(&self, handle: &mut JoinHandle<Output>) -> Poll<Result<Output, JoinError>> {
        let joined = Pin::new(handle).poll(&mut Context::from_waker(&self.joiner_waker));
        joined.map(|result| result.map(Output::fetched))
    }

    /// Fetches the result of a task that has ended.
    #[track_caller]
    pub(crate) fn join(&self, handle: &mut JoinHandle<Output>) -> Result<Output, JoinError> {
        match self.poll_join(handle) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("the task has not ended"),
        }
    }

    /// Fetches the error of a task that has ended.
    #[track_caller]
    pub(crate) fn join_error(&self, handle: &mut JoinHandle<Output>) -> JoinError {
        match self.join(handle) {
            Ok(_) => panic!("the task has an output"),
            Err(error) => error,
        }
    }

    pub(crate) fn drop_executor(&mut self) {
        self.executor = None;
    }

    pub(crate) fn seen(&self) -> Seen {
        let tasks = self.executor.as_ref().map_or_else(Vec::new, Executor::tasks);
        Seen {
            polls: self.probe.polls(),
            future_drops: self.probe.future_drops(),
            output_drops: self.probe.output_drops(),
            joiner_wakes: self.joiner.wakes(),
            ready: tasks.iter().filter(|task| task.state == TaskState::Ready).count(),
            strays: self.probe.strays(),
        }
    }

    #[track_caller]
    pub(crate) fn expect(&self, seen: Seen) {
        assert_eq!(self.seen(), seen);
    }
}
