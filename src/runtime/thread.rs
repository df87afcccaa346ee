//! A runtime on a thread of its own.

use std::fmt;
use std::io;
use std::sync::mpsc;
use std::thread;

use super::{Builder, Handle};

/// How the thread is made.
#[derive(Clone, Debug)]
pub(super) struct ThreadConfig {
    pub(super) name: String,
    pub(super) stack_size: Option<usize>,
}

impl ThreadConfig {
    fn builder(&self, name: String) -> thread::Builder {
        let thread = thread::Builder::new().name(name);
        match self.stack_size {
            Some(bytes) => thread.stack_size(bytes),
            None => thread,
        }
    }
}

impl Default for ThreadConfig {
    fn default() -> Self {
        Self { name: "hanol".to_owned(), stack_size: None }
    }
}

impl Builder {
    /// A thread as it is configured here, but for the name.
    #[cfg(feature = "cores")]
    pub(crate) fn thread(&self, name: String) -> thread::Builder {
        self.thread.builder(name)
    }

    /// Starts a thread, builds the runtime there, and blocks on the future that `make` makes there. When that is done, the
    /// runtime is dropped and the thread ends.
    ///
    /// ```
    /// use hanol::runtime::Builder;
    ///
    /// let thread = Builder::new().thread_name("clock").spawn_thread(|| async { 6 * 7 })?;
    /// assert_eq!(thread.join().unwrap(), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the thread or its runtime cannot be made.
    pub fn spawn_thread<M, F>(self, make: M) -> io::Result<RuntimeThread<F::Output>>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future,
        F::Output: Send + 'static,
    {
        let thread = self.thread.builder(self.thread.name.clone());
        let (sender, started) = mpsc::sync_channel(1);
        let thread = thread.spawn(move || {
            let runtime = match self.build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    // The other end waits for it.
                    let _ = sender.send(Err(error));
                    return None;
                }
            };
            let _ = sender.send(Ok(runtime.handle()));
            Some(runtime.block_on(async { make().await }))
        })?;
        match started.recv() {
            Ok(Ok(handle)) => Ok(RuntimeThread { handle, thread }),
            Ok(Err(error)) => Err(error),
            // The hook of the start has panicked, which the panic hook has reported.
            Err(_) => Err(io::Error::other("the thread of a hanol runtime panicked before the runtime was there")),
        }
    }
}

/// A thread that runs a runtime, made by [`Builder::spawn_thread`].
///
/// Dropping this lets the thread go on by itself.
pub struct RuntimeThread<T> {
    handle: Handle,
    /// Gives `None` only when there was no runtime.
    thread: thread::JoinHandle<Option<T>>,
}

impl<T> RuntimeThread<T> {
    /// The handle of its runtime.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The thread.
    pub fn thread(&self) -> &thread::Thread {
        self.thread.thread()
    }

    /// Whether the thread has ended, or is about to.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the thread to end, and gives the output of its future. This blocks the calling thread.
    ///
    /// # Errors
    ///
    /// The payload of the panic with which the thread ended.
    pub fn join(self) -> thread::Result<T> {
        self.thread.join().map(|output| output.expect("a thread whose runtime was there has run its future"))
    }
}

impl<T> fmt::Debug for RuntimeThread<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeThread").field("handle", &self.handle).finish_non_exhaustive()
    }
}
