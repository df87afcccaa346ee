//! A set of tasks, joined in the order in which they finish.

mod builder;
mod next;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::panic::{Location, resume_unwind};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use slab::Slab;

use crate::abort::AbortHandle;
use crate::budget;
use crate::contain::wake;
use crate::context;
use crate::id::Id;
use crate::join::JoinHandle;
use crate::join_error::JoinError;
use crate::remote::Remote;
use crate::spawn::spawn;
use crate::table::Joiner;
use crate::wait::{WaitKind, waits_for};

pub use self::builder::Builder;
pub use self::next::{JoinNext, JoinNextWithId};

/// A set of tasks with outputs of one type. Dropping it aborts those that are left.
///
/// Each task that ends puts its number into the set's list, so joining the next one costs the same however many tasks
/// the set holds.
///
/// ```
/// # use hanol_executor::{Executor, JoinSet, ThreadPark};
/// # Executor::new().block_on(&mut ThreadPark::new(), async {
/// let mut squares: JoinSet<u32> = (1..4).map(|n| async move { n * n }).collect();
/// let mut sum = 0;
/// while let Some(square) = squares.join_next().await {
///     sum += square?;
/// }
/// assert_eq!(sum, 14);
/// # Ok::<(), hanol_executor::JoinError>(()) }).unwrap();
/// ```
pub struct JoinSet<T> {
    tasks: Slab<JoinHandle<T>>,
    finished: Rc<Finished>,
}

/// What the tasks of a set share with it.
#[derive(Default)]
struct Finished {
    keys: RefCell<VecDeque<usize>>,
    waker: RefCell<Option<Waker>>,
}

/// Tells a set that one of its tasks has finished.
pub(crate) struct Member {
    set: Rc<Finished>,
    key: usize,
}

impl Member {
    pub(crate) fn finished(self) {
        self.set.keys.borrow_mut().push_back(self.key);
        let waker = self.set.waker.take();
        if let Some(waker) = waker {
            wake(waker);
        }
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self { tasks: Slab::new(), finished: Rc::default() }
    }

