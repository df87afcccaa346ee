//! Ending a runtime without waiting for all the closures that block.

use std::time::Duration;

use super::Runtime;

impl Runtime {
    /// Drops the runtime, and waits for blocking closures that run for at most `limit`.
    ///
    /// Closures that have not ended by then go on, and what they return is dropped on their threads. Tasks, timers and
    /// sockets go as with a drop, and are not waited for in any case.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let runtime = hanol::runtime::Runtime::new()?;
    /// # #[cfg(feature = "blocking")]
    /// drop(runtime.spawn_blocking(|| std::thread::sleep(Duration::from_secs(3600))));
    /// let before = Instant::now();
    /// runtime.shutdown_timeout(Duration::from_millis(1));
    /// assert!(before.elapsed() < Duration::from_secs(3600));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_timeout(mut self, limit: Duration) {
        let _context = self.reactor.enter();
        self.executor.shut_down_within(limit);
    }

    /// Drops the runtime without waiting for any closure that blocks. It can be called inside another runtime, which a plain
    /// drop would hold up for as long as a closure runs.
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }
}
