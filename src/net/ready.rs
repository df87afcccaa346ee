//! Waiting for what the system reports.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::io::{Interest, Ready};
use crate::net::socket::Socket;
use crate::net::waiter::Waiter;
use crate::wait;

/// The future of `ready`, `readable` and `writable` of a socket, such as
/// [`TcpStream::ready`](super::TcpStream::ready).
#[must_use = "futures do nothing unless awaited"]
pub struct Readiness<'a, T> {
    socket: &'a dyn PollReady,
    interest: Interest,
    /// What the caller wants to know of it.
    tell: fn(Ready) -> T,
    read: Waiter,
    write: Waiter,
}

impl<'a, T> Readiness<'a, T> {
    pub(crate) fn new(
        socket: &'a dyn PollReady,
        interest: Interest,
        tell: fn(Ready) -> T,
        location: &'static Location<'static>,
    ) -> Self {
        let waiter = || Waiter::new(wait::READINESS, location);
        Self { socket, interest, tell, read: waiter(), write: waiter() }
    }
}

impl<T> Future for Readiness<'_, T> {
    type Output = io::Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let ready = ready!(this.socket.poll_ready(cx, this.interest, &mut this.read, &mut this.write))?;
        Poll::Ready(Ok((this.tell)(ready)))
    }
}

/// A socket of any type, as far as its readiness goes.
pub(crate) trait PollReady: Sync {
    fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        read: &mut Waiter,
        write: &mut Waiter,
    ) -> Poll<io::Result<Ready>>;
}

impl<S: AsFd + Sync> PollReady for Socket<S> {
    fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        read: &mut Waiter,
        write: &mut Waiter,
    ) -> Poll<io::Result<Ready>> {
        self.poll_ready(cx, interest, read, write)
    }
}

impl<T> fmt::Debug for Readiness<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("interest", &self.interest).finish_non_exhaustive()
    }
}
