//! The socket itself: where it is bound, whom it is connected to, and what it is ready for.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;

use hanol_reactor::Carries;
use socket2::{Domain, Protocol, Type};

use super::bind::{Bind, Connect};
use crate::net::ToSocketAddrs;
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;

/// A UDP socket.
///
/// It talks to anybody with [`send_to`](Self::send_to) and [`recv_from`](Self::recv_from), or, once it is connected, to one
/// peer with [`send`](Self::send) and [`recv`](Self::recv). All methods take `&self`: one task may receive while another
/// sends.
///
/// ```
/// # #[hanol::main]
/// # async fn main() -> std::io::Result<()> {
/// use hanol::net::UdpSocket;
///
/// let server = UdpSocket::bind("127.0.0.1:0").await?;
/// let client = UdpSocket::bind("127.0.0.1:0").await?;
/// client.connect(server.local_addr()?).await?;
/// client.send(b"ping").await?;
///
/// let mut buf = [0; 1500];
/// let (size, peer) = server.recv_from(&mut buf).await?;
/// server.send_to(&buf[..size], peer).await?;
/// assert_eq!(client.recv(&mut buf).await?, 4);
/// # Ok(())
/// # }
/// ```
///
/// # Readiness
///
/// The system reports once that datagrams have come, however many they are, and each operation takes one. So readiness
/// lasts until an operation finds nothing, and a loop that receives until it has to wait pays one system call that says so.
///
/// # Errors of the network
///
/// When a datagram of a connected socket finds nobody at its port, one later operation fails with
/// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused), and the socket goes on. A server that is not connected never
/// hears of it.
pub struct UdpSocket {
    socket: UdpInside,
}

/// The inside of a UDP socket, which its futures work on.
pub(super) type UdpInside = Socket<std::net::UdpSocket>;

impl UdpSocket {
    /// Binds a socket to an address; if it stands for several, to the first that works. Port 0 lets the system choose a
    /// port.
    ///
    /// # Errors
    ///
    /// The last address's: [`AddrInUse`](io::ErrorKind::AddrInUse),
    /// [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable), [`PermissionDenied`](io::ErrorKind::PermissionDenied); or the
    /// failure to look up a name.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound until the future completes.
    #[track_caller]
    pub fn bind(addr: impl ToSocketAddrs) -> Bind {
        Bind::new(addr, Location::caller())
    }

    /// Connects the socket to a peer: from then on [`send`](Self::send) sends there, and only what comes from there is
    /// received. Nothing is sent for it. If the address stands for several, it is the first that the system accepts.
    ///
    /// A socket may be connected again, to another peer. What came before it was connected is still received.
    ///
    /// # Errors
    ///
    /// The last address's, for example when there is no route to it; or the failure to look up a name.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing has changed if the future is dropped before it completes.
    #[track_caller]
    pub fn connect(&self, addr: impl ToSocketAddrs) -> Connect<'_> {
        Connect::new(&self.socket, addr, Location::caller())
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source().local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it is not.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.source().peer_addr()
    }

    /// The pending error of the socket, which this takes away.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.source().take_error()
    }

    /// Takes over a socket of the standard library. It is made non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be made non-blocking.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket: Socket::from_foreign(socket).carrying(Carries::Datagrams) })
    }

    /// Gives the socket to the standard library. It is still non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be taken out of the selector; it is closed then.
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        self.socket.into_source()
    }
}

/// # Readiness
impl UdpSocket {
    readiness_methods!();
    readable_methods!(poll_recv_ready);
    writable_methods!(poll_send_ready);
}

impl UdpSocket {
    pub(super) fn bind_to(addr: SocketAddr) -> io::Result<Self> {
        let kind = Type::DGRAM.nonblocking().cloexec();
        let socket = socket2::Socket::new(Domain::for_address(addr), kind, Some(Protocol::UDP))?;
        socket.bind(&addr.into())?;
        Ok(Self { socket: Socket::new(std::net::UdpSocket::from(socket)).carrying(Carries::Datagrams) })
    }

    pub(super) fn socket(&self) -> &UdpInside {
        &self.socket
    }

    pub(super) fn source(&self) -> &std::net::UdpSocket {
        self.socket.source()
    }
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    fn try_from(socket: std::net::UdpSocket) -> io::Result<Self> {
        Self::from_std(socket)
    }
}

impl TryFrom<OwnedFd> for UdpSocket {
    type Error = io::Error;

    /// Takes over a UDP socket. It is made non-blocking.
    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        Self::from_std(fd.into())
    }
}

impl AsFd for UdpSocket {
    /// Lends the descriptor out. From then on closing the socket costs one more system call.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.lend()
    }
}

impl AsRawFd for UdpSocket {
    /// Lends the descriptor out. From then on closing the socket costs one more system call.
    fn as_raw_fd(&self) -> RawFd {
        self.socket.lend().as_raw_fd()
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source().fmt(f)
    }
}
