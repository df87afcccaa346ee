//! Looking at the next datagram without taking it.

use std::io;
use std::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_reactor::Direction;

use super::socket::{UdpInside, UdpSocket};
use crate::net::socket::Progress;
use crate::net::waiter::Waiter;
use crate::wait;

/// # Peeking
///
/// Linux throws away a datagram whose checksum is wrong only when it is looked at. So what was peeked at is what the next
/// operation receives, unless another task was faster; but being ready does not mean that there is anything to peek at.
impl UdpSocket {
    /// As [`recv`](Self::recv), but leaves the datagram where it is: the next operation gives it again, as a whole.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn peek<'a>(&'a self, buf: &'a mut [u8]) -> Peek<'a> {
        Peek { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// As [`peek`](Self::peek), and gives the sender's address too.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn peek_from<'a>(&'a self, buf: &'a mut [u8]) -> PeekFrom<'a> {
        PeekFrom { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// The address of the next datagram's sender. Waits if there is no datagram, and leaves it where it is.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn peek_sender(&self) -> PeekSender<'_> {
        PeekSender { socket: self.socket(), waiter: waiter(Location::caller()) }
    }

    /// Looks at the next datagram, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket().try_io(Direction::Read, |socket| peek(socket, buf))
    }

    /// Looks at the next datagram and its sender's address, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket().try_io(Direction::Read, |socket| peek_from(socket, buf))
    }

    /// Looks at the address of the next datagram's sender, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no datagram. Otherwise as [`recv`](Self::recv).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.socket().try_io(Direction::Read, peek_sender)
    }

    /// Polls for a [`peek`](Self::peek). The waker stays registered until the next event; several tasks may poll, and each
    /// event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut waiter = waiter(Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |socket| peek(socket, buf))
    }

    /// Polls for a [`peek_from`](Self::peek_from), as [`poll_peek`](Self::poll_peek) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_peek_from(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut waiter = waiter(Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |socket| peek_from(socket, buf))
    }

    /// Polls for a [`peek_sender`](Self::peek_sender), as [`poll_peek`](Self::poll_peek) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        let mut waiter = waiter(Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, peek_sender)
    }
}

fn waiter(location: &'static Location<'static>) -> Waiter {
    Waiter::new(wait::PEEK, location)
}

fn peek(socket: &net::UdpSocket, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    socket.peek(buf).map(Progress::More)
}

fn peek_from(socket: &net::UdpSocket, buf: &mut [u8]) -> io::Result<Progress<(usize, SocketAddr)>> {
    socket.peek_from(buf).map(Progress::More)
}

fn peek_sender(socket: &net::UdpSocket) -> io::Result<Progress<SocketAddr>> {
    socket.peek_from(&mut []).map(|(_, sender)| Progress::More(sender))
}

/// The future of [`UdpSocket::peek`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Peek<'a> {
    socket: &'a UdpInside,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl Future for Peek<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| peek(socket, this.buf))
    }
}

/// The future of [`UdpSocket::peek_from`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct PeekFrom<'a> {
    socket: &'a UdpInside,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl Future for PeekFrom<'_> {
    type Output = io::Result<(usize, SocketAddr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| peek_from(socket, this.buf))
    }
}

/// The future of [`UdpSocket::peek_sender`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct PeekSender<'a> {
    socket: &'a UdpInside,
    waiter: Waiter,
}

impl Future for PeekSender<'_> {
    type Output = io::Result<SocketAddr>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, peek_sender)
    }
}
