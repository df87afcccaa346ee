//! The executor's parking, done by the reactor.

use std::mem;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use hanol_executor::{Park, Unpark, Wait, wake};
use hanol_reactor::{Unparker, now};

use super::Runtime;
use super::busy_poll::BusyPoll;

/// Waits on a runtime's reactor and wakes the tasks whose events have come.
pub(super) struct ReactorPark<'a> {
    runtime: &'a Runtime,
    woken: Vec<Waker>,
    busy_poll: BusyPoll,
    /// Whether the hook was called that says that the thread is going to sleep.
    announced: bool,
    /// When the wait began for which there was a look in vain.
    looked_since: Option<Instant>,
}

impl<'a> ReactorPark<'a> {
    pub(super) fn new(runtime: &'a Runtime) -> Self {
        let busy_poll = BusyPoll::new(runtime.busy_poll);
        Self { runtime, woken: Vec::new(), busy_poll, announced: false, looked_since: None }
    }

    fn look(&mut self, may_block: bool) {
        if let Err(error) = self.runtime.reactor.park(may_block, &mut self.woken) {
            panic!("the selector of a hanol runtime is broken: {error}");
        }
        // No borrow of the reactor is left when foreign wakers run.
        self.woken.drain(..).for_each(wake);
    }
}

impl Park for ReactorPark<'_> {
    fn park(&mut self, wait: Wait) {
        if wait == Wait::Block {
            self.runtime.parks.set(self.runtime.parks.get() + 1);
        }
        self.look(wait == Wait::Block);
        if mem::take(&mut self.announced) {
            self.runtime.hooks.thread_unpark();
        }
        if let Some(began) = self.looked_since.take() {
            self.busy_poll.waited(now() - began);
        }
    }

    fn before_sleep(&mut self) {
        self.announced = true;
        self.runtime.hooks.thread_park();
    }

    fn spin(&mut self, is_idle: &dyn Fn() -> bool) -> bool {
        if !self.busy_poll.is_on() {
            return false;
        }
        let began = now();
        let window = self.busy_poll.window();
        while window > Duration::ZERO && is_idle() {
            self.look(false);
            if !is_idle() {
                return true;
            }
            if now() - began >= window {
                break;
            }
        }
        self.looked_since = Some(began);
        false
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(ReactorUnpark(self.runtime.reactor.unparker()))
    }
}

struct ReactorUnpark(Unparker);

impl Unpark for ReactorUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}
