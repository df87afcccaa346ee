//! Work on other threads, for which a paused clock waits.

use hanol_executor::Remote;

/// While it lives, the paused clock of a runtime does not jump to the next deadline.
///
/// Whoever waits for work that the runtime has given to another thread keeps one with its future. Work that goes on when
/// nobody waits for it returns one together with its result: dropped by the thread itself it could be gone, and the clock
/// could jump, before the result has arrived.
#[derive(Debug)]
pub(crate) struct ClockHold {
    /// The runtime whose clock is held, unless this was made outside one.
    runtime: Option<Remote>,
}

impl ClockHold {
    /// Holds the clock of the runtime that this thread is in.
    pub(crate) fn new() -> Self {
        let runtime = Remote::try_current()
            .filter(|runtime| hanol_reactor::with(runtime.id().as_u32(), |reactor| reactor.hold_clock()).is_some());
        Self { runtime }
    }
}

impl Drop for ClockHold {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime else { return };
        let release = move || hanol_reactor::with(runtime.id().as_u32(), |reactor| reactor.release_clock());
        if release().is_none() {
            // Another thread, or another runtime of this one. If the clock's runtime is gone, so is the clock.
            let _ = runtime.post(move || {
                release();
            });
        }
    }
}
