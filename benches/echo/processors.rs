//! Which processor runs the server and which one the load.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Two different processors, so that client and server never wait for each other's time slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    pub(crate) server: usize,
    pub(crate) load: usize,
}

impl Processors {
    /// Chooses the first two processors that this process may use.
    ///
    /// # Errors
    ///
    /// Returns an error if it may use only one.
    pub(crate) fn choose() -> io::Result<Self> {
        let usable = sched_getaffinity(None)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|&processor| usable.is_set(processor));
        match (usable.next(), usable.next()) {
            (Some(server), Some(load)) => Ok(Self { server, load }),
            _ => Err(io::Error::other("the echo benchmark needs two processors")),
        }
    }
}

/// Binds the calling thread, and the threads it starts, to one processor.
pub(crate) fn pin_this_thread(processor: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(processor);
    Ok(sched_setaffinity(None, &only)?)
}
