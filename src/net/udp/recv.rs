//! Receiving datagrams.

use std::io;
use std::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_reactor::Direction;
use rustix::buffer::spare_capacity;
use rustix::net::RecvFlags;

use super::socket::{UdpInside, UdpSocket};
use crate::net::socket::Progress;
use crate::net::waiter::Waiter;
use crate::wait;

/// The room that is made in a vector that is full, in bytes: for the largest datagram, whose length has 16 bits.
const ROOM: usize = 65_535;

/// # Receiving
impl UdpSocket {
    /// Receives a datagram, and waits if there is none. Gives its size, which may be 0. What does not fit into the buffer is
    /// lost.
    ///
    /// A socket that is not connected receives from anybody.
    ///
    /// # Errors
    ///
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when a datagram that was sent has found nobody, once; the
    /// socket goes on.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, no datagram was taken.
    #[track_caller]
    pub fn recv<'a>(&'a self, buf: &'a mut [u8]) -> Recv<'a> {
        Recv { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// As [`recv`](Self::recv), and gives the sender's address too.
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
    /// Cancel safe: if the future is dropped before it completes, no datagram was taken.
    #[track_caller]
    pub fn recv_from<'a>(&'a self, buf: &'a mut [u8]) -> RecvFrom<'a> {
        RecvFrom { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// As [`recv`](Self::recv), appended to a vector: as much as it has room for, and the rest is lost. One that is full gets
    /// room for the largest datagram first.
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
    /// Cancel safe: if the future is dropped before it completes, no datagram was taken.
    #[track_caller]
    pub fn recv_buf<'a>(&'a self, buf: &'a mut Vec<u8>) -> RecvBuf<'a> {
        RecvBuf { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// As [`recv_buf`](Self::recv_buf), and gives the sender's address too.
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
    /// Cancel safe: if the future is dropped before it completes, no datagram was taken.
    #[track_caller]
    pub fn recv_buf_from<'a>(&'a self, buf: &'a mut Vec<u8>) -> RecvBufFrom<'a> {
        RecvBufFrom { socket: self.socket(), buf, waiter: waiter(Location::caller()) }
    }

    /// Receives a datagram, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket().try_io(Direction::Read, |socket| recv(socket, buf))
    }

    /// Receives a datagram and gives the sender's address too, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket().try_io(Direction::Read, |socket| recv_from(socket, buf))
    }

    /// Appends a datagram to a vector, as [`recv_buf`](Self::recv_buf) does, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_recv_buf(&self, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.socket().try_io(Direction::Read, |socket| recv_buf(socket, buf))
    }

    /// Appends a datagram to a vector, as [`recv_buf_from`](Self::recv_buf_from) does, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_recv_buf_from(&self, buf: &mut Vec<u8>) -> io::Result<(usize, SocketAddr)> {
        self.socket().try_io(Direction::Read, |socket| recv_buf_from(socket, buf))
    }

    /// Polls for a [`recv`](Self::recv). The waker stays registered until the next event; several tasks may poll, and each
    /// event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut waiter = waiter(Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |socket| recv(socket, buf))
    }

    /// Polls for a [`recv_from`](Self::recv_from), as [`poll_recv`](Self::poll_recv) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut waiter = waiter(Location::caller());
        self.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |socket| recv_from(socket, buf))
    }
}

fn waiter(location: &'static Location<'static>) -> Waiter {
    Waiter::new(wait::RECV, location)
}

/// One datagram, whatever its size, does not say whether there is another one.
fn recv(socket: &net::UdpSocket, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    socket.recv(buf).map(Progress::More)
}

fn recv_from(socket: &net::UdpSocket, buf: &mut [u8]) -> io::Result<Progress<(usize, SocketAddr)>> {
    socket.recv_from(buf).map(Progress::More)
}

/// Receives into the spare capacity of a vector. Nothing is zeroed first.
fn recv_buf(socket: &net::UdpSocket, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
    make_room(buf);
    let (size, _) = rustix::net::recv(socket, spare_capacity(buf), RecvFlags::empty())?;
    Ok(Progress::More(size))
}

fn recv_buf_from(socket: &net::UdpSocket, buf: &mut Vec<u8>) -> io::Result<Progress<(usize, SocketAddr)>> {
    make_room(buf);
    let (size, _, sender) = rustix::net::recvfrom(socket, spare_capacity(buf), RecvFlags::empty())?;
    let sender = sender.and_then(|sender| SocketAddr::try_from(sender).ok());
    let sender = sender.ok_or_else(|| io::Error::other("the sender of the datagram has no IP address"))?;
    Ok(Progress::More((size, sender)))
}

fn make_room(buf: &mut Vec<u8>) {
    if buf.len() == buf.capacity() {
        buf.reserve(ROOM);
    }
}

/// The future of [`UdpSocket::recv`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a> {
    socket: &'a UdpInside,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl Future for Recv<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| recv(socket, this.buf))
    }
}

/// The future of [`UdpSocket::recv_from`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct RecvFrom<'a> {
    socket: &'a UdpInside,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl Future for RecvFrom<'_> {
    type Output = io::Result<(usize, SocketAddr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| recv_from(socket, this.buf))
    }
}

/// The future of [`UdpSocket::recv_buf`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct RecvBuf<'a> {
    socket: &'a UdpInside,
    buf: &'a mut Vec<u8>,
    waiter: Waiter,
}

impl Future for RecvBuf<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| recv_buf(socket, this.buf))
    }
}

/// The future of [`UdpSocket::recv_buf_from`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct RecvBufFrom<'a> {
    socket: &'a UdpInside,
    buf: &'a mut Vec<u8>,
    waiter: Waiter,
}

impl Future for RecvBufFrom<'_> {
    type Output = io::Result<(usize, SocketAddr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| recv_buf_from(socket, this.buf))
    }
}
