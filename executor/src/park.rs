//! The seam between the executor and what it waits for.

use std::sync::Arc;
use std::thread;

/// How long [`Park::park`] may wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Not at all: there are tasks to run. Look for events and come back.
    Poll,
    /// Until something happens: an event, a timer, or a call of [`Unpark::unpark`].
    Block,
}

/// What an executor calls when it wants to hear from the world: a reactor, a test, a thread's own parking.
///
/// `park` wakes the tasks whose events have come by their wakers. It may return early for no reason.
pub trait Park {
    /// Looks for events, and waits for one if `wait` says so.
    fn park(&mut self, wait: Wait);

    /// Looks for events again and again before the executor sleeps, for as long as `is_idle` says that there is nothing to
    /// do and this thinks that it is worth it. Whether it has looked at all; unless it is implemented, it does not.
    fn spin(&mut self, is_idle: &dyn Fn() -> bool) -> bool {
        let _ = is_idle;
        false
    }

    /// Called before the executor announces its sleep, when there is nothing to do. What this wakes or spawns is done
    /// first.
    fn before_sleep(&mut self) {}

    /// The way to end a blocked `park` from another thread.
    fn unparker(&self) -> Arc<dyn Unpark>;
}

/// Ends a blocked [`Park::park`] from another thread.
pub trait Unpark: Send + Sync {
    /// Makes the current or the next blocking `park` return. Called at most once for each time that the executor sleeps.
    fn unpark(&self);
}

/// Parks the thread itself, for an executor without I/O.
#[derive(Debug, Default)]
pub struct ThreadPark(());

impl ThreadPark {
    /// A parker for the current thread.
    pub fn new() -> Self {
        Self(())
    }
}

impl Park for ThreadPark {
    fn park(&mut self, wait: Wait) {
        if wait == Wait::Block {
            thread::park();
        }
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(ThreadUnpark(thread::current()))
    }
}

struct ThreadUnpark(thread::Thread);

impl Unpark for ThreadUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}
