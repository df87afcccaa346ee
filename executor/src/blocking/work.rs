//! The closures of one executor that run, and what they leave behind.

use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::contain::contain;
use crate::remote::Remote;

/// What an executor knows of its closures that run.
pub(crate) struct Work {
    remote: Remote,
    /// How many closures somebody waits for.
    awaited: AtomicUsize,
    state: Mutex<WorkState>,
    /// Notified when a closure has ended.
    ended: Condvar,
}

#[derive(Default)]
struct WorkState {
    running: usize,
    /// What closures returned after they were given up, to be dropped on the executor's thread.
    left: Vec<Box<dyn Send>>,
    /// The executor has shut down and waits no longer.
    gone: bool,
}

impl Work {
    pub(crate) fn new(remote: Remote) -> Arc<Self> {
        Arc::new(Self { remote, awaited: AtomicUsize::new(0), state: Mutex::default(), ended: Condvar::new() })
    }

    /// Takes note that somebody waits for one closure more.
    pub(super) fn begin_wait(&self) {
        self.awaited.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note that somebody has what he waited for, or waits no longer.
    pub(super) fn end_wait(&self) {
        self.awaited.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether somebody waits for a closure. Exact on the executor's thread, unless a future is elsewhere.
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Relaxed) > 0
    }

    /// Takes note that a closure runs from now on.
    pub(super) fn begin(&self) {
        self.lock().running += 1;
    }

    /// Takes note that a closure has ended, and what it has left to be dropped.
    pub(super) fn end(self: &Arc<Self>, left: Option<Box<dyn Send>>) {
        let mut state = self.lock();
        state.running -= 1;
        let (homeless, has_left) = match left {
            Some(left) if state.gone => (Some(left), false),
            Some(left) => {
                state.left.push(left);
                (None, true)
            }
            None => (None, false),
        };
        drop(state);
        self.ended.notify_all();
        if has_left {
            let work = Arc::clone(self);
            // An executor that is shutting down takes no mail, but looks after what is left itself.
            let _ = self.remote.post(move || work.drop_left());
        }
        contain(|| drop(homeless));
    }

    fn drop_left(&self) {
        let left = mem::take(&mut self.lock().left);
        left.into_iter().for_each(|left| contain(|| drop(left)));
    }

    /// Waits for the closures that run, for no longer than the limit, and drops what they leave. Called in the context of
    /// the executor, when its tasks are gone.
    pub(crate) fn close(&self, mut limit: Option<Duration>) {
        loop {
            let mut state = self.wait(limit);
            if state.left.is_empty() && (state.running == 0 || limit.is_some()) {
                state.gone = true;
            }
            if state.gone {
                return;
            }
            drop(state);
            self.drop_left();
            // That may have started others. The time is up for them.
            limit = limit.map(|_| Duration::ZERO);
        }
    }

    /// Waits until there is something to do: without a limit what is left is dropped as it comes, since a closure that runs
    /// may wait for just that.
    fn wait(&self, limit: Option<Duration>) -> MutexGuard<'_, WorkState> {
        let state = self.lock();
        let waited = match limit {
            None => self.ended.wait_while(state, |state| !state.gone && state.running > 0 && state.left.is_empty()),
            Some(limit) => self
                .ended
                .wait_timeout_while(state, limit, |state| !state.gone && state.running > 0)
                .map(|(state, _)| state)
                .map_err(|poisoned| PoisonError::new(poisoned.into_inner().0)),
        };
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, WorkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
