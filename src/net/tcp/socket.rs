//! A socket before it connects or listens.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;

use rustix::io::Errno;
use socket2::{Domain, Protocol, Type};

use super::connect::Connect;
use super::listener::TcpListener;
use crate::net::limits;
use crate::net::socket::Socket;

/// A TCP socket that is neither connected nor listens yet: for options that have to be set before.
///
/// ```
/// # #[hanol::main]
/// # async fn main() -> std::io::Result<()> {
/// use hanol::net::TcpSocket;
///
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.set_recv_buffer_size(256 * 1024)?;
/// socket.bind("127.0.0.1:0".parse().unwrap())?;
/// let listener = socket.listen(1024)?;
///
/// let stream = TcpSocket::new_v4()?.connect(listener.local_addr()?).await?;
/// # drop(stream);
/// # Ok(())
/// # }
/// ```
pub struct TcpSocket {
    socket: Socket<socket2::Socket>,
    /// Whether it may be blocking, because it was made elsewhere.
    maybe_blocking: bool,
}

impl TcpSocket {
    /// Makes a socket for IPv4.
    ///
    /// # Errors
    ///
    /// When the process or the system is out of descriptors or memory.
    pub fn new_v4() -> io::Result<Self> {
        Self::new(Domain::IPV4)
    }

    /// Makes a socket for IPv6. Bound to an unspecified address it takes IPv4 connections too, unless
    /// [`set_only_v6`](Self::set_only_v6) or the system's settings say otherwise.
    ///
    /// # Errors
    ///
    /// When the system has no IPv6, or the process or the system is out of descriptors or memory.
    pub fn new_v6() -> io::Result<Self> {
        Self::new(Domain::IPV6)
    }

    /// Binds the socket to an address of this machine. Port 0 lets the system choose a port.
    ///
    /// Unlike [`TcpListener::bind`] this does not set `SO_REUSEADDR`.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse), [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable),
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied); [`InvalidInput`](io::ErrorKind::InvalidInput) when the socket
    /// is bound already, or the address is of the other family.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.source().bind(&addr.into())
    }

    /// Connects to an address.
    ///
    /// # Errors
    ///
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused),
    /// [`NetworkUnreachable`](io::ErrorKind::NetworkUnreachable), [`TimedOut`](io::ErrorKind::TimedOut) and what else keeps
    /// the connection from being made. The socket is closed then.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the attempt and closes the socket.
    #[track_caller]
    pub fn connect(self, addr: SocketAddr) -> Connect {
        Connect::with_socket(self, addr, Location::caller())
    }

    /// Listens for connections, of which up to `backlog` may wait to be accepted. The system lowers it to its own limit,
    /// on Linux `net.core.somaxconn`.
    ///
    /// A socket that was not bound listens on a port that the system chooses, on all addresses.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when another socket listens there. The socket is closed then.
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        self.make_nonblocking()?;
        self.source().listen(limits::backlog(backlog))?;
        Ok(TcpListener::from_socket(self.socket.map(std::net::TcpListener::from)))
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.source().local_addr()?;
        addr.as_socket().ok_or_else(|| io::Error::other("the address of the socket is not one of IP"))
    }

    /// The pending error of the socket, which this takes away.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source().take_error()
    }

    /// Takes over a socket of the standard library that is not connected, for example one that `socket2` has made. It is
    /// made non-blocking when it connects or listens.
    pub fn from_std_stream(stream: std::net::TcpStream) -> Self {
        Self::from(OwnedFd::from(stream))
    }
}

impl TcpSocket {
    /// A socket of the family of an address.
    pub(super) fn for_address(addr: SocketAddr) -> io::Result<Self> {
        Self::new(Domain::for_address(addr))
    }

    /// Begins to connect. The socket that is given back is connecting, or connected already.
    pub(super) fn begin_connect(self, addr: SocketAddr) -> io::Result<Socket<socket2::Socket>> {
        self.make_nonblocking()?;
        if let Err(error) = self.source().connect(&addr.into()) {
            // One that a signal has interrupted goes on in the background, like any other.
            let goes_on = matches!(Errno::from_io_error(&error), Some(Errno::INPROGRESS | Errno::INTR));
            if !goes_on {
                return Err(error);
            }
        }
        Ok(self.socket)
    }

    pub(super) fn source(&self) -> &socket2::Socket {
        self.socket.source()
    }

    fn new(domain: Domain) -> io::Result<Self> {
        let socket = socket2::Socket::new(domain, Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
        Ok(Self { socket: Socket::new(socket), maybe_blocking: false })
    }

    fn make_nonblocking(&self) -> io::Result<()> {
        if self.maybe_blocking { self.source().set_nonblocking(true) } else { Ok(()) }
    }
}

impl From<OwnedFd> for TcpSocket {
    /// Takes over a TCP socket that is not connected. It is made non-blocking when it connects or listens.
    fn from(fd: OwnedFd) -> Self {
        Self { socket: Socket::from_foreign(socket2::Socket::from(fd)), maybe_blocking: true }
    }
}

impl From<TcpSocket> for OwnedFd {
    fn from(socket: TcpSocket) -> Self {
        socket.socket.into_source().expect("a socket that has not waited is in no selector").into()
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        OwnedFd::from(self).into_raw_fd()
    }
}

impl AsFd for TcpSocket {
    /// Lends the descriptor out. From then on closing what becomes of the socket costs one more system call.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.lend()
    }
}

impl AsRawFd for TcpSocket {
    /// Lends the descriptor out. From then on closing what becomes of the socket costs one more system call.
    fn as_raw_fd(&self) -> RawFd {
        self.socket.lend().as_raw_fd()
    }
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source().fmt(f)
    }
}
