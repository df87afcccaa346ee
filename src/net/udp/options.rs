//! What a socket can be asked, and told.

use std::io;

use socket2::SockRef;

use super::socket::UdpSocket;
use crate::net::limits;

/// # Options
impl UdpSocket {
    /// Whether datagrams may be sent to a broadcast address (`SO_BROADCAST`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.source().broadcast()
    }

    /// Whether datagrams may be sent to a broadcast address (`SO_BROADCAST`). Without it that fails with
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        self.source().set_broadcast(broadcast)
    }

    /// The time to live of IPv4 datagrams, in hops.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn ttl(&self) -> io::Result<u32> {
        self.source().ttl()
    }

    /// Sets the time to live of IPv4 datagrams: from 1 to 255 hops.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) outside of these. Otherwise when the system refuses.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.source().set_ttl(limits::hops(hops)?)
    }

    /// The type of service of IPv4 datagrams (`IP_TOS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.option().tos_v4()
    }

    /// Sets the type of service of IPv4 datagrams (`IP_TOS`): from 0 to 255.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.option().set_tos_v4(limits::class(tos)?)
    }

    /// The traffic class of IPv6 datagrams (`IPV6_TCLASS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.option().tclass_v6()
    }

    /// Sets the traffic class of IPv6 datagrams (`IPV6_TCLASS`): from 0 to 255.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        self.option().set_tclass_v6(limits::class(tclass)?)
    }

    /// The size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.option().send_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)). A datagram that does not fit into it cannot be sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.option().set_send_buffer_size(limits::buffer_size(bytes)?)
    }

    /// The size of the buffer for what was received (`SO_RCVBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.option().recv_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what was received (`SO_RCVBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)). Datagrams that find it full are lost.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_recv_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.option().set_recv_buffer_size(limits::buffer_size(bytes)?)
    }

    /// The network interface that the socket is bound to (`SO_BINDTODEVICE`), such as `eth0`.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.option().device()
    }

    /// Binds the socket to a network interface such as `eth0` (`SO_BINDTODEVICE`), so that it sends and receives through no
    /// other. `None` lifts that.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the name is empty, longer than 15 bytes, or has a zero byte. Otherwise
    /// when there is no such interface, or the process lacks the right (`CAP_NET_RAW`, for a socket that is bound already).
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.option().bind_device(limits::device(interface)?)
    }

    /// For the options that the standard library does not know.
    pub(super) fn option(&self) -> SockRef<'_> {
        SockRef::from(self.source())
    }
}
