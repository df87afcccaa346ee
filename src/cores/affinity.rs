//! Which cores the process may use, and keeping a thread on one.

use std::io;
use std::num::NonZero;
use std::thread;

/// How many strands make sense: the cores that the process may use, and no more than its quota of time allows.
pub(super) fn parallelism() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Keeps the calling thread on the core of this strand, counted among those that it may use. Gives the core's number.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(super) fn pin(strand: usize) -> io::Result<Option<usize>> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let allowed = sched_getaffinity(None)?;
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect();
    let Some(&core) = cores.get(strand % cores.len().max(1)) else { return Ok(None) };
    let mut alone = CpuSet::new();
    alone.set(core);
    sched_setaffinity(None, &alone)?;
    Ok(Some(core))
}

/// Other systems have no way to keep a thread on a core.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(super) fn pin(_strand: usize) -> io::Result<Option<usize>> {
    Ok(None)
}
