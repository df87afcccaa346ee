//! Waiting for what the system reports.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

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

    /// As [`poll_ready`](Self::poll_ready) for one direction, with a waker that is not given up.
    fn poll_direction_ready(&self, cx: &mut Context<'_>, direction: Direction, waiter: &Waiter)
    -> Poll<io::Result<()>>;

    /// Whether it is known of every direction that an operation would block.
    fn is_known_to_block(&self, interest: Interest) -> bool;

    /// Takes note that an operation of these directions has blocked.
    fn has_blocked(&self, interest: Interest);
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

    fn poll_direction_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        waiter: &Waiter,
    ) -> Poll<io::Result<()>> {
        self.poll_direction_ready(cx, direction, waiter)
    }

    fn is_known_to_block(&self, interest: Interest) -> bool {
        self.is_known_to_block(interest)
    }

    fn has_blocked(&self, interest: Interest) {
        self.has_blocked(interest);
    }
}

/// Polls for readiness of one direction, as the functions do that are polled by hand.
pub(crate) fn poll_direction(
    socket: &dyn PollReady,
    cx: &mut Context<'_>,
    direction: Direction,
    location: &'static Location<'static>,
) -> Poll<io::Result<()>> {
    socket.poll_direction_ready(cx, direction, &Waiter::new(wait::READINESS, location))
}

/// Tries an operation of the user, of one direction or of both, unless it is known that it would block.
pub(crate) fn try_io<R>(
    socket: &dyn PollReady,
    interest: Interest,
    operation: impl FnOnce() -> io::Result<R>,
) -> io::Result<R> {
    if socket.is_known_to_block(interest) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    // Nothing is borrowed while the user's operation runs.
    let result = operation();
    if matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
        socket.has_blocked(interest);
    }
    result
}

impl<T> fmt::Debug for Readiness<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness").field("interest", &self.interest).finish_non_exhaustive()
    }
}
