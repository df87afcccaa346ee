//! Parks that count, and do what a test tells them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use hanol_executor::{Park, Unpark, Wait};

/// A park that never waits. Where it should block, it runs the next closure of its script instead: the event for which
/// the executor waited. A block without one is a test that would hang, so it panics.
#[derive(Default)]
pub(crate) struct ScriptPark {
    script: VecDeque<Box<dyn FnOnce()>>,
    at_each: Option<Box<dyn FnMut(Wait)>>,
    polls: usize,
    blocks: usize,
    unparks: Arc<UnparkCount>,
}

#[derive(Default)]
struct UnparkCount(AtomicUsize);

impl ScriptPark {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds what happens at the next block that has nothing to do yet.
    pub(crate) fn then(mut self, event: impl FnOnce() + 'static) -> Self {
        self.script.push_back(Box::new(event));
        self
    }

    /// Has `hook` called at each park, before anything else.
    pub(crate) fn at_each(mut self, hook: impl FnMut(Wait) + 'static) -> Self {
        self.at_each = Some(Box::new(hook));
        self
    }

    /// How often it was called to look for events only.
    pub(crate) fn polls(&self) -> usize {
        self.polls
    }

    /// How often it was called to wait.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks
    }

    /// How often it was unparked.
    pub(crate) fn unparks(&self) -> usize {
        self.unparks.0.load(SeqCst)
    }
}

impl Park for ScriptPark {
    fn park(&mut self, wait: Wait) {
        if let Some(hook) = &mut self.at_each {
            hook(wait);
        }
        match wait {
            Wait::Poll => self.polls += 1,
            Wait::Block => {
                self.blocks += 1;
                let event = self.script.pop_front();
                event.expect("the executor sleeps although nothing will wake it")();
            }
        }
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::clone(&self.unparks) as Arc<dyn Unpark>
    }
}

impl Unpark for UnparkCount {
    fn unpark(&self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A park that really waits, counts its sleeps and unparks, and panics when no unpark comes: a wake was lost then.
pub(crate) struct HandshakePark {
    sleeps: usize,
    signal: Arc<Signal>,
}

struct Signal {
    owner: ThreadId,
    unparked: Mutex<bool>,
    changed: Condvar,
    unparks: AtomicUsize,
    unparks_by_owner: AtomicUsize,
}

impl HandshakePark {
    /// Far longer than any of the tests takes, so it decides only whether a failed test ends.
    const LOST: Duration = Duration::from_secs(120);

    pub(crate) fn new() -> Self {
        let signal = Signal {
            owner: thread::current().id(),
            unparked: Mutex::new(false),
            changed: Condvar::new(),
            unparks: AtomicUsize::new(0),
            unparks_by_owner: AtomicUsize::new(0),
        };
        Self { sleeps: 0, signal: Arc::new(signal) }
    }

    pub(crate) fn sleeps(&self) -> usize {
        self.sleeps
    }

    pub(crate) fn unparks(&self) -> usize {
        self.signal.unparks.load(SeqCst)
    }

    pub(crate) fn unparks_by_owner(&self) -> usize {
        self.signal.unparks_by_owner.load(SeqCst)
    }
}

impl Park for HandshakePark {
    fn park(&mut self, wait: Wait) {
        if wait == Wait::Poll {
            return;
        }
        self.sleeps += 1;
        let unparked = self.signal.unparked.lock().unwrap();
        let waited = self.signal.changed.wait_timeout_while(unparked, Self::LOST, |unparked| !*unparked);
        let (mut unparked, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "the executor sleeps and nobody unparks it: a wake was lost");
        *unparked = false;
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::clone(&self.signal) as Arc<dyn Unpark>
    }
}

impl Unpark for Signal {
    fn unpark(&self) {
        self.unparks.fetch_add(1, SeqCst);
        if thread::current().id() == self.owner {
            self.unparks_by_owner.fetch_add(1, SeqCst);
        }
        *self.unparked.lock().unwrap() = true;
        self.changed.notify_one();
    }
}
