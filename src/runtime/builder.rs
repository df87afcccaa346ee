//! How a runtime is configured.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::time::Duration;

use hanol_executor::{Executor, TaskPanic};
use hanol_reactor::Reactor;

use super::Runtime;
use super::hooks::Hooks;
use super::random::{Random, RngSeed};
use super::thread::ThreadConfig;

/// Configures a [`Runtime`].
///
/// ```
/// use std::time::Duration;
/// use hanol::runtime::Builder;
///
/// let runtime = Builder::new().event_interval(32).busy_poll(Duration::from_micros(50)).build()?;
/// runtime.block_on(async {});
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    executor: hanol_executor::Config,
    reactor: hanol_reactor::Config,
    hooks: Hooks,
    seed: Option<RngSeed>,
    busy_poll: Duration,
    pub(super) thread: ThreadConfig,
}

impl Builder {
    /// The default configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// After how many polls the loop looks for events and due timers although tasks are ready, and takes in what other
    /// threads have sent: the tasks of one turn. The default is 128.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn event_interval(mut self, polls: u32) -> Self {
        assert!(polls > 0, "the event interval must be at least one poll");
        self.executor.polls_per_turn = polls;
        self
    }

    /// How many operations on sockets, channels and locks one poll of a task may complete before the task has to give way.
    /// The default is [`OPERATIONS_PER_POLL`](super::OPERATIONS_PER_POLL).
    ///
    /// # Panics
    ///
    /// When it is 0 or `u32::MAX`.
    #[track_caller]
    pub fn operations_per_poll(mut self, operations: u32) -> Self {
        assert!(operations > 0, "the budget of a poll must be at least one operation");
        assert!(operations < u32::MAX, "the budget of a poll must have a limit");
        self.executor.operations_per_poll = operations;
        self
    }

    /// How many events one look at the system can bring. The default is 1024, 12 bytes each.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn max_io_events_per_tick(mut self, events: usize) -> Self {
        assert!(events > 0, "the event buffer must hold at least one event");
        self.reactor.event_capacity = events;
        self
    }

    /// What a task's panic does: [contained](TaskPanic::Contain) unless configured otherwise.
    ///
    /// ```should_panic
    /// use hanol::runtime::{Builder, TaskPanic};
    ///
    /// let runtime = Builder::new().on_task_panic(TaskPanic::Propagate).build().unwrap();
    /// runtime.spawn(async { panic!("nobody awaits this task") });
    /// runtime.block_on(std::future::pending::<()>());
    /// ```
    pub fn on_task_panic(mut self, panic: TaskPanic) -> Self {
        self.executor.task_panic = panic;
        self
    }

    /// For how long the thread looks for events again and again before it sleeps. The default is zero: it sleeps at once.
    ///
    /// To sleep and be woken takes some microseconds, which a thread that looks does not lose. It takes the processor
    /// instead, so this is for a thread that has one of its own, and for peers that answer within the time; tens of
    /// microseconds is a sensible limit on a local network.
    ///
    /// The time adapts itself, as the halt polling of Linux's KVM does: it is halved with each wait that was longer than the
    /// limit, down to none at all, and doubled with each wait that a longer look would have caught. So a runtime whose
    /// waits are long sleeps like any other, and an idle runtime does not spin.
    pub fn busy_poll(mut self, limit: Duration) -> Self {
        self.busy_poll = limit;
        self
    }

    /// Where the runtime's random numbers start: with the same seed, [`select!`](crate::select) polls the same branches
    /// first. Without one it is another start for each runtime.
    pub fn rng_seed(mut self, seed: RngSeed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Called when the runtime has been built, on its thread and inside its context.
    pub fn on_thread_start(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.set_thread_start(hook);
        self
    }

    /// Called when the runtime is dropped, on its thread and inside its context, after all tasks have ended. A panic of
    /// the hook is contained.
    pub fn on_thread_stop(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.set_thread_stop(hook);
        self
    }

    /// Called each time that the thread is about to sleep, for want of anything to do.
    ///
    /// What the hook wakes or spawns is done first: the thread then does not sleep, but the hook of
    /// [`on_thread_unpark`](Self::on_thread_unpark) is called all the same. A panic of the hook ends `block_on`.
    pub fn on_thread_park(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.set_thread_park(hook);
        self
    }

    /// Called after each call of the hook of [`on_thread_park`](Self::on_thread_park), when the thread has slept. A panic of
    /// the hook ends `block_on`.
    pub fn on_thread_unpark(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.set_thread_unpark(hook);
        self
    }

    /// The name of the thread that [`spawn_thread`](Self::spawn_thread) starts. The default is `hanol`.
    ///
    /// Linux shows the first 15 bytes of it.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.thread.name = name.into();
        self
    }

    /// The size in bytes of the stack of the thread that [`spawn_thread`](Self::spawn_thread) starts. The default is that
    /// of [`std::thread`]. Tasks live on the heap; the stack holds only the one that is being polled.
    pub fn thread_stack_size(mut self, bytes: usize) -> Self {
        self.thread.stack_size = Some(bytes);
        self
    }

    /// Builds the runtime, on this thread.
    ///
    /// # Errors
    ///
    /// When the system refuses a descriptor for epoll or the eventfd.
    ///
    /// # Panics
    ///
    /// When the process holds 65,536 runtimes already, or the hook of [`on_thread_start`](Self::on_thread_start) panics.
    #[track_caller]
    pub fn build(self) -> io::Result<Runtime> {
        let executor = Executor::with_config(self.executor);
        let reactor = Reactor::new(executor.id().as_u32(), &self.reactor)?;
        let random = Random::new(self.seed);
        let (hooks, busy_poll) = (self.hooks, self.busy_poll);
        let runtime = Runtime { executor, reactor, random, hooks, busy_poll, parks: Cell::new(0) };
        {
            let _context = runtime.enter();
            runtime.hooks.thread_start();
        }
        Ok(runtime)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("executor", &self.executor)
            .field("reactor", &self.reactor)
            .field("busy_poll", &self.busy_poll)
            .field("thread", &self.thread)
            .finish_non_exhaustive()
    }
}
