//! Sending datagrams.

use std::io;
use std::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use super::socket::{UdpInside, UdpSocket};
use crate::net::ToSocketAddrs;
use crate::net::addr::Resolve;
use crate::net::socket::Progress;
use crate::net::waiter::Waiter;
use crate::wait;

/// # Sending
impl UdpSocket {
    /// Sends a datagram to the peer that the socket is connected to, and waits if there is no room for it. Gives its size.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` when the datagram is larger than UDP takes, which is 65,507 bytes over IPv4, or than fits into the send
    /// buffer; [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when an earlier one has found nobody, and this one
    /// was not sent; `EDESTADDRREQ` when the socket is not connected.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was sent.
    #[track_caller]
    pub fn send<'a>(&'a self, buf: &'a [u8]) -> Send<'a> {
        Send { socket: self.socket(), buf, waiter: Waiter::new(wait::SEND, Location::caller()) }
    }

    /// Sends a datagram to an address, and waits if there is no room for it. Gives its size. If the address stands for
    /// several, it is sent to the first.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and the failure to look up a name.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was sent.
    #[track_caller]
    pub fn send_to<'a>(&'a self, buf: &'a [u8], addr: impl ToSocketAddrs) -> SendTo<'a> {
        let location = Location::caller();
        let (resolve, waiter) = (Resolve::new(addr, location), Waiter::new(wait::SEND, location));
        SendTo { socket: self.socket(), buf, resolve, waiter }
    }

    /// Sends a datagram to the peer, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`send`](Self::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.socket().try_io(Direction::Write, |socket| send(socket, buf))
    }

    /// Sends a datagram to an address, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`send`](Self::send).
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.socket().try_io(Direction::Write, |socket| send_to(socket, buf, target))
    }

    /// Polls for a [`send`](Self::send). The waker stays registered until the next event; several tasks may poll, and each
    /// event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut waiter = Waiter::new(wait::SEND, Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Write, |socket| send(socket, buf))
    }

    /// Polls for a [`send_to`](Self::send_to), as [`poll_send`](Self::poll_send) does.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn poll_send_to(&self, cx: &mut Context<'_>, buf: &[u8], target: SocketAddr) -> Poll<io::Result<usize>> {
        let mut waiter = Waiter::new(wait::SEND, Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Write, |socket| send_to(socket, buf, target))
    }
}

/// A datagram that has been sent says nothing of the room for the next one.
fn send(socket: &net::UdpSocket, buf: &[u8]) -> io::Result<Progress<usize>> {
    socket.send(buf).map(Progress::More)
}

fn send_to(socket: &net::UdpSocket, buf: &[u8], target: SocketAddr) -> io::Result<Progress<usize>> {
    socket.send_to(buf, target).map(Progress::More)
}

/// The future of [`UdpSocket::send`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Send<'a> {
    socket: &'a UdpInside,
    buf: &'a [u8],
    waiter: Waiter,
}

impl Future for Send<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Write, |socket| send(socket, this.buf))
    }
}

/// The future of [`UdpSocket::send_to`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct SendTo<'a> {
    socket: &'a UdpInside,
    buf: &'a [u8],
    resolve: Resolve,
    waiter: Waiter,
}

impl Future for SendTo<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let target = ready!(this.resolve.poll_first(cx))?;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Write, |socket| send_to(socket, this.buf, target))
    }
}
