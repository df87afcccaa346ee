//! Listening for connections.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use rustix::net::{AddressFamily, SocketAddrAny, SocketFlags, SocketType};

use super::addr::{from_path, is_unnamed, to_system, unnamed};
use super::descriptor::descriptor_impls;
use super::stream::UnixStream;
use crate::net::accept::{Accept, Listen, Resting};
use crate::net::socket::Socket;

/// How many connections may wait to be accepted. The system lowers it to `net.core.somaxconn`. The figure is tokio's.
const BACKLOG: i32 = 1024;

/// A socket that listens for connections of this machine.
///
/// ```
/// # hanol::block_on(async {
/// use hanol::net::{UnixListener, UnixStream};
///
/// let directory = std::env::temp_dir();
/// let path = directory.join(format!("hanol-doc-{}.socket", std::process::id()));
/// let listener = UnixListener::bind(&path)?;
/// let client = UnixStream::connect(&path).await?;
/// let (server, _) = listener.accept().await?;
/// client.write_all(b"hello").await?;
/// server.read_exact(&mut [0; 5]).await?;
/// // The file stays when the listener is dropped.
/// drop(listener);
/// std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct UnixListener {
    socket: Socket<net::UnixListener>,
    /// What [`poll_accept`](Self::poll_accept) has to remember between two polls of a task, when the process is out of
    /// descriptors.
    resting: Resting,
}

impl UnixListener {
    /// Listens on a path, where it makes a file. On Linux a path that begins with a zero byte is an abstract name. Up to
    /// 1024 connections may wait to be accepted.
    ///
    /// The file stays when the listener is dropped, and a path that has a file cannot be bound.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when there is a file, [`InvalidInput`](io::ErrorKind::InvalidInput) when the
    /// path is too long (more than 107 bytes on Linux) or has a zero byte in it, [`NotFound`](io::ErrorKind::NotFound) when
    /// its directory does not exist, [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::bind_addr(&from_path(path.as_ref())?)
    }

    /// Listens on an address, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind), and [`InvalidInput`](io::ErrorKind::InvalidInput) when the address has no name.
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<Self> {
        let addr = to_system(addr)?;
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        rustix::net::bind(&socket, &addr)?;
        rustix::net::listen(&socket, BACKLOG)?;
        Ok(Self::from_socket(Socket::new(socket.into())))
    }

    /// Waits for the next connection. Its address is the peer's, which mostly has no name.
    ///
    /// When the process or the system is out of descriptors or memory, it waits until this runtime closes a socket, or for
    /// a time that grows from 5 ms to 1 s, and tries again.
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
    pub fn accept(&self) -> Accept<'_, Self> {
        Accept::new(self, Location::caller())
    }

    /// Polls for the next connection, as [`accept`](Self::accept) awaits it. The waker stays registered until the next
    /// event; several tasks may poll, and each event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        self.resting.poll(cx, self, Location::caller())
    }

    fn from_socket(socket: Socket<net::UnixListener>) -> Self {
        Self { socket, resting: Resting::new() }
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl Listen for UnixListener {
    type Source = net::UnixListener;
    type Accepted = (UnixStream, SocketAddr);

    fn socket(&self) -> &Socket<net::UnixListener> {
        &self.socket
    }

    fn accepted(connection: OwnedFd, peer: Option<SocketAddrAny>) -> io::Result<(UnixStream, SocketAddr)> {
        let stream = UnixStream::from_socket(Socket::new(net::UnixStream::from(connection)));
        let peer = match peer {
            Some(peer) if !is_unnamed(&peer) => stream.peer_addr()?,
            // Nearly all of them, and it spares a system call.
            _ => unnamed()?,
        };
        Ok((stream, peer))
    }
}

descriptor_impls!(UnixListener is a "listener");
