//! The executor's parking, done by the reactor.

use std::sync::Arc;
use std::task::Waker;

use hanol_executor::{Park, Unpark, Wait, wake};
use hanol_reactor::{Reactor, Unparker};

/// Waits on a reactor and wakes the tasks whose events have come.
pub(super) struct ReactorPark<'a> {
    reactor: &'a Reactor,
    woken: Vec<Waker>,
}

impl<'a> ReactorPark<'a> {
    pub(super) fn new(reactor: &'a Reactor) -> Self {
        Self { reactor, woken: Vec::new() }
    }
}

impl Park for ReactorPark<'_> {
    fn park(&mut self, wait: Wait) {
        if let Err(error) = self.reactor.park(wait == Wait::Block, &mut self.woken) {
            panic!("the selector of a hanol runtime is broken: {error}");
        }
        // No borrow of the reactor is left when foreign wakers run.
        self.woken.drain(..).for_each(wake);
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(ReactorUnpark(self.reactor.unparker()))
    }
}

struct ReactorUnpark(Unparker);

impl Unpark for ReactorUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}
