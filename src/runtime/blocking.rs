//! Blocking closures of a runtime that the thread need not be in.

use hanol_executor::{JoinHandle, RemoteJoinHandle};

use super::{Handle, Runtime};

impl Runtime {
    /// Runs a closure that blocks on a thread of its own, as a task of this runtime. It is handed over at once; its result
    /// is there while a future is being blocked on. See [`task::spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Panics
    ///
    /// When 2²⁴ − 2 tasks exist.
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.executor.spawn_blocking(f)
    }
}

impl Handle {
    /// Runs a closure that blocks on a thread of its own, as a task of the runtime. See
    /// [`task::spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// The runtime hands the closure over, between two polls: nothing happens while nobody blocks on the runtime. When the
    /// runtime is gone, or goes first, the handle gives a [`JoinError`](crate::task::JoinError) that is cancelled.
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> RemoteJoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.remote.spawn_blocking(f)
    }
}
