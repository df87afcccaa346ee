//! The runtime: an executor and a reactor on one thread.
//!
//! Most programs need only [`block_on`] or `#[hanol::main]`. A [`Runtime`] of one's own outlives a
//! single `block_on`, and is configured by a [`Builder`].

#[cfg(feature = "blocking")]
mod blocking;
mod builder;
mod busy_poll;
mod handle;
mod hooks;
mod park;
mod random;
mod shutdown;
mod tasks;
mod thread;

use std::fmt;
use std::io;
use std::panic::Location;
use std::time::Duration;

use hanol_executor::{Executor, JoinHandle, Remote};
use hanol_reactor::Reactor;

pub use hanol_executor::budget::OPERATIONS_PER_POLL;
pub use hanol_executor::{Closed, RuntimeId as Id, TaskPanic, TaskState};

pub use self::builder::Builder;
pub use self::handle::{Handle, TryCurrentError};
pub use self::random::RngSeed;
pub use self::tasks::{TaskInfo, TaskList, Waiting};
pub use self::thread::RuntimeThread;

pub(crate) use self::random::random_below;

use self::hooks::Hooks;
use self::park::ReactorPark;
use self::random::Random;

/// Runs a future on a new runtime, and the tasks that it spawns beside it. When the future is done, the runtime is
/// dropped, and with it the tasks that are left. Blocking closures that run are waited for, as [`Runtime`] says.
///
/// # Panics
///
/// When this thread is inside a runtime already, when the system refuses the descriptors for a new one, or when the
/// future panics.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    match Runtime::new() {
        Ok(runtime) => runtime.block_on(future),
        Err(error) => panic!("no hanol runtime can be made: {error}"),
    }
}

/// An executor and its reactor, on the thread that made them.
///
/// Dropping it drops, in this order and inside its context: all tasks, whoever holds their handles, then timers, then
/// registrations, then the selector. Between the tasks and the timers it waits for the closures of
/// [`spawn_blocking`](crate::task::spawn_blocking) that run, and drops what they return; those that have not begun are
/// dropped with their tasks. [`shutdown_timeout`](Self::shutdown_timeout) and
/// [`shutdown_background`](Self::shutdown_background) do not wait so long. The hook of [`Builder::on_thread_stop`] runs
/// after the tasks and the closures.
///
/// ```
/// let runtime = hanol::runtime::Runtime::new()?;
/// let task = runtime.spawn(async { "done" });
/// assert_eq!(runtime.block_on(task).unwrap(), "done");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Runtime {
    // The order matters: tasks go before the reactor.
    executor: Executor,
    reactor: Reactor,
    hooks: Hooks,
    /// For how long the thread looks for events before it sleeps, at most.
    busy_poll: Duration,
    random: Random,
}

impl Runtime {
    /// A runtime with the default configuration.
    ///
    /// # Errors
    ///
    /// When the system refuses a descriptor for epoll or the eventfd.
    pub fn new() -> io::Result<Self> {
        Builder::new().build()
    }

    /// Runs until `future` is done, and the tasks beside it. `future` stays on the caller's stack and need not be
    /// `'static`. Tasks that are left stay suspended, and go on with the next call.
    ///
    /// # Panics
    ///
    /// When this thread is inside a runtime already, or when the future panics; with [`TaskPanic::Propagate`], also when a
    /// task panics. The runtime stays usable.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.block_on_from(Location::caller(), future)
    }

    /// As [`block_on`](Self::block_on), called on behalf of this line.
    #[track_caller]
    pub(crate) fn block_on_from<F: Future>(&self, location: &'static Location<'static>, future: F) -> F::Output {
        let _context = self.reactor.enter();
        let _random = self.random.enter();
        self.executor.block_on_from(location, &mut ReactorPark::new(self), future)
    }

    /// Spawns a task. It runs while a future is being blocked on.
    ///
    /// # Panics
    ///
    /// When 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        self.executor.spawn(future)
    }

    /// Makes this the runtime that [`spawn`](crate::spawn), sockets and timers find, until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard { _executor: self.executor.enter(), _reactor: self.reactor.enter(), _runtime: self }
    }

    /// A handle for other threads.
    pub fn handle(&self) -> Handle {
        Handle::new(self.remote())
    }

    /// Counts of what the runtime holds and has done.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(self.executor.unfinished(), &self.reactor)
    }

    fn remote(&self) -> Remote {
        self.executor.remote()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _context = (self.executor.enter(), self.reactor.enter());
        self.executor.shut_down();
        self.hooks.thread_stop();
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

impl futures_task::LocalSpawn for Runtime {
    fn spawn_local_obj(
        &self,
        future: futures_task::LocalFutureObj<'static, ()>,
    ) -> Result<(), futures_task::SpawnError> {
        self.executor.spawn_local_obj(future)
    }
}

/// Keeps a thread in the context of a [`Runtime`].
#[must_use = "the context is left when the guard is dropped"]
pub struct EnterGuard<'a> {
    _executor: hanol_executor::EnterGuard,
    _reactor: hanol_reactor::EnterGuard,
    _runtime: &'a Runtime,
}

impl fmt::Debug for EnterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}

/// What a runtime holds and has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Metrics {
    /// Tasks that have not finished, without the future of `block_on`.
    pub tasks: usize,
    /// Sockets that are registered with the selector.
    pub registrations: usize,
    /// Operations that wait for a socket.
    pub waiters: usize,
    /// Timers that are armed.
    pub timers: usize,
    /// How often the system was asked for events.
    pub polls: u64,
    /// How often the thread went to sleep, for want of anything to do.
    pub parks: u64,
    /// How often the loop has read the clock.
    pub clock_reads: u64,
}

impl Metrics {
    fn new(tasks: usize, reactor: &Reactor) -> Self {
        let reactor = reactor.metrics();
        Self {
            tasks,
            registrations: reactor.registrations,
            waiters: reactor.waiters,
            timers: reactor.timers,
            polls: reactor.polls,
            parks: reactor.parks,
            clock_reads: reactor.clock_reads,
        }
    }
}
