//! A connection of this machine.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{self, SocketAddr};
use std::panic::Location;
use std::path::Path;

use super::addr::from_path;
use super::connect::Connect;
use super::descriptor::descriptor_impls;
#[cfg(any(target_os = "android", target_os = "linux"))]
use super::ucred::UCred;
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;
use crate::net::stream::methods::{peek_methods, read_methods, write_methods};
use crate::net::stream::split::{self, ReadHalf, WriteHalf};
use crate::net::stream::split_owned::{self, OwnedReadHalf, OwnedWriteHalf};
use crate::net::stream::{self, ByteStream};

/// A connection between two sockets of this machine.
///
/// All methods take `&self`, as those of [`TcpStream`](crate::net::TcpStream), so that one task may read while another
/// writes; halves exist as well. Dropping the stream closes the connection.
///
/// Descriptors that the peer sends along are closed unseen.
///
/// ```
/// # use hanol::net::UnixStream;
/// # hanol::block_on(async {
/// let (one, other) = UnixStream::pair()?;
/// one.write_all(b"hello").await?;
/// let mut buf = [0; 5];
/// other.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"hello");
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct UnixStream {
    socket: Socket<net::UnixStream>,
}

/// # Connecting and closing
impl UnixStream {
    /// Connects to the listener at a path. On Linux a path that begins with a zero byte is an abstract name.
    ///
    /// A listener whose queue is full is asked again after 1 ms, and then after rests that grow to 64 ms, since the system
    /// does not report when there is room.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no file, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused)
    /// when nobody listens, [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is too long (more than 107 bytes on
    /// Linux) or has a zero byte in it, [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the attempt and closes its socket.
    #[track_caller]
    pub fn connect(path: impl AsRef<Path>) -> Connect {
        Connect::new(from_path(path.as_ref()), Location::caller())
    }

    /// As [`connect`](Self::connect), to an address, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), and [`InvalidInput`](io::ErrorKind::InvalidInput) when the address has no name.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the attempt and closes its socket.
    #[track_caller]
    pub fn connect_addr(addr: &SocketAddr) -> Connect {
        Connect::new(Ok(addr.clone()), Location::caller())
    }

    /// Makes two streams that are connected to each other and have no name.
    ///
    /// # Errors
    ///
    /// When there is no descriptor for them.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = net::UnixStream::pair()?;
        let new = |stream: net::UnixStream| {
            stream.set_nonblocking(true)?;
            Ok::<_, io::Error>(Self::from_socket(Socket::new(stream)))
        };
        Ok((new(one)?, new(other)?))
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
    pub fn split(&self) -> (ReadHalf<'_, Self>, WriteHalf<'_, Self>) {
        split::split(self)
    }

    /// Splits the stream into halves that share it. Dropping the write half ends the write side.
    pub fn into_split(self) -> (OwnedReadHalf<Self>, OwnedWriteHalf<Self>) {
        split_owned::split(self)
    }
}

/// # Reading
impl UnixStream {
    read_methods!(UnixStream);
    peek_methods!(UnixStream);
}

/// # Writing
impl UnixStream {
    write_methods!(UnixStream);
}

/// # Readiness
impl UnixStream {
    readiness_methods!();
    readable_methods!(poll_read_ready);
    writable_methods!(poll_write_ready);
}

/// # Who is at the ends
impl UnixStream {
    /// The address of the other end. One that has connected mostly has no name.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the connection is lost.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.source().peer_addr()
    }

    /// The user, the group and the process at the other end, as they were when the connection was made.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn peer_cred(&self) -> io::Result<UCred> {
        UCred::of_peer(self.socket.source())
    }
}

impl UnixStream {
    pub(super) fn from_socket(socket: Socket<net::UnixStream>) -> Self {
        Self { socket }
    }

    pub(crate) fn stream(&self) -> &Self {
        self
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl ByteStream for UnixStream {
    type Source = net::UnixStream;

    #[inline]
    fn socket(&self) -> &Socket<net::UnixStream> {
        &self.socket
    }
}

descriptor_impls!(UnixStream is a "stream");
