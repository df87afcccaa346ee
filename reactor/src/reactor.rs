//! The reactor: waits for events and deadlines, and hands out who waited for them.

mod pause;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::context::{self, EnterGuard};
use crate::direction::{Carries, Direction, Readiness};
use crate::selector::{Selector, Unparker, Waited};
use crate::slots::Key;
use crate::sources::{Sources, WaitFor};
use crate::timers::{Timer, Timers};

/// How a reactor is built.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many events one look at the system can bring. The default is 1024, 12 bytes each.
    pub event_capacity: usize,
    /// Whether the clock is paused from the start.
    pub start_paused: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { event_capacity: 1024, start_paused: false }
    }
}

/// A selector with the descriptors and the timers that are registered with it. Clones are the same reactor.
///
/// It stays on its thread, and so do the borrows inside it: none lasts longer than a call.
#[derive(Clone)]
pub struct Reactor {
    inner: Rc<Inner>,
}

struct Inner {
    number: u32,
    /// Fields are dropped in this order: timers, registrations, then epoll.
    timers: RefCell<Timers>,
    sources: RefCell<Sources>,
    selector: RefCell<Selector>,
    unparker: Unparker,
    looks: Cell<u64>,
    parks: Cell<u64>,
}

/// Counts of a reactor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Metrics {
    /// Registered descriptors.
    pub registrations: usize,
    /// Operations that wait for a descriptor.
    pub waiters: usize,
    /// Armed timers.
    pub timers: usize,
    /// How often the system was asked for events, since the start.
    pub polls: u64,
    /// How many of those looks could wait for an event, since the start.
    pub parks: u64,
    /// How often the reactor has read the clock, since the start.
    pub clock_reads: u64,
}

impl Reactor {
    /// A reactor, known by this number: sockets and timers carry it, so it should be unique in the process.
    ///
    /// # Errors
    ///
    /// When the system refuses a descriptor for epoll or for the eventfd.
    pub fn new(number: u32, config: &Config) -> io::Result<Self> {
        let (selector, unparker) = Selector::new(config.event_capacity)?;
        let inner = Inner {
            number,
            selector: RefCell::new(selector),
            unparker,
            sources: RefCell::new(Sources::new()),
            timers: RefCell::new(Timers::new(Clock::new(config.start_paused))),
            looks: Cell::new(0),
            parks: Cell::new(0),
        };
        Ok(Self { inner: Rc::new(inner) })
    }

    /// The number it was built with.
    #[inline]
    pub fn number(&self) -> u32 {
        self.inner.number
    }

    /// Makes this the reactor of the thread, until the guard is dropped.
    pub fn enter(&self) -> EnterGuard {
        context::enter(self)
    }

    /// Ends a wait from another thread.
    pub fn unparker(&self) -> Unparker {
        self.inner.unparker.clone()
    }

    /// What is registered, and what was done.
    pub fn metrics(&self) -> Metrics {
        let (sources, timers) = (self.inner.sources.borrow(), self.inner.timers.borrow());
        Metrics {
            registrations: sources.len(),
            waiters: sources.waiters(),
            timers: timers.len(),
            polls: self.inner.looks.get(),
            parks: self.inner.parks.get(),
            clock_reads: timers.clock().reads(),
        }
    }

    /// How often it has looked for events.
    pub fn looks(&self) -> u64 {
        self.inner.looks.get()
    }

    /// Looks for due timers and for events, and, if `may_block` and nothing is due, waits for them. Appends the wakers of
    /// all who waited for what has come; the caller wakes them.
    ///
    /// It may return without any. No system call is made when nothing is registered and there is nothing to wait for.
    ///
    /// While the clock is paused, the next deadline comes at once instead of a wait, unless the system has something to
    /// report first.
    ///
    /// # Errors
    ///
    /// When the system cannot wait on the selector, which means that its descriptor is broken.
    pub fn park(&self, may_block: bool, woken: &mut Vec<Waker>) -> io::Result<()> {
        let mut timeout = if may_block { None } else { Some(Duration::ZERO) };

        let mut timers = self.inner.timers.borrow_mut();
        if !timers.is_empty() {
            let next = timers.fire(woken);
            if !woken.is_empty() {
                timeout = Some(Duration::ZERO);
            } else if may_block {
                timeout = next;
            }
        }
        let jump = if may_block && woken.is_empty() { timers.next_jump() } else { None };
        drop(timers);

        if let Some(tick) = jump {
            return self.look_or_jump(tick, woken);
        }
        if timeout == Some(Duration::ZERO) && self.inner.sources.borrow().is_empty() {
            return Ok(());
        }
        self.look(timeout, woken).map(|_| ())
    }

    /// Waits for events and appends the wakers of all who waited for them.
    fn look(&self, timeout: Option<Duration>, woken: &mut Vec<Waker>) -> io::Result<Waited> {
        let mut selector = self.inner.selector.borrow_mut();
        let waited = selector.wait(timeout)?;
        self.inner.looks.set(self.inner.looks.get() + 1);
        self.inner.parks.set(self.inner.parks.get() + u64::from(timeout != Some(Duration::ZERO)));

        let mut sources = self.inner.sources.borrow_mut();
        for event in selector.events() {
            sources.report(event, woken);
        }
        Ok(waited)
    }

