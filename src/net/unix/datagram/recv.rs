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
use crate::net::unix::addr::unnamed;
use crate::net::waiter::Waiter;
use crate::wait;

type Datagrams = Socket<net::UnixDatagram>;

pub(super) fn recv(socket: &Datagrams, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    one_message(socket, socket.source().recv(buf), || Ok(0))
}

pub(super) fn recv_from(socket: &Datagrams, buf: &mut [u8]) -> io::Result<Progress<(usize, SocketAddr)>> {
    one_message(socket, socket.source().recv_from(buf), || Ok((0, unnamed()?)))
}

pub(super) fn recv_buf(socket: &Datagrams, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
    make_room(buf);
    let received = rustix::net::recv(socket.source(), spare_capacity(buf), RecvFlags::empty());
    one_message(socket, received.map(|(count, _)| count).map_err(io::Error::from), || Ok(0))
}

/// The spare capacity is zeroed first: the standard library has no other way to get at the sender's address.
pub(super) fn recv_buf_from(socket: &Datagrams, buf: &mut Vec<u8>) -> io::Result<Progress<(usize, SocketAddr)>> {
    make_room(buf);
    let start = buf.len();
    buf.resize(buf.capacity(), 0);
    let received = recv_from(socket, &mut buf[start..]);
    let count = match &received {
        Ok(Progress::More((count, _)) | Progress::Drained((count, _))) => *count,
        Err(_) => 0,
    };
    buf.truncate(start + count);
    received
}

/// A receive whose side was ended by `shutdown` and that finds no message finds the end instead. The system says so only to
/// those who block; to others it says that they would block, and reports the end by readiness.
fn one_message<T>(
    socket: &Datagrams,
    received: io::Result<T>,
    end: impl FnOnce() -> io::Result<T>,
) -> io::Result<Progress<T>> {
    match received {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock && socket.is_known_closed(Direction::Read) => end(),
        received => received,
    }
    .map(Progress::More)
}

/// A future that receives one message.
macro_rules! receive_future {
    ($(#[$doc:meta])* $Future:ident, $Buf:ty, $receive:ident -> $Output:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[must_use = "futures do nothing unless awaited"]
        pub struct $Future<'a> {
            socket: &'a Datagrams,
            buf: &'a mut $Buf,
            waiter: Waiter,
        }

        impl<'a> $Future<'a> {
            pub(super) fn new(
                socket: &'a Datagrams,
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
                this.socket.poll_io(cx, &mut this.waiter, Direction::Read, |_| $receive(this.socket, this.buf))
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
