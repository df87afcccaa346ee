//! What an executor and its handles share: the slot table, and every transition that involves foreign code.
//!
//! The pattern is always the same: change the table, end the borrow, then poll, wake or drop.

#[cfg(feature = "blocking")]
use std::cell::OnceCell;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{Location, resume_unwind};
use std::rc::Rc;
#[cfg(feature = "blocking")]
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

#[cfg(feature = "blocking")]
use crate::blocking::Work;
use crate::budget;
use crate::cell::{self, BoxedTask, Payload, Polled};
use crate::config::{Config, TaskPanic};
use crate::contain::contain;
use crate::context;
use crate::id::{Id, RuntimeId};
use crate::inbox::{self, Inbox, Letters, Message};
use crate::join::JoinHandle;
#[cfg(feature = "blocking")]
use crate::remote::Remote;
use crate::table::{Finished, Join, Joiner, MAIN, Next, Pended, SetJoiner, Table, TaskView};
use crate::wait;
use crate::waker::{MAX_SLOTS, TaskRef};

pub(crate) struct Core {
    id: RuntimeId,
    config: Config,
    inbox: &'static Inbox,
    table: RefCell<Table>,
    /// The slot of the task that is being polled or dropped.
    current: Cell<Option<u32>>,
    /// The buffers of the last look into the inbox, empty.
    letters: RefCell<Letters>,
    /// The panic of a task that is to reach whoever runs the executor.
    panic: Cell<Option<Payload>>,
    /// Whether the executor was shut down: only a context that outlives it is left.
    is_shut_down: Cell<bool>,
    /// What is known of the blocking closures that run, if there ever were any.
    #[cfg(feature = "blocking")]
    work: OnceCell<Arc<Work>>,
}

/// What [`Core::run_next`] found.
pub(crate) enum Ran {
    /// No task is ready.
    Nothing,
    /// A task was polled.
    Task,
    /// A task was polled and has panicked, and the panic is to be raised again.
    Panicked,
    /// The entry of a task that has ended was skipped.
    Outdated,
    /// It is the turn of `block_on`'s future.
    Main,
}

impl Core {
    pub(crate) fn new(config: Config) -> Rc<Self> {
        let (id, inbox) = inbox::open();
        let core = Rc::new(Self {
            id,
            config,
            inbox,
            table: RefCell::new(Table::new(id.index())),
            current: Cell::new(None),
            letters: RefCell::new(Letters::default()),
            panic: Cell::new(None),
            is_shut_down: Cell::new(false),
            #[cfg(feature = "blocking")]
            work: OnceCell::new(),
        });
        context::register(&core);
        core
    }

    #[inline]
    pub(crate) fn id(&self) -> RuntimeId {
        self.id
    }

