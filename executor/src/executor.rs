//! The loop: run what is ready, look for events, sleep when there is nothing to run.

use std::fmt;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::config::Config;
use crate::context::{self, Driving, EnterGuard};
use crate::core::{Core, Ran};
use crate::id::RuntimeId;
use crate::inbox::Inbox;
use crate::join::JoinHandle;
use crate::park::{Park, Wait};
use crate::remote::Remote;
use crate::snapshot::{self, TaskInfo};

/// Runs any number of tasks on the thread that made it.
///
/// Tasks are polled in the order in which they were woken. A turn of the loop polls at most
/// [`polls_per_turn`](Config::polls_per_turn) tasks, takes the wakes of other threads, and parks: for a look at events
/// when tasks are ready, for as long as it takes when none is. The loop never sleeps while a task is ready.
///
/// Dropping the executor drops all its tasks in its context, whoever holds their handles.
///
/// An executor stays on its thread:
///
/// ```compile_fail
/// let executor = hanol_executor::Executor::new();
/// std::thread::spawn(move || drop(executor));
/// ```
pub struct Executor {
    core: Rc<Core>,
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("id", &self.core.id())
            .field("unfinished", &self.core.unfinished())
            .finish_non_exhaustive()
    }
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor {
    /// An executor without tasks.
    ///
    /// # Panics
    ///
    /// When the process holds 65,536 executors already.
    pub fn new() -> Self {
        Self::with_config(Config::default())
    }

    /// An executor that divides its time as `config` says.
    ///
    /// # Panics
    ///
    /// When the process holds 65,536 executors already, when a turn would have no polls, or when the number of operations
    /// is 0 or `u32::MAX`.
    #[track_caller]
    pub fn with_config(config: Config) -> Self {
        assert!(config.polls_per_turn > 0, "a turn needs at least one poll");
        assert!(config.operations_per_poll > 0, "a poll needs at least one operation");
        assert!(config.operations_per_poll < u32::MAX, "a poll's operations have a limit");
        Self { core: Core::new(config) }
    }

    /// The number of this executor.
    pub fn id(&self) -> RuntimeId {
        self.core.id()
    }

    /// The way in for other threads.
    pub fn remote(&self) -> Remote {
        Remote::new(self.core.id())
    }

    /// Makes this the executor that free functions such as [`spawn`](crate::spawn()) use, until the guard is dropped.
    pub fn enter(&self) -> EnterGuard {
        context::enter(&self.core)
    }

    /// Spawns a task. It is polled for the first time when the executor runs.
    ///
    /// # Panics
    ///
    /// When 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        self.core.spawn(future, None, Location::caller())
    }

    /// Runs a closure that blocks on a thread of its own, as a task. It is handed over at once, and its result is there when
    /// the executor runs. See [`spawn_blocking`](crate::spawn_blocking()).
    ///
    /// # Panics
    ///
    /// When 2²⁴ − 2 tasks exist.
    #[cfg(feature = "blocking")]
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        crate::blocking::spawn(&self.core, f, None, Location::caller())
    }

    /// Runs until `future` is done, and the tasks beside it. `future` stays on the caller's stack, need not be `'static`,
    /// and is polled only when it was woken. Tasks that are left stay suspended until the executor runs again.
    ///
    /// # Panics
    ///
    /// When this thread is inside an executor's run already, or `future` panics; when a task does, if
    /// [`TaskPanic::Propagate`](crate::TaskPanic::Propagate) is configured. The executor stays usable.
    #[track_caller]
    pub fn block_on<F: Future, P: Park>(&self, park: &mut P, future: F) -> F::Output {
        self.block_on_from(Location::caller(), park, future)
    }

    /// As [`block_on`](Self::block_on), and the list of tasks names this line as the one that called it.
    ///
    /// # Panics
    ///
    /// As there.
    #[track_caller]
    pub fn block_on_from<F: Future, P: Park>(
        &self,
        location: &'static Location<'static>,
        park: &mut P,
        future: F,
    ) -> F::Output {
        let _run = self.begin_run(park);
        let mut future = pin!(future);
        let main = Main::begin(&self.core, location);
        let mut cx = Context::from_waker(&main.waker);
        loop {
            for _ in 0..self.core.config().polls_per_turn {
                match self.core.run_next() {
                    Ran::Task | Ran::Outdated => {}
                    Ran::Nothing => break,
                    Ran::Panicked => self.core.resume_panic(),
                    Ran::Main => {
                        if let Poll::Ready(output) = self.core.poll_main(|| future.as_mut().poll(&mut cx)) {
                            return output;
                        }
                    }
                }
            }
            self.end_turn(park);
        }
    }

    /// Runs until every task has finished.
    ///
    /// # Panics
    ///
    /// When this thread is inside an executor's run already.
    #[track_caller]
    pub fn run<P: Park>(&self, park: &mut P) {
        let _run = self.begin_run(park);
        // What was spawned from elsewhere counts, also when the last task has just finished.
        self.core.take_mail();
        while self.core.unfinished() > 0 {
            for _ in 0..self.core.config().polls_per_turn {
                match self.core.run_next() {
                    Ran::Nothing => break,
                    Ran::Panicked => self.core.resume_panic(),
                    Ran::Task | Ran::Outdated | Ran::Main => {}
                }
            }
            if self.core.unfinished() > 0 {
                self.end_turn(park);
            } else {
                self.core.take_mail();
            }
        }
    }

    /// Runs until no task is ready, without waiting for anything.
    ///
    /// Wakes of other threads that have come by then are counted in. A task that always wakes itself keeps this going.
    ///
    /// # Panics
    ///
    /// When this thread is inside an executor's run already.
    #[track_caller]
    pub fn run_until_stalled(&self) {
        while self.try_run_one() {}
    }

    /// Polls the task that is first in the run queue, once. `false` means that none was ready.
    ///
    /// # Panics
    ///
    /// When this thread is inside an executor's run already.
    #[track_caller]
    pub fn try_run_one(&self) -> bool {
        let _driving = Driving::begin();
        let _context = self.enter();
        self.core.take_mail();
        loop {
            match self.core.run_next() {
                Ran::Outdated => {}
                Ran::Panicked => self.core.resume_panic(),
                ran => return matches!(ran, Ran::Task),
            }
        }
    }

    /// How many tasks have not finished, without the future of `block_on`.
    pub fn unfinished(&self) -> usize {
        self.core.unfinished()
    }

    /// Whether somebody waits for a blocking closure: something will happen, although no event and no timer brings it.
    pub fn waits_for_blocking(&self) -> bool {
        self.core.waits_for_work()
    }

    /// A list of all tasks. Nothing is polled for it.
    pub fn tasks(&self) -> Vec<TaskInfo> {
        snapshot::take(&self.core)
    }

    /// Ends all tasks, in this executor's context: their futures are dropped, and those spawned meanwhile too. Other
    /// threads find it closed from then on. Then waits for the blocking closures that run, and drops what they return.
    /// Dropping the executor does this.
    pub fn shut_down(&mut self) {
        self.core.shut_down(None);
    }

    /// As [`shut_down`](Self::shut_down), but waits for no longer than the limit. What a closure returns after that is
    /// dropped on its thread.
    pub fn shut_down_within(&mut self, limit: Duration) {
        self.core.shut_down(Some(limit));
    }

    #[track_caller]
    fn begin_run<P: Park>(&self, park: &P) -> (Driving, EnterGuard) {
        let driving = Driving::begin();
        self.core.inbox().set_unparker(park.unparker());
        (driving, self.enter())
    }

    /// Looks for events, and sleeps until one comes if no task is ready.
    fn end_turn<P: Park>(&self, park: &mut P) {
        if self.core.has_ready() {
            park.park(Wait::Poll);
        } else {
            self.wait(park);
        }
        self.core.take_mail();
    }

    fn wait<P: Park>(&self, park: &mut P) {
        let inbox = self.core.inbox();
        let is_idle = || !self.core.has_ready() && !inbox.has_mail();
        let has_looked = park.spin(&is_idle);
        if has_looked && !is_idle() {
            return;
        }
        park.before_sleep();
        if self.core.has_ready() {
            return park.park(Wait::Poll);
        }
        if inbox.begin_sleep() {
            let _sleep = Sleep(inbox);
            park.park(Wait::Block);
        } else {
            park.park(Wait::Poll);
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// The time for which slot 0 stands for a future of `block_on`.
struct Main<'a> {
    core: &'a Core,
    waker: std::task::Waker,
}

impl<'a> Main<'a> {
    fn begin(core: &'a Core, location: &'static Location<'static>) -> Self {
        Self { core, waker: core.begin_main(location).waker() }
    }
}

impl Drop for Main<'_> {
    fn drop(&mut self) {
        self.core.end_main();
    }
}

/// The time for which the owner of an inbox is asleep. Ends also when `park` panics.
struct Sleep(&'static Inbox);

impl Drop for Sleep {
    fn drop(&mut self) {
        self.0.end_sleep();
    }
}