    /// How many tasks are in the set: all that were not joined yet.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether every task was joined.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Aborts every task. They stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        for (_, task) in &self.tasks {
            task.abort();
        }
    }

    /// Takes every task out of the set and lets it go on.
    pub fn detach_all(&mut self) {
        self.forget().clear();
    }

    /// Empties the set. The old list of finished tasks goes with the tasks.
    fn forget(&mut self) -> Slab<JoinHandle<T>> {
        self.finished = Rc::default();
        mem::take(&mut self.tasks)
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task onto the current executor and puts it into the set.
    ///
    /// # Panics
    ///
    /// As [`spawn`](crate::spawn()) does.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn(future))
    }

    /// Spawns a task onto a runtime of this thread that need not be the current one, and puts it into the set.
    ///
    /// # Panics
    ///
    /// When the runtime is gone or lives on another thread, or 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, future: F, runtime: impl AsRef<Remote>) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let Some(core) = context::find(runtime.as_ref().id()) else {
            panic!("a JoinSet holds tasks of its own thread: the hanol runtime is on another thread, or gone");
        };
        self.insert(core.spawn(future, None, Location::caller()))
    }

    /// Runs a closure that blocks on a thread of its own, and puts the task that waits for it into the set.
    ///
    /// Aborting the task, or dropping the set, does not stop a closure that a thread has taken up.
    ///
    /// # Panics
    ///
    /// As [`spawn_blocking`](crate::spawn_blocking()) does.
    #[cfg(feature = "blocking")]
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(crate::blocking::spawn_blocking(f))
    }

    /// Spawns a task with a name, which the task list shows:
    ///
    /// ```
    /// # use hanol_executor::{Executor, JoinSet, ThreadPark};
    /// # Executor::new().block_on(&mut ThreadPark::new(), async {
    /// let mut set = JoinSet::new();
    /// set.build_task().name("reader").spawn(async { 1 });
    /// # assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    /// # });
    /// ```
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder::new(self)
    }

    /// Puts a task into the set that exists already.
    pub fn insert(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        let entry = self.tasks.vacant_entry();
        let key = entry.key();
        let task = entry.insert(task);
        task.set_joiner(Joiner::Set(Member { set: Rc::clone(&self.finished), key }));
        abort
    }

    /// Waits for the next task to finish and takes it out of the set. `None` if the set is empty.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a task is taken out only when its result is given.
    #[track_caller]
    pub fn join_next(&mut self) -> JoinNext<'_, T> {
        JoinNext { set: self, location: Location::caller() }
    }

    /// As [`join_next`](Self::join_next), and says which task it was. For one that failed the error says it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a task is taken out only when its result is given.
    #[track_caller]
    pub fn join_next_with_id(&mut self) -> JoinNextWithId<'_, T> {
        JoinNextWithId { set: self, location: Location::caller() }
    }

    /// The next task that has finished, without waiting. `None` if there is none, or the set is empty.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.take_next().map(|(_, result)| result)
    }

    /// As [`try_join_next`](Self::try_join_next), and says which task it was. For one that failed the error says it.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.take_next().map(with_id)
    }

    /// Polls for the next task that has finished: `Ready(None)` if the set is empty.
    #[track_caller]
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_next(cx, Location::caller()).map(|next| next.map(|(_, result)| result))
    }

    /// As [`poll_join_next`](Self::poll_join_next), and says which task it was. For one that failed the error says it.
    #[track_caller]
    pub fn poll_join_next_with_id(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_next(cx, Location::caller()).map(|next| next.map(with_id))
    }

    fn take_next(&mut self) -> Option<Joined<T>> {
        loop {
            let key = self.finished.keys.borrow_mut().pop_front()?;
            let Some(task) = self.tasks.get_mut(key) else { continue };
            let id = task.id();
            let result = task.poll_result(&mut Context::from_waker(Waker::noop()))?;
            self.tasks.remove(key);
            return Some((id, result));
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<Option<Joined<T>>> {
        if budget::poll_proceed(cx, location).is_pending() {
            return Poll::Pending;
        }
        if let Some(joined) = self.take_next() {
            return Poll::Ready(Some(joined));
        }
        if self.is_empty() {
            return Poll::Ready(None);
        }
        budget::give_back();
        let known = self.finished.waker.borrow().as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if !known {
            let waker = cx.waker().clone();
            let replaced = self.finished.waker.replace(Some(waker));
            drop(replaced);
        }
        if let Some((_, task)) = self.tasks.iter().next() {
            waits_for(WaitKind::JOIN, task.id().slot, location);
        }
        Poll::Pending
    }

    /// Waits for all tasks and gives their outputs, in the order in which they finished.
    ///
    /// # Panics
    ///
    /// When a task panicked, with its panic; the others are aborted. When a task was cancelled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future aborts the tasks that are left, and loses the outputs of the others.
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let location = Location::caller();
        async move {
            let mut outputs = Vec::with_capacity(self.len());
            while let Some(result) = (JoinNext { set: &mut self, location }).await {
                match result {
                    Ok(output) => outputs.push(output),
                    Err(error) => match error.try_into_panic() {
                        Ok(payload) => resume_unwind(payload),
                        Err(error) => panic!("{error}"),
                    },
                }
            }
            outputs
        }
    }

    /// Aborts every task and waits until they have ended.
    ///
    /// # Cancel safety
    ///
    /// The tasks are aborted at the first poll; what was not joined stays in the set.
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        let location = Location::caller();
        async move {
            self.abort_all();
            while (JoinNext { set: self, location }).await.is_some() {}
        }
    }
}

/// A task that was taken out of its set.
type Joined<T> = (Id, Result<T, JoinError>);

fn with_id<T>((id, result): Joined<T>) -> Result<(Id, T), JoinError> {
    result.map(|output| (id, output))
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        for task in self.forget().drain() {
            task.abort();
        }
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    /// Spawns a task for each future.
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = Self::new();
        set.extend(futures);
        set
    }
}

impl<T, F> Extend<F> for JoinSet<T>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    /// Spawns a task for each future.
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        futures.into_iter().for_each(|future| {
            self.spawn(future);
        });
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish_non_exhaustive()
    }
}