    #[inline]
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn inbox(&self) -> &'static Inbox {
        self.inbox
    }

    /// # Panics
    ///
    /// When the table is full.
    #[track_caller]
    pub(crate) fn spawn<F>(
        &self,
        future: F,
        name: Option<Box<str>>,
        spawned_at: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
    {
        let inserted = self.table.borrow_mut().insert(cell::boxed(future), name, spawned_at);
        match inserted {
            Ok(id) => {
                let handle = JoinHandle::new(self.id, id, spawned_at);
                if self.is_shut_down.get() {
                    handle.abort();
                }
                handle
            }
            // The future is dropped on the way out, with no borrow held.
            Err(_future) => panic!("a hanol runtime can hold {} tasks at once", MAX_SLOTS - 1),
        }
    }

    #[inline]
    pub(crate) fn wake(&self, task: TaskRef) {
        self.table.borrow_mut().wake(task);
    }

    #[inline]
    pub(crate) fn has_ready(&self) -> bool {
        !self.table.borrow().is_queue_empty()
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.table.borrow().unfinished()
    }

    /// Polls the task at the head of the run queue.
    #[inline]
    pub(crate) fn run_next(&self) -> Ran {
        let next = self.table.borrow_mut().next();
        match next {
            Next::Nothing => Ran::Nothing,
            Next::Outdated => Ran::Outdated,
            Next::Main => Ran::Main,
            Next::Task(task, task_ref) => self.poll(task, task_ref),
        }
    }

    /// Raises the panic of a task again, once.
    pub(crate) fn resume_panic(&self) {
        if let Some(payload) = self.panic.take() {
            resume_unwind(payload);
        }
    }

    #[inline]
    fn poll(&self, mut task: BoxedTask, task_ref: TaskRef) -> Ran {
        let slot = task_ref.slot();
        let waker = mem::ManuallyDrop::new(task_ref.waker());
        budget::begin_poll(self.config.operations_per_poll);
        wait::begin_poll();
        self.current.set(Some(slot));
        let mut ran = Ran::Task;
        match task.as_mut().poll(&mut Context::from_waker(&waker)) {
            Polled::Pending => {
                let pended = self.table.borrow_mut().pend(slot, task, wait::take_noted_wait());
                if let Pended::Cancel(task) = pended {
                    self.cancel(slot, task);
                }
            }
            Polled::Finished => self.finish(slot, task),
            Polled::Panicked => {
                if self.config.task_panic == TaskPanic::Propagate {
                    self.panic.set(task.as_mut().take_panic());
                    ran = Ran::Panicked;
                }
                self.finish(slot, task);
            }
        }
        self.current.set(None);
        ran
    }

    /// Polls the future of `block_on`, whose turn it is.
    #[inline]
    pub(crate) fn poll_main<T>(&self, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        budget::begin_poll(self.config.operations_per_poll);
        wait::begin_poll();
        self.current.set(Some(MAIN));
        let polled = poll();
        self.current.set(None);
        self.table.borrow_mut().pend_main(wait::take_noted_wait());
        polled
    }

    /// Ends a task that was taken out of the table before its time.
    fn cancel(&self, slot: u32, mut task: BoxedTask) {
        let outer = self.current.replace(Some(slot));
        task.as_mut().cancel();
        self.current.set(outer);
        self.finish(slot, task);
    }

    #[inline]
    fn finish(&self, slot: u32, task: BoxedTask) {
        let finished = self.table.borrow_mut().finish(slot, task);
        settle(finished);
    }

    pub(crate) fn abort(&self, id: Id) {
        let task = self.table.borrow_mut().abort(id);
        if let Some(task) = task {
            self.cancel(id.slot, task);
        }
    }

    pub(crate) fn is_finished(&self, id: Id) -> bool {
        self.table.borrow().is_finished(id)
    }

    /// Whether a task has finished. If not, the waker is registered for it.
    #[inline]
    pub(crate) fn poll_join(&self, id: Id, waker: &Waker) -> Join {
        let join = self.table.borrow_mut().join(id, waker);
        if join == Join::NeedsWaker {
            let joiner = Joiner::Waker(waker.clone());
            self.set_joiner(id, joiner);
        }
        join
    }

    /// Gives up a finished task, with its result.
    #[inline]
    pub(crate) fn take_finished(&self, id: Id) -> Option<BoxedTask> {
        self.table.borrow_mut().take_finished(id)
    }

    /// Registers whom to tell when a task has finished; tells at once if it has.
    pub(crate) fn set_joiner(&self, id: Id, joiner: Joiner) {
        let set = self.table.borrow_mut().set_joiner(id, joiner);
        match set {
            SetJoiner::Set(replaced) => drop(replaced),
            SetJoiner::Finished(joiner) => joiner.notify(),
        }
    }

    pub(crate) fn detach(&self, id: Id) -> Option<Finished> {
        self.table.borrow_mut().detach(id)
    }

    /// The task that is being polled or dropped.
    pub(crate) fn current(&self) -> Option<Id> {
        self.current.get().map(|slot| self.table.borrow().id(slot))
    }

    pub(crate) fn view<R>(&self, f: impl FnOnce(&mut dyn Iterator<Item = TaskView<'_>>) -> R) -> R {
        f(&mut self.table.borrow().views())
    }

    pub(crate) fn begin_main(&self, location: &'static Location<'static>) -> TaskRef {
        self.table.borrow_mut().begin_main(location)
    }

    pub(crate) fn end_main(&self) {
        self.current.set(None);
        self.table.borrow_mut().end_main();
    }

    /// Does what other threads have asked for.
    pub(crate) fn take_mail(&self) {
        if !self.inbox.has_mail() {
            return;
        }
        let mut letters = self.letters.take();
        self.inbox.take(&mut letters);
        for task in letters.wakes.drain(..) {
            self.wake(task);
        }
        for message in letters.messages.drain(..) {
            match message {
                Message::Abort(id) => self.abort(id),
                Message::Run(run) => contain(run),
            }
        }
        self.letters.replace(letters);
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn work(&self) -> Arc<Work> {
        Arc::clone(self.work.get_or_init(|| Work::new(Remote::new(self.id))))
    }

    /// Whether somebody waits for a blocking closure.
    pub(crate) fn waits_for_work(&self) -> bool {
        #[cfg(feature = "blocking")]
        return self.work.get().is_some_and(|work| work.is_awaited());
        #[cfg(not(feature = "blocking"))]
        false
    }

    /// Ends every task, in this executor's context. Tasks that are spawned meanwhile, or later, end too. Then waits for the
    /// blocking closures that run, for no longer than the limit.
    #[cfg_attr(not(feature = "blocking"), allow(unused_variables, reason = "there is nothing to wait for"))]
    pub(crate) fn shut_down(self: &Rc<Self>, limit: Option<Duration>) {
        let _context = context::enter(self);
        if self.inbox.is_open(self.id) {
            for message in self.inbox.close(self.id).messages {
                contain(|| drop(message));
            }
        }
        // The drop of a task or of its result may spawn. Each round ends what the last one has left.
        loop {
            self.cancel_all();
            let results = self.table.borrow_mut().take_results();
            if results.is_empty() {
                self.is_shut_down.set(true);
                break;
            }
            for result in results {
                contain(|| drop(result));
            }
        }
        #[cfg(feature = "blocking")]
        if let Some(work) = self.work.get() {
            work.close(limit);
        }
    }

    fn cancel_all(&self) {
        let mut from = 0;
        while self.unfinished() > 0 {
            let task = self.table.borrow_mut().abort_from(from);
            match task {
                Some((id, task)) => {
                    from = id.slot + 1;
                    self.cancel(id.slot, task);
                }
                // What is left was spawned into a slot that was passed already.
                None if from > 0 => from = 0,
                None => break,
            }
        }
    }
}

/// Does what a finished task leaves to do.
pub(crate) fn settle(finished: Finished) {
    if let Some(unwanted) = finished.unwanted {
        contain(|| drop(unwanted));
    }
    if let Some(joiner) = finished.joiner {
        joiner.notify();
    }
}
