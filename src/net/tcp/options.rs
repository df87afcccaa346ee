//! What a stream can be asked, and told.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;

use super::stream::TcpStream;

/// # Addresses and options
impl TcpStream {
    /// The address of this end.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the connection is lost.
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

    /// Whether small writes are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.source().nodelay()
    }

    /// Whether to send small writes at once (`TCP_NODELAY`), instead of waiting for the acknowledgement of earlier ones.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.source().set_nodelay(nodelay)
    }

    /// Whether data is acknowledged at once (`TCP_QUICKACK`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self.source()).tcp_quickack()
    }

    /// Whether to acknowledge data at once (`TCP_QUICKACK`). The system may change it back by itself, see tcp(7).
    ///
    /// # Errors
    ///
    /// When the system refuses.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self.source()).set_tcp_quickack(quickack)
    }

    /// The time to live of its packets, in hops.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn ttl(&self) -> io::Result<u32> {
        self.source().ttl()
    }

    /// Sets the time to live of its packets, in hops.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.source().set_ttl(hops)
    }

    /// How long the system tries to send what is left when the stream is closed (`SO_LINGER`), in whole seconds.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self.source()).linger()
    }

    /// Sets how long closing the stream tries to send what is left (`SO_LINGER`), in whole seconds. Closing blocks the
    /// thread for that long, and every task with it. Zero drops what is left and resets the connection. `None`, the
    /// default, sends in the background.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.source()).set_linger(linger)
    }

    /// Has closing the stream drop what is left and reset the connection, which never blocks.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }
}
