//! Wakers that are not the executor's, as combinators and other runtimes bring them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Wake, Waker};

/// What is wrong with a foreign waker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    PanicsInWake,
    PanicsInDrop,
}

/// The count of what is done to one foreign waker and its clones.
#[derive(Clone, Default)]
pub(crate) struct Foreign {
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    wakes: AtomicUsize,
    drops: AtomicUsize,
}

struct ForeignWaker {
    counters: Arc<Counters>,
    fault: Fault,
}

impl Foreign {
    pub(crate) fn new(fault: Fault) -> (Self, Waker) {
        let foreign = Self::default();
        let waker = ForeignWaker { counters: Arc::clone(&foreign.counters), fault };
        (foreign, Waker::from(Arc::new(waker)))
    }

    pub(crate) fn wakes(&self) -> usize {
        self.counters.wakes.load(SeqCst)
    }

    /// 1 when the waker and all its clones are gone.
    pub(crate) fn drops(&self) -> usize {
        self.counters.drops.load(SeqCst)
    }
}

impl Wake for ForeignWaker {
    fn wake(self: Arc<Self>) {
        self.counters.wakes.fetch_add(1, SeqCst);
        if self.fault == Fault::PanicsInWake {
            panic!("the foreign waker panicked in wake");
        }
    }
}

impl Drop for ForeignWaker {
    fn drop(&mut self) {
        self.counters.drops.fetch_add(1, SeqCst);
        if self.fault == Fault::PanicsInDrop {
            panic!("the foreign waker panicked in drop");
        }
    }
}
