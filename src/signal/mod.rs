//! Signals of the system, as futures.
//!
//! [`ctrl_c`] is what most programs need; [`unix`] has the other signals. Any number of listeners may wait for the same
//! signal, in any number of runtimes on any threads: each of them hears of it.
//!
//! A listener is one end of a socket pair. The handler of the signal, which the `signal-hook` crate installs, writes a byte
//! to the other end. So a signal is an event of the selector like any other, and nothing of ours runs inside a handler.
//!
//! With the first listener of a signal its handler is installed **for the rest of the process**: dropping the listeners
//! does not bring the default action back. A program that has listened to `SIGINT` once has to end itself from then on.

pub mod unix;

use std::io;
use std::panic::Location;

use self::unix::{Signal, SignalKind};

/// Waits for the next `SIGINT`, which a terminal sends for Ctrl-C.
///
/// The listener is made by the first poll: what came before is not noticed, and from then on Ctrl-C does not end the
/// process. To hear of each one, keep a [`Signal`] of [`SignalKind::interrupt`].
///
/// ```no_run
/// # async fn serve() {}
/// # hanol::block_on(async {
/// let server = hanol::spawn(serve());
/// hanol::signal::ctrl_c().await?;
/// server.abort();
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
///
/// # Errors
///
/// When the handler cannot be installed, or the process has no descriptors left.
///
/// # Panics
///
/// When it is awaited outside a runtime.
///
/// # Cancel safety
///
/// Dropping the future ends the listening. A signal that comes between two calls is not noticed.
#[track_caller]
pub fn ctrl_c() -> impl Future<Output = io::Result<()>> {
    let location = Location::caller();
    async move { Signal::new(SignalKind::interrupt())?.recv_at(location).await }
}
