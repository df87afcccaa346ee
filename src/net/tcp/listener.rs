//! Listening for connections.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::SocketAddrAny;

use super::socket::TcpSocket;
use super::stream::TcpStream;
use crate::net::ToSocketAddrs;
use crate::net::accept::{Accept, Listen, Resting};
use crate::net::addr::Resolve;
use crate::net::limits;
use crate::net::socket::Socket;

/// How many connections may wait to be accepted. The system lowers it to `net.core.somaxconn`. The figure is tokio's.
const BACKLOG: u32 = 1024;

/// A socket that listens for TCP connections.
///
/// ```no_run
/// # async fn serve() -> std::io::Result<()> {
/// let listener = hanol::net::TcpListener::bind("127.0.0.1:7000").await?;
/// loop {
///     let (stream, peer) = listener.accept().await?;
///     println!("{peer} has connected");
/// #   drop(stream);
/// }
/// # }
/// ```
pub struct TcpListener {
    socket: Socket<std::net::TcpListener>,
    /// What [`poll_accept`](Self::poll_accept) has to remember between two polls of a task, when the process is out of
    /// descriptors.
    resting: Resting,
}

impl TcpListener {
    /// Listens on an address; if it stands for several, on the first that works. Port 0 lets the system choose a port.
    ///
    /// `SO_REUSEADDR` is set, so that a server can be started again at once, and up to 1024 connections may wait to be
    /// accepted.
    ///
    /// # Errors
    ///
    /// The last address's: [`AddrInUse`](io::ErrorKind::AddrInUse),
    /// [`AddrNotAvailable`](io::ErrorKind::AddrNotAvailable), [`PermissionDenied`](io::ErrorKind::PermissionDenied); or
    /// the failure to look up a name.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound until the future completes.
    #[track_caller]
    pub fn bind(addr: impl ToSocketAddrs) -> Bind {
        Bind { resolve: Resolve::new(addr, Location::caller()) }
    }

    /// Waits for the next connection.
    ///
    /// Errors of a connection that was lost before it was accepted are skipped. When the process or the system is out of
    /// descriptors or memory, it waits until this runtime closes a socket, or for a time that grows from 5 ms to 1 s, and
    /// tries again.
    ///
    /// # Errors
    ///
    /// When the listener itself is broken, or belongs to another runtime.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no connection is lost.
    #[track_caller]
    pub fn accept(&self) -> Accept<'_> {
        Accept::new(self, Location::caller())
    }

    /// Polls for the next connection, as [`accept`](Self::accept) awaits it. The waker stays registered until the next
    /// event; several tasks may poll, and each event wakes all of them.
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.resting.poll(cx, self, Location::caller())
    }

    /// The address on which it listens.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.source().local_addr()
    }

    /// The pending error of the listener, which this takes away.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.source().take_error()
    }

    /// The time to live of its packets, in hops.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn ttl(&self) -> io::Result<u32> {
        self.socket.source().ttl()
    }

    /// Sets the time to live of its packets: from 1 to 255 hops.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) outside of these. Otherwise when the system refuses.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.socket.source().set_ttl(limits::hops(hops)?)
    }

    /// Takes over a listener of the standard library. It is made non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be made non-blocking.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self::from_socket(Socket::from_foreign(listener)))
    }

    /// Gives the listener to the standard library. It is still non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be taken out of the selector; it is closed then.
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.socket.into_source()
    }

    pub(super) fn from_socket(socket: Socket<std::net::TcpListener>) -> Self {
        Self { socket, resting: Resting::new() }
    }

    fn listen(addr: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::for_address(addr)?;
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl Listen for TcpListener {
    type Source = std::net::TcpListener;
    type Accepted = (TcpStream, SocketAddr);

    fn socket(&self) -> &Socket<std::net::TcpListener> {
        &self.socket
    }

    fn accepted(connection: OwnedFd, peer: Option<SocketAddrAny>) -> io::Result<(TcpStream, SocketAddr)> {
        let stream = TcpStream::from_socket(Socket::new(std::net::TcpStream::from(connection)));
        let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
        // A socket that does not know its peer's address has lost the peer; `accept` gives it all the same.
        let peer = peer.map_or_else(|| stream.peer_addr(), Ok)?;
        Ok((stream, peer))
    }
}

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl AsFd for TcpListener {
    /// Lends the descriptor out. From then on closing the listener costs one more system call.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.lend()
    }
}

impl AsRawFd for TcpListener {
    /// Lends the descriptor out. From then on closing the listener costs one more system call.
    fn as_raw_fd(&self) -> RawFd {
        self.socket.lend().as_raw_fd()
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.source().fmt(f)
    }
}

/// The future of [`TcpListener::bind`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Bind {
    resolve: Resolve,
}

impl Future for Bind {
    type Output = io::Result<TcpListener>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let addrs = ready!(self.resolve.poll_operation(cx))?;
        let mut last = None;
        for addr in addrs {
            match TcpListener::listen(addr) {
                Ok(listener) => return Poll::Ready(Ok(listener)),
                Err(error) => last = Some(error),
            }
        }
        Poll::Ready(Err(last.unwrap_or_else(|| io::ErrorKind::InvalidInput.into())))
    }
}
