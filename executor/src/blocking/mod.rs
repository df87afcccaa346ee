//! Work that blocks, done on the threads of the `blocking` crate.
//!
//! ```text
//!   queued ──► running ──► ended: the result is taken by the future
//!      │          │
//!      └──────────┴──────► given up: the future was dropped
//! ```
//!
//! A closure that is given up while it is queued is dropped with its future and never runs. One that is given up while it
//! runs goes on, and what it returns is sent to the runtime to be dropped there. A runtime that shuts down first drops its
//! tasks, which gives up all that they wait for, and then waits for the closures that run.

mod work;

use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::budget;
use crate::contain::wake;
use crate::core::Core;
use crate::join::JoinHandle;
use crate::spawn::current;
use crate::wait::{WaitKind, waits_for};

pub(crate) use self::work::Work;

/// Runs a closure that blocks on a thread of its own, as a task: the handle is awaited, aborted and dropped as any other.
///
/// The closure is handed over at once, to a thread of the `blocking` crate, which makes them as they are needed: up to 500,
/// or what the environment variable `BLOCKING_MAX_THREADS` says. A panic in the closure arrives at the handle.
///
/// Aborting the task before a thread has taken the closure up drops the closure. One that runs cannot be stopped: the
/// handle then gives a [`JoinError`](crate::JoinError) that is cancelled at once, the closure goes on, and what it returns
/// is dropped on the runtime's thread. Dropping the handle lets both go on.
///
/// # Panics
///
/// When the thread is not in an executor, or 2²⁴ − 2 tasks exist.
#[track_caller]
pub fn spawn_blocking<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    spawn(&current(), f, None, Location::caller())
}

/// Runs a closure that blocks on a thread of its own, and waits for what it returns, without a task.
///
/// The closure is handed over at once, not at the first poll, to a thread as [`spawn_blocking`] says.
///
/// # Panics
///
/// When the thread is not in an executor. The future panics as the closure did.
///
/// # Cancel safety
///
/// Dropping the future before a thread has taken the closure up drops the closure. One that runs goes on, and what it
/// returns is dropped on the runtime's thread.
#[track_caller]
pub fn unblock<F, T>(f: F) -> Unblock<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    start(f, Location::caller())
}

/// The future of [`unblock`].
#[must_use = "dropping the future gives up what the closure returns"]
pub struct Unblock<T> {
    job: Arc<Job<T>>,
    /// Whether it counts among the closures that somebody waits for.
    waits: bool,
    location: &'static Location<'static>,
}

/// A closure on its way.
struct Job<T> {
    state: Mutex<State<T>>,
    work: Arc<Work>,
}

struct State<T> {
    phase: Phase<T>,
    waker: Option<Waker>,
}

enum Phase<T> {
    Queued(Box<dyn FnOnce() -> T + Send>),
    Running,
    Ended(thread::Result<T>),
    /// Nobody waits for it: the future was dropped, or has the result.
    GivenUp,
}

#[track_caller]
pub(crate) fn start<F, T>(f: F, location: &'static Location<'static>) -> Unblock<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (unblock, job) = prepare(&current(), f, location);
    hand_over(job);
    unblock
}

#[track_caller]
pub(crate) fn spawn<F, T>(
    core: &Rc<Core>,
    f: F,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (unblock, job) = prepare(core, f, location);
    // The task comes first: an executor that has shut down gives up the closure, which then never runs.
    let task = core.spawn(unblock, name, location);
    hand_over(job);
    task
}

fn prepare<F, T>(core: &Core, f: F, location: &'static Location<'static>) -> (Unblock<T>, Arc<Job<T>>)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let state = State { phase: Phase::Queued(Box::new(f)), waker: None };
    let job = Arc::new(Job { state: Mutex::new(state), work: core.work() });
    job.work.begin_wait();
    (Unblock { job: Arc::clone(&job), waits: true, location }, job)
}

fn hand_over<T: Send + 'static>(job: Arc<Job<T>>) {
    if matches!(job.lock().phase, Phase::Queued(_)) {
        blocking::unblock(move || job.run()).detach();
    }
}

impl<T: Send + 'static> Job<T> {
    /// Runs the closure, on the thread that has taken it up.
    fn run(&self) {
        let Some(closure) = self.take_up() else { return };
        let result = catch_unwind(AssertUnwindSafe(closure));
        let mut state = self.lock();
        if let Phase::GivenUp = state.phase {
            drop(state);
            return self.work.end(Some(Box::new(result)));
        }
        state.phase = Phase::Ended(result);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            wake(waker);
        }
        self.work.end(None);
    }

    /// The closure, unless it was given up. It counts as running before anybody can see that it does.
    fn take_up(&self) -> Option<Box<dyn FnOnce() -> T + Send>> {
        let mut state = self.lock();
        match mem::replace(&mut state.phase, Phase::Running) {
            Phase::Queued(closure) => {
                self.work.begin();
                Some(closure)
            }
            given_up => {
                state.phase = given_up;
                None
            }
        }
    }
}

impl<T> Job<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// # Panics
    ///
    /// When the result was taken already.
    fn take(&mut self) -> Option<thread::Result<T>> {
        match mem::replace(&mut self.phase, Phase::GivenUp) {
            Phase::Ended(result) => Some(result),
            Phase::GivenUp => panic!("an Unblock was polled after it had given its output"),
            underway => {
                self.phase = underway;
                None
            }
        }
    }
}

impl<T> Future for Unblock<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if budget::poll_proceed(cx, self.location).is_pending() {
            return Poll::Pending;
        }
        // Cloning and dropping a waker is foreign code: neither happens while the lock is held.
        let waker = cx.waker().clone();
        let mut state = self.job.lock();
        let result = state.take();
        let unused = match result {
            Some(_) => Some(waker),
            None => state.waker.replace(waker),
        };
        drop(state);
        drop(unused);
        if result.is_some() {
            self.end_wait();
        }
        match result {
            Some(Ok(output)) => Poll::Ready(output),
            Some(Err(payload)) => resume_unwind(payload),
            None => {
                budget::give_back();
                waits_for(WaitKind::BLOCKING, 0, self.location);
                Poll::Pending
            }
        }
    }
}

impl<T> Unblock<T> {
    fn end_wait(&mut self) {
        if mem::take(&mut self.waits) {
            self.job.work.end_wait();
        }
    }
}

impl<T> Drop for Unblock<T> {
    fn drop(&mut self) {
        self.end_wait();
        let mut state = self.job.lock();
        let phase = mem::replace(&mut state.phase, Phase::GivenUp);
        let waker = state.waker.take();
        drop(state);
        drop(waker);
        drop(phase);
    }
}

impl<T> fmt::Debug for Unblock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unblock").finish_non_exhaustive()
    }
}
