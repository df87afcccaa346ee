//! A TCP connection.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;

use super::connect::Connect;
use crate::net::ToSocketAddrs;
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;
use crate::net::stream::methods::{peek_methods, read_methods, write_methods};
use crate::net::stream::split::{self, ReadHalf, WriteHalf};
use crate::net::stream::split_owned::{self, OwnedReadHalf, OwnedWriteHalf};
use crate::net::stream::{self, ByteStream};

/// A TCP connection.
///
/// All methods take `&self`, so that one task may read while another writes, through a shared reference or an `Rc`; halves
/// exist as well. Dropping the stream closes the connection.
///
/// Reads and writes try their system call at once. A stream that finds its data there, or room for it, is never registered
/// with the selector.
///
/// ```
/// # use hanol::net::{TcpListener, TcpStream};
/// # hanol::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// let (server, _) = listener.accept().await?;
///
/// client.write_all(b"hello").await?;
/// let mut buf = [0; 5];
/// server.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"hello");
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct TcpStream {
    socket: Socket<std::net::TcpStream>,
}

/// # Connecting and closing
impl TcpStream {
    /// Connects to an address; if it stands for several, to the first that answers, tried one after the other.
    ///
    /// A connection from a port to itself, which the system makes when the address is an unused port of this machine and
    /// happens to be chosen for the client, is reported as success, as `std` does.
    ///
    /// # Errors
    ///
    /// The last address's: [`ConnectionRefused`](io::ErrorKind::ConnectionRefused),
    /// [`NetworkUnreachable`](io::ErrorKind::NetworkUnreachable), [`TimedOut`](io::ErrorKind::TimedOut); or the failure to
    /// look up a name.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the attempt and closes its socket.
    #[track_caller]
    pub fn connect(addr: impl ToSocketAddrs) -> Connect {
        Connect::new(addr, Location::caller())
    }

    /// Ends one side of the connection, or both. Ending a side that has ended is no error.
    ///
    /// Ending the write side sends what was written, and then the end.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        stream::shutdown(self, how)
    }

    /// Splits the stream into halves that borrow it.
    pub fn split(&self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split::split(self)
    }

    /// Splits the stream into halves that share it. Dropping the write half ends the write side.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split_owned::split(self)
    }

    /// Takes over a stream of the standard library. It is made non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be made non-blocking.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { socket: Socket::from_foreign(stream) })
    }

    /// Gives the stream to the standard library. It is still non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be taken out of the selector; it is closed then.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.socket.into_source()
    }
}

/// # Reading
impl TcpStream {
    read_methods!(TcpStream);
    peek_methods!(TcpStream);
}

/// # Writing
impl TcpStream {
    write_methods!(TcpStream);
}

/// # Readiness
impl TcpStream {
    readiness_methods!();
    readable_methods!(poll_read_ready);
    writable_methods!(poll_write_ready);
}

impl TcpStream {
    pub(super) fn from_socket(socket: Socket<std::net::TcpStream>) -> Self {
        Self { socket }
    }

    pub(super) fn source(&self) -> &std::net::TcpStream {
        self.socket.source()
    }

    pub(crate) fn stream(&self) -> &Self {
        self
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl ByteStream for TcpStream {
    type Source = std::net::TcpStream;

    #[inline]
    fn socket(&self) -> &Socket<std::net::TcpStream> {
        &self.socket
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    fn try_from(stream: std::net::TcpStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsFd for TcpStream {
    /// Lends the descriptor out. From then on closing the stream costs one more system call.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.lend()
    }
}

impl AsRawFd for TcpStream {
    /// Lends the descriptor out. From then on closing the stream costs one more system call.
    fn as_raw_fd(&self) -> RawFd {
        self.socket.lend().as_raw_fd()
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.source().fmt(f)
    }
}
