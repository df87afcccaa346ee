//! The work that the in-process benchmarks ask of each runtime.
//!
//! The text of a case exists once, in `cases.rs`, and is compiled once for each contender below, so that no runtime
//! gets a kinder version of it. All of it runs in a spawned task: the future given to `block_on` is polled by special
//! rules in some runtimes, and a server does its work in spawned tasks anyway.

use std::io;
use std::time::Duration;

#[macro_use]
mod cases;
mod futures;

/// One runtime and what it can be asked to do.
#[derive(Debug)]
pub(crate) struct Contender {
    /// The name that tables and reports give it.
    pub(crate) name: &'static str,
    /// The measured cases, the same ones in the same order for every contender.
    pub(crate) cases: &'static [Case],
    /// Spawns this many tasks that hold [`HELD_BYTES`] each and wait forever, and measures while they wait.
    // The benchmark of the executor shares this module and does not measure memory.
    #[allow(dead_code)]
    pub(crate) while_suspended: fn(usize, Measure) -> io::Result<u64>,
}

/// What `while_suspended` calls, for example to ask for the size of the process.
pub(crate) type Measure = fn() -> io::Result<u64>;

/// One measured case on one runtime.
#[derive(Debug)]
pub(crate) struct Case {
    /// The name that tables and reports give it.
    pub(crate) name: &'static str,
    /// How many operations one iteration consists of.
    pub(crate) operations: u64,
    /// Runs this many iterations in a fresh runtime and returns the time that they took, without the time that the
    /// runtime took to start and to end.
    pub(crate) run: fn(u64) -> Duration,
}

/// Every runtime that is compared, Hanol first and the one it is measured against second.
pub(crate) const CONTENDERS: [Contender; 3] = [
    Contender { name: "hanol", cases: on_hanol::CASES, while_suspended: on_hanol::while_suspended },
    Contender { name: "tokio", cases: on_tokio::CASES, while_suspended: on_tokio::while_suspended },
    Contender { name: "tokio-local", cases: on_tokio_local::CASES, while_suspended: on_tokio_local::while_suspended },
];

/// The bytes that each task of `while_suspended` keeps across its wait.
pub(crate) const HELD_BYTES: usize = 64;

mod on_hanol {
    use hanol::spawn;
    use hanol::task::yield_now;
    use hanol::time::timeout;

    cases!();

    fn run<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
        let runtime = hanol::runtime::Runtime::new().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}

/// The `current_thread` scheduler, whose tasks must be `Send`.
mod on_tokio {
    use tokio::spawn;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    cases!();

    fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}

/// `LocalRuntime`, whose tasks need not be `Send`: the same scheduler, asked for what Hanol offers.
mod on_tokio_local {
    use tokio::task::{spawn_local as spawn, yield_now};
    use tokio::time::timeout;

    cases!();

    fn run<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
        let runtime = tokio::runtime::LocalRuntime::new().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}
