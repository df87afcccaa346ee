//! Looking up the addresses of a name.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use super::ToSocketAddrs;
use super::addr::Resolve;

/// Looks up the addresses that a name with a port stands for, in the order of the system's preference.
///
/// ```
/// # #[hanol::main]
/// # async fn main() -> std::io::Result<()> {
/// for addr in hanol::net::lookup_host("127.0.0.1:80").await? {
///     println!("{addr}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When the name does not exist or its servers do not answer. The system's resolver does not say which in a way that could
/// be told from the error's kind; its message says it in words. [`InvalidInput`](io::ErrorKind::InvalidInput) when the text
/// is no name with a port, [`Unsupported`](io::ErrorKind::Unsupported) without the feature `blocking`.
///
/// # Cancel safety
///
/// Dropping the future gives the result up. A lookup that has begun goes on, on its thread.
#[track_caller]
pub fn lookup_host(host: impl ToSocketAddrs) -> LookupHost {
    LookupHost { resolve: Resolve::new(host, Location::caller()) }
}

/// The future of [`lookup_host`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct LookupHost {
    resolve: Resolve,
}

impl Future for LookupHost {
    type Output = io::Result<vec::IntoIter<SocketAddr>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.resolve.poll_operation(cx).map_ok(Vec::into_iter)
    }
}
