//! Hanol (한올, a single strand) runs any number of coroutines on one thread.
//!
//! It is an async executor with heap-boxed futures, driven by an I/O reactor on `mio`. Programs on it read like blocking
//! code and run as an event loop:
//!
//! ```no_run
//! use hanol::net::TcpListener;
//!
//! #[hanol::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:7000").await?;
//!     loop {
//!         let (stream, _peer) = listener.accept().await?;
//!         hanol::spawn(async move {
//!             let mut buf = vec![0; 4096];
//!             loop {
//!                 let n = stream.read(&mut buf).await?;
//!                 if n == 0 {
//!                     return Ok::<_, std::io::Error>(());
//!                 }
//!                 stream.write_all(&buf[..n]).await?;
//!             }
//!         });
//!     }
//! }
//! ```
//!
//! # One thread
//!
//! Everything happens on the thread that calls [`block_on`]: tasks are polled there, events are waited for there, timers
//! fire there. A task need not be [`Send`], and shares data with others by `Rc` and `Cell`. Two things use other threads:
//! host names are looked up and [closures that block](task::spawn_blocking) are run on threads of the `blocking` crate, and
//! whoever holds a [`Waker`](std::task::Waker) or a [`Handle`](runtime::Handle) may use it from anywhere.
//!
//! Sockets and timers are numbers, looked up on the runtime's thread, and therefore [`Send`] and [`Sync`]. A socket
//! belongs to the runtime in which it waited first, and gives an error in another one.
//!
//! # Fairness
//!
//! A task gives way after [128 operations](runtime::OPERATIONS_PER_POLL), and the loop looks for events and due timers
//! after 128 polls, so neither waits for more than that.
//!
//! # Features
//!
//! - `cores` (default): [`cores`].
//! - `macros` (default): `#[hanol::main]`, `#[hanol::test]`, `select!`, `join!`, `try_join!` and `pin!`.
//! - `blocking` (default): [`spawn_blocking`](task::spawn_blocking), and host names in
//!   [`ToSocketAddrs`](net::ToSocketAddrs).
//! - `futures-io`: `AsyncRead` and `AsyncWrite` of the `futures-io` crate for streams, their halves and pipes.
//! - `tcp-fastopen`: Fast Open of [`TcpSocket`](net::TcpSocket), on Linux.
//! - `signal` (default): [`signal`].
//!
//! Unix only, 64-bit only.

#![forbid(unsafe_code)]

#[cfg(feature = "cores")]
pub mod cores;
pub mod io;
pub mod net;
pub mod runtime;
#[cfg(feature = "signal")]
pub mod signal;
pub mod sync;
pub mod task;
pub mod time;

mod compat;
#[cfg(feature = "macros")]
mod macros;
mod wait;

#[doc(hidden)]
pub mod __private;

pub use crate::runtime::block_on;
pub use crate::task::spawn;

#[cfg(feature = "macros")]
pub use hanol_macros::{main, test};

/// The code in the README and in the documents, compiled.
#[cfg(all(doctest, feature = "macros"))]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;

    #[doc = include_str!("../docs/how-it-works.md")]
    struct HowItWorks;

    #[cfg(all(feature = "blocking", feature = "signal"))]
    #[doc = include_str!("../docs/coming-from-tokio.md")]
    struct ComingFromTokio;

    #[doc = include_str!("../docs/guide/first-server.md")]
    struct FirstServer;

    #[doc = include_str!("../docs/guide/tasks.md")]
    struct Tasks;

    #[doc = include_str!("../docs/guide/cancellation.md")]
    struct Cancellation;

    #[doc = include_str!("../docs/guide/time.md")]
    struct Time;

    #[doc = include_str!("../docs/guide/sharing-state.md")]
    struct SharingState;

    #[cfg(all(feature = "blocking", feature = "signal"))]
    #[doc = include_str!("../docs/guide/shutting-down.md")]
    struct ShuttingDown;

    #[doc = include_str!("../docs/guide/testing.md")]
    struct Testing;

    #[cfg(feature = "blocking")]
    #[doc = include_str!("../docs/guide/blocking-work.md")]
    struct BlockingWork;

    #[cfg(all(feature = "cores", feature = "signal"))]
    #[doc = include_str!("../docs/guide/more-cores.md")]
    struct MoreCores;

    #[doc = include_str!("../docs/guide/choosing-options.md")]
    struct ChoosingOptions;
}
