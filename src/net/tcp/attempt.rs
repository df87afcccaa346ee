//! A connection that is being made.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use super::socket::TcpSocket;
use super::stream::TcpStream;
use crate::net::socket::{Progress, Socket};
use crate::net::waiter::Waiter;
use crate::wait;

/// One socket on its way to one address. Dropping it closes the socket.
#[derive(Debug)]
pub(super) struct Attempt {
    /// `None` once it has connected.
    socket: Option<Socket<socket2::Socket>>,
    waiter: Waiter,
}

impl Attempt {
    pub(super) fn start(socket: TcpSocket, addr: SocketAddr, location: &'static Location<'static>) -> io::Result<Self> {
        let socket = socket.begin_connect(addr)?;
        Ok(Self { socket: Some(socket), waiter: Waiter::new(wait::CONNECT, location) })
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        let socket = self.socket.as_ref().expect("an attempt that has connected is not polled again");
        ready!(socket.poll_io(cx, &mut self.waiter, Direction::Write, is_connected))?;
        let socket = self.socket.take().expect("the socket was there above");
        Poll::Ready(Ok(TcpStream::from_socket(socket.map(std::net::TcpStream::from))))
    }
}

/// Whether the connect has ended, and how. Being writable is not enough: that may be spurious, and it is also how a failure
/// shows. A socket that has no error and no peer is still connecting.
fn is_connected(socket: &socket2::Socket) -> io::Result<Progress<()>> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(Progress::More(())),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}
