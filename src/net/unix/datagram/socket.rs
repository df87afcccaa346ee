//! A socket for messages.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use hanol_reactor::{Carries, Direction};

use super::recv::{Recv, RecvBuf, RecvBufFrom, RecvFrom, recv, recv_buf, recv_buf_from, recv_from};
use super::send::{Send, SendTo, send};
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;
use crate::net::unix::addr::from_path;
use crate::net::unix::descriptor::descriptor_impls;
use crate::net::waiter::Waiter;
use crate::wait;

/// A socket that sends and receives messages to and from others of this machine. Messages are not lost, arrive whole, and
/// in the order in which they were sent.
///
/// A receiver takes only so many messages that are not received yet: on Linux `net.unix.max_dgram_qlen`, often 10. A sender
/// that is connected to it waits until it has room. One that is not connected tries again after a while, see
/// [`send_to`](Self::send_to).
///
/// ```
/// # use hanol::net::UnixDatagram;
/// # hanol::block_on(async {
/// let (one, other) = UnixDatagram::pair()?;
/// one.send(b"hello").await?;
/// let mut buf = [0; 64];
/// let size = other.recv(&mut buf).await?;
/// assert_eq!(&buf[..size], b"hello");
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct UnixDatagram {
    socket: Socket<net::UnixDatagram>,
}

/// # Making and connecting
impl UnixDatagram {
    /// A socket without a name, which can send to others that have one.
    ///
    /// # Errors
    ///
    /// When there is no descriptor for it.
    pub fn unbound() -> io::Result<Self> {
        Self::owned(net::UnixDatagram::unbound()?)
    }

    /// A socket with a path for a name, where it makes a file. On Linux a path that begins with a zero byte is an abstract
    /// name. The file stays when the socket is dropped.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when there is a file, [`InvalidInput`](io::ErrorKind::InvalidInput) when the
    /// path is too long (more than 107 bytes on Linux) or has a zero byte in it, [`NotFound`](io::ErrorKind::NotFound) when
    /// its directory does not exist, [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::bind_addr(&from_path(path.as_ref())?)
    }

    /// A socket with a name, which may be an abstract one.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<Self> {
        Self::owned(net::UnixDatagram::bind_addr(addr)?)
    }

    /// Makes two sockets that are connected to each other and have no name.
    ///
    /// # Errors
    ///
    /// When there is no descriptor for them.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = net::UnixDatagram::pair()?;
        Ok((Self::owned(one)?, Self::owned(other)?))
    }

    /// Connects to the socket at a path: [`send`](Self::send) sends to it, and only its messages are received. It may be
    /// connected again, to another one.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no file, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused)
    /// when its socket is closed, [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is no name.
    pub fn connect(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.connect_addr(&from_path(path.as_ref())?)
    }

    /// As [`connect`](Self::connect), to an address, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_addr(&self, addr: &SocketAddr) -> io::Result<()> {
        self.socket.source().connect_addr(addr)
    }

    /// Ends receiving, sending, or both. A receive that has ended finds messages that are there already, and then empty
    /// ones. The other end is not told.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the socket is not connected.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.source().shutdown(how)
    }

    /// The address of the socket that it is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the socket is not connected.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.source().peer_addr()
    }
}

