//! Sending messages.

use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::budget;
use hanol_reactor::Direction;

use crate::net::socket::{Progress, Socket};
use crate::net::unix::rest::Rest;
use crate::net::waiter::Waiter;
use crate::wait;

pub(super) fn send(socket: &net::UnixDatagram, buf: &[u8]) -> io::Result<Progress<usize>> {
    socket.send(buf).map(Progress::More)
}

/// The future of [`UnixDatagram::send`](crate::net::UnixDatagram::send).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Send<'a> {
    socket: &'a Socket<net::UnixDatagram>,
    buf: &'a [u8],
    waiter: Waiter,
}

impl<'a> Send<'a> {
    pub(super) fn new(
        socket: &'a Socket<net::UnixDatagram>,
        buf: &'a [u8],
        location: &'static Location<'static>,
    ) -> Self {
        Self { socket, buf, waiter: Waiter::new(wait::SEND, location) }
    }
}

impl Future for Send<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Write, |socket| send(socket, this.buf))
    }
}

/// The future of [`UnixDatagram::send_to`](crate::net::UnixDatagram::send_to) and
/// [`UnixDatagram::send_to_addr`](crate::net::UnixDatagram::send_to_addr).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct SendTo<'a> {
    socket: &'a Socket<net::UnixDatagram>,
    buf: &'a [u8],
    target: Option<io::Result<SocketAddr>>,
    rest: Rest,
}

impl<'a> SendTo<'a> {
    pub(super) fn new(
        socket: &'a Socket<net::UnixDatagram>,
        buf: &'a [u8],
        target: io::Result<SocketAddr>,
        location: &'static Location<'static>,
    ) -> Self {
        Self { socket, buf, target: Some(target), rest: Rest::new(wait::SEND, location) }
    }
}

impl Future for SendTo<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        ready!(budget::poll_proceed(cx, this.rest.location()));
        let target = match this.target.as_ref().expect("a SendTo was polled after it had failed") {
            Ok(target) => target,
            Err(_) => return Poll::Ready(this.target.take().expect("it was there above").map(|_| 0)),
        };
        loop {
            if this.rest.poll(cx, this.socket.fd_number()).is_pending() {
                budget::give_back();
                return Poll::Pending;
            }
            match this.socket.source().send_to_addr(this.buf, target) {
                // Mostly it is the receiver's queue that is full, and of that the system tells only those who are
                // connected to it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => this.rest.begin(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }
}
