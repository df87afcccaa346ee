//! TCP Fast Open (RFC 7413): data in the first packet of a connection.

use std::io;

use nix::sys::socket::sockopt::TcpFastOpenConnect;
use nix::sys::socket::{getsockopt, setsockopt};
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};

use super::socket::TcpSocket;

sockopt_impl!(
    /// How many connections may have sent data and not completed their handshake.
    FastOpenQueue,
    Both,
    libc::IPPROTO_TCP,
    libc::TCP_FASTOPEN,
    i32
);

/// # Fast Open
///
/// With the feature `tcp-fastopen`, on Linux.
impl TcpSocket {
    /// Whether connecting waits for the first data (`TCP_FASTOPEN_CONNECT`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn fastopen_connect(&self) -> io::Result<bool> {
        Ok(getsockopt(self, TcpFastOpenConnect)?)
    }

    /// Sets whether connecting waits for the first data, and takes it along in the first packet
    /// (`TCP_FASTOPEN_CONNECT`). That needs a cookie which the server gave to an earlier connection; without one the
    /// connection is made as any other, and asks for a cookie.
    ///
    /// With a cookie, connecting succeeds at once, and a failure to connect comes from the first write. **A client that
    /// waits for the server to speak first waits for ever:** nothing was sent. Data in a first packet may arrive twice, so
    /// it should ask for nothing that may not be done twice.
    ///
    /// # Errors
    ///
    /// When the system refuses, since `net.ipv4.tcp_fastopen` does not allow it to clients.
    pub fn set_fastopen_connect(&self, fastopen: bool) -> io::Result<()> {
        Ok(setsockopt(self, TcpFastOpenConnect, &fastopen)?)
    }

    /// How many connections may have sent data before their handshake is complete (`TCP_FASTOPEN`). 0: none may.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn fastopen_queue(&self) -> io::Result<u32> {
        Ok(getsockopt(self, FastOpenQueue)?.unsigned_abs())
    }

    /// Sets how many connections may have sent data before their handshake is complete (`TCP_FASTOPEN`), for a socket that
    /// is going to listen. The system cuts it to `net.core.somaxconn`. It has an effect only if `net.ipv4.tcp_fastopen` allows
    /// it to servers.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above `i32::MAX`. Otherwise when the system refuses.
    pub fn set_fastopen_queue(&self, connections: u32) -> io::Result<()> {
        let connections = i32::try_from(connections)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the queue of Fast Open is at most i32::MAX"))?;
        Ok(setsockopt(self, FastOpenQueue, &connections)?)
    }
}
