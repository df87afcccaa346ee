//! Making connections.

use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::budget;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::addr::to_system;
use super::rest::Rest;
use super::stream::UnixStream;
use crate::net::socket::Socket;
use crate::wait;

/// The future of [`UnixStream::connect`] and [`UnixStream::connect_addr`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    /// `None` when the future has completed.
    attempt: Option<io::Result<Attempt>>,
    rest: Rest,
}

#[derive(Debug)]
struct Attempt {
    socket: Socket<net::UnixStream>,
    addr: SocketAddrUnix,
}

impl Connect {
    pub(super) fn new(addr: io::Result<SocketAddr>, location: &'static Location<'static>) -> Self {
        let attempt = addr.and_then(|addr| Attempt::new(&addr));
        Self { attempt: Some(attempt), rest: Rest::new(wait::CONNECT, location) }
    }
}

impl Attempt {
    fn new(addr: &SocketAddr) -> io::Result<Self> {
        let addr = to_system(addr)?;
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        Ok(Self { socket: Socket::new(socket.into()), addr })
    }
}

impl Future for Connect {
    type Output = io::Result<UnixStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        ready!(budget::poll_proceed(cx, this.rest.location()));
        let connected = match this.attempt.as_ref().expect("a Connect was polled after it had completed") {
            Err(_) => Ok(()),
            Ok(attempt) => loop {
                if this.rest.poll(cx, attempt.socket.fd_number()).is_pending() {
                    budget::give_back();
                    return Poll::Pending;
                }
                match rustix::net::connect(attempt.socket.source(), &attempt.addr) {
                    // The listener's queue is full. A socket that is not connected is not told when that changes.
                    Err(Errno::AGAIN) => this.rest.begin(),
                    Err(Errno::INTR) => {}
                    result => break result,
                }
            },
        };
        let attempt = this.attempt.take().expect("it was there above");
        Poll::Ready(attempt.and_then(|attempt| {
            connected?;
            Ok(UnixStream::from_socket(attempt.socket))
        }))
    }
}
