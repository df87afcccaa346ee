//! Receiving messages. One receive takes one message, so none says that there are no more.

use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_reactor::Direction;
use rustix::buffer::spare_capacity;
use rustix::net::RecvFlags;

use crate::net::socket::{Progress, Socket};
use crate::net::stream::transfer::make_room;
use crate::net::waiter::Waiter;
use crate::wait;

pub(super) fn recv(socket: &net::UnixDatagram, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    socket.recv(buf).map(Progress::More)
}

pub(super) fn recv_from(socket: &net::UnixDatagram, buf: &mut [u8]) -> io::Result<Progress<(usize, SocketAddr)>> {
    socket.recv_from(buf).map(Progress::More)
}

pub(super) fn recv_buf(socket: &net::UnixDatagram, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
    make_room(buf);
    let (count, _) = rustix::net::recv(socket, spare_capacity(buf), RecvFlags::empty())?;
    Ok(Progress::More(count))
}

/// The spare capacity is zeroed first: the standard library has no other way to get at the sender's address.
pub(super) fn recv_buf_from(
    socket: &net::UnixDatagram,
    buf: &mut Vec<u8>,
) -> io::Result<Progress<(usize, SocketAddr)>> {
    make_room(buf);
    let start = buf.len();
    buf.resize(buf.capacity(), 0);
    let received = socket.recv_from(&mut buf[start..]);
    buf.truncate(start + received.as_ref().map_or(0, |(count, _)| *count));
    received.map(Progress::More)
}

/// A future that receives one message.
macro_rules! receive_future {
    ($(#[$doc:meta])* $Future:ident, $Buf:ty, $receive:ident -> $Output:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[must_use = "futures do nothing unless awaited"]
        pub struct $Future<'a> {
            socket: &'a Socket<net::UnixDatagram>,
            buf: &'a mut $Buf,
            waiter: Waiter,
        }

        impl<'a> $Future<'a> {
            pub(super) fn new(
                socket: &'a Socket<net::UnixDatagram>,
                buf: &'a mut $Buf,
                location: &'static Location<'static>,
            ) -> Self {
                Self { socket, buf, waiter: Waiter::new(wait::RECV, location) }
            }
        }

        impl Future for $Future<'_> {
            type Output = io::Result<$Output>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let this = &mut *self;
                this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |socket| $receive(socket, this.buf))
            }
        }
    };
}

receive_future! {
    /// The future of [`UnixDatagram::recv`](crate::net::UnixDatagram::recv).
    Recv, [u8], recv -> usize
}

receive_future! {
    /// The future of [`UnixDatagram::recv_from`](crate::net::UnixDatagram::recv_from).
    RecvFrom, [u8], recv_from -> (usize, SocketAddr)
}

receive_future! {
    /// The future of [`UnixDatagram::recv_buf`](crate::net::UnixDatagram::recv_buf).
    RecvBuf, Vec<u8>, recv_buf -> usize
}

receive_future! {
    /// The future of [`UnixDatagram::recv_buf_from`](crate::net::UnixDatagram::recv_buf_from).
    RecvBufFrom, Vec<u8>, recv_buf_from -> (usize, SocketAddr)
}