/// # Receiving
impl UnixDatagram {
    /// Waits for a message and gives its size. What of it does not fit into the buffer is lost. A message may be empty.
    ///
    /// # Errors
    ///
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) when a socket that this one is connected to is closed with
    /// messages that it has not received; and what else the system reports.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, no message was received.
    #[track_caller]
    pub fn recv<'a>(&'a self, buf: &'a mut [u8]) -> Recv<'a> {
        Recv::new(&self.socket, buf, Location::caller())
    }

    /// As [`recv`](Self::recv), with the sender's address, which has no name if the sender has none.
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
    /// Cancel safe: if the future is dropped before it completes, no message was received.
    #[track_caller]
    pub fn recv_from<'a>(&'a self, buf: &'a mut [u8]) -> RecvFrom<'a> {
        RecvFrom::new(&self.socket, buf, Location::caller())
    }

    /// As [`recv`](Self::recv), appended to a vector. What of the message the vector has no capacity for is lost, so
    /// reserve enough. One that is full gets 64 bytes or more.
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
    /// Cancel safe: if the future is dropped before it completes, no message was received.
    #[track_caller]
    pub fn recv_buf<'a>(&'a self, buf: &'a mut Vec<u8>) -> RecvBuf<'a> {
        RecvBuf::new(&self.socket, buf, Location::caller())
    }

    /// As [`recv_buf`](Self::recv_buf), with the sender's address.
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
    /// Cancel safe: if the future is dropped before it completes, no message was received.
    #[track_caller]
    pub fn recv_buf_from<'a>(&'a self, buf: &'a mut Vec<u8>) -> RecvBufFrom<'a> {
        RecvBufFrom::new(&self.socket, buf, Location::caller())
    }

    /// Receives a message, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. Otherwise as [`recv`](Self::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket.try_io(Direction::Read, |_| recv(&self.socket, buf))
    }

    /// Receives a message and its sender's address, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.try_io(Direction::Read, |_| recv_from(&self.socket, buf))
    }

    /// Appends a message to a vector, as [`recv_buf`](Self::recv_buf) does, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf(&self, buf: &mut Vec<u8>) -> io::Result<usize> {
        self.socket.try_io(Direction::Read, |_| recv_buf(&self.socket, buf))
    }

    /// Appends a message to a vector, as [`recv_buf_from`](Self::recv_buf_from) does, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_buf_from(&self, buf: &mut Vec<u8>) -> io::Result<(usize, SocketAddr)> {
        self.socket.try_io(Direction::Read, |_| recv_buf_from(&self.socket, buf))
    }

    /// Polls for a message, as [`recv`](Self::recv) awaits it. The waker stays registered until the next event; several
    /// tasks may poll, and each event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut waiter = Waiter::new(wait::RECV, Location::caller());
        self.socket.poll_io_anonymously(cx, &mut waiter, Direction::Read, |_| recv(&self.socket, buf))
    }

    /// Polls for a message and its sender's address. See [`poll_recv`](Self::poll_recv).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv_from(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut waiter = Waiter::new(wait::RECV, Location::caller());
        self.socket.poll_io_anonymously(cx, &mut waiter, Direction::Read, |_| recv_from(&self.socket, buf))
    }
}

/// # Sending
impl UnixDatagram {
    /// Sends a message to the socket that this one is connected to, and waits while that one has no room. Gives the size of
    /// the message, which is always sent whole.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected), [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when the
    /// other socket is closed, and `EMSGSIZE` when the message is too large: on Linux larger than about `SO_SNDBUF`, which
    /// is `net.core.wmem_default`, often 212,992 bytes.
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
        Send::new(&self.socket, buf, Location::caller())
    }

    /// Sends a message to the socket at a path. On Linux a path that begins with a zero byte is an abstract name.
    ///
    /// When the receiver has no room, it is tried again after 1 ms, and then after rests that grow to 64 ms: the system
    /// reports room only to sockets that are connected to the receiver. So [`connect`](Self::connect) for more than now and
    /// then a message.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no file, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused)
    /// when its socket is closed, [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is no name, and those of
    /// [`send`](Self::send).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was sent.
    #[track_caller]
    pub fn send_to<'a>(&'a self, buf: &'a [u8], target: impl AsRef<Path>) -> SendTo<'a> {
        SendTo::new(&self.socket, buf, from_path(target.as_ref()), Location::caller())
    }

    /// As [`send_to`](Self::send_to), to an address, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`send_to`](Self::send_to).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was sent.
    #[track_caller]
    pub fn send_to_addr<'a>(&'a self, buf: &'a [u8], target: &SocketAddr) -> SendTo<'a> {
        SendTo::new(&self.socket, buf, Ok(target.clone()), Location::caller())
    }

    /// Sends a message to the socket that this one is connected to, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`send`](Self::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.socket.try_io(Direction::Write, |socket| send(socket, buf))
    }

    /// Sends a message to the socket at a path, without waiting. It always tries, since no event says when the receiver has
    /// room.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`send_to`](Self::send_to).
    pub fn try_send_to(&self, buf: &[u8], target: impl AsRef<Path>) -> io::Result<usize> {
        self.socket.source().send_to_addr(buf, &from_path(target.as_ref())?)
    }

    /// Polls for sending a message to the socket that this one is connected to. The waker stays registered until the next
    /// event; several tasks may poll, and each event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut waiter = Waiter::new(wait::SEND, Location::caller());
        self.socket.poll_io_anonymously(cx, &mut waiter, Direction::Write, |socket| send(socket, buf))
    }
}

/// # Readiness
impl UnixDatagram {
    readiness_methods!();
    readable_methods!(poll_recv_ready);
    writable_methods!(poll_send_ready);
}

impl UnixDatagram {
    /// Takes over a new socket, which is made non-blocking.
    fn owned(socket: net::UnixDatagram) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self::from_socket(Socket::new(socket)))
    }

    fn from_socket(socket: Socket<net::UnixDatagram>) -> Self {
        Self { socket: socket.carrying(Carries::LocalDatagrams) }
    }

    fn socket(&self) -> &Socket<net::UnixDatagram> {
        &self.socket
    }
}

descriptor_impls!(UnixDatagram is a "socket");