    /// Registers a descriptor for both directions. What it carries decides whether it can come to an end.
    ///
    /// # Errors
    ///
    /// When the system refuses: the descriptor cannot be polled (a regular file), or a limit is reached. Nothing is left
    /// behind.
    pub fn register(&self, fd: BorrowedFd<'_>, carries: Carries) -> io::Result<Key> {
        let key = self.inner.sources.borrow_mut().insert(carries);
        let registered = self.inner.selector.borrow().register(fd, key);
        if let Err(error) = registered {
            // Nobody can wait for it yet.
            self.inner.sources.borrow_mut().remove(key, &mut Vec::new());
            return Err(error);
        }
        Ok(key)
    }

    /// Forgets a descriptor. Those who wait for it are appended to `woken`.
    pub fn forget(&self, key: Key, woken: &mut Vec<Waker>) {
        self.inner.sources.borrow_mut().remove(key, woken);
    }

    /// Takes a descriptor that will live on out of the selector.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.inner.selector.borrow().deregister(fd)
    }

    /// What is known of a direction, and whether it is closed. `None` for a descriptor that is not registered.
    #[inline]
    pub fn readiness(&self, key: Key, direction: Direction) -> Option<(Readiness, bool)> {
        self.inner.sources.borrow().readiness(key, direction)
    }

    /// An operation found nothing more to do in this direction. A closed direction stays ready.
    #[inline]
    pub fn clear_readiness(&self, key: Key, direction: Direction) {
        self.inner.sources.borrow_mut().clear(key, direction);
    }

    /// An operation did less than it was asked to in this direction, which says that there is no more: but for one that had
    /// urgent data, whose mark ends a read early.
    #[inline]
    pub fn drain_readiness(&self, key: Key, direction: Direction) {
        self.inner.sources.borrow_mut().drain(key, direction);
    }

    /// Has `waker` handed out when `what` comes. `waiter` is the caller's place in the list: `None` at first, given to
    /// [`leave`](Self::leave) when it waits no longer.
    #[inline]
    pub fn wait(&self, what: WaitFor, waiter: &mut Option<Key>, waker: &Waker) {
        if let Some(key) = *waiter {
            if self.inner.sources.borrow_mut().waits_with(key, waker) {
                return;
            }
        }
        let waker = waker.clone();
        let replaced = self.inner.sources.borrow_mut().wait(what, waiter, waker);
        drop(replaced);
    }

    /// Has `waker` handed out when `what` comes, once, without a place that could be given up.
    pub fn wait_anonymously(&self, what: WaitFor, waker: &Waker) {
        let waker = waker.clone();
        let unused = self.inner.sources.borrow_mut().wait_anonymously(what, waker);
        drop(unused);
    }

    /// Whether this place is still in its list: what it waits for has not come.
    pub fn is_waiting(&self, waiter: Key) -> bool {
        self.inner.sources.borrow().is_waiting(waiter)
    }

    /// Gives up a place in a list.
    #[inline]
    pub fn leave(&self, what: WaitFor, waiter: Key) {
        let waker = self.inner.sources.borrow_mut().leave(what, waiter);
        drop(waker);
    }

    /// A descriptor was closed: appends those who wait for a free one.
    #[inline]
    pub fn descriptor_closed(&self, woken: &mut Vec<Waker>) {
        self.inner.sources.borrow_mut().descriptor_closed(woken);
    }

    /// Arms a timer: `waker` is handed out once the deadline has passed, at most one tick of 1 ms later than the wait for
    /// it ends.
    #[inline]
    pub fn arm(&self, deadline: Instant, waker: &Waker) -> Timer {
        let waker = waker.clone();
        Timer { reactor: self.number(), key: self.inner.timers.borrow_mut().arm(deadline, waker) }
    }

    /// Whether a timer still has to fire; if so, it will hand out this waker.
    #[inline]
    pub fn is_armed(&self, timer: Timer, waker: &Waker) -> bool {
        match self.inner.timers.borrow_mut().waker_mut(timer.key) {
            None => return false,
            Some(known) if known.will_wake(waker) => return true,
            Some(_) => {}
        }
        let mut waker = waker.clone();
        if let Some(known) = self.inner.timers.borrow_mut().waker_mut(timer.key) {
            std::mem::swap(known, &mut waker);
        }
        drop(waker);
        true
    }

    /// Moves a timer to another deadline. `false` if it has fired.
    #[inline]
    pub fn reset(&self, timer: Timer, deadline: Instant) -> bool {
        self.inner.timers.borrow_mut().reset(timer.key, deadline)
    }

    /// Disarms a timer, if it has not fired.
    #[inline]
    pub fn cancel(&self, timer: Timer) {
        let waker = self.inner.timers.borrow_mut().cancel(timer.key);
        drop(waker);
    }
}

impl Timer {
    /// The number of the reactor that armed it.
    pub fn reactor(self) -> u32 {
        self.reactor
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").field("number", &self.number()).field("metrics", &self.metrics()).finish()
    }
}
