//! What a stream can be asked, and told.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;

use super::keepalive::Keepalive;
use super::stream::TcpStream;
use crate::net::limits;

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

    /// Sets the time to live of its packets: from 1 to 255 hops.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) outside of these. Otherwise when the system refuses.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.source().set_ttl(limits::hops(hops)?)
    }

    /// How long the system tries to send what is left when the stream is closed (`SO_LINGER`), in whole seconds.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self.source()).linger()
    }

    /// Sets how long closing the stream tries to send what is left (`SO_LINGER`), in whole seconds, rounded up. Closing blocks
    /// the thread for that long, and every task with it. Zero drops what is left and resets the connection. `None`, the
    /// default, sends in the background.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 seconds. Otherwise when the system refuses.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.source()).set_linger(limits::linger(linger)?)
    }

    /// Has closing the stream drop what is left and reset the connection, which never blocks.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Whether a connection on which nothing happens is probed (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive(&self) -> io::Result<bool> {
        SockRef::from(self.source()).keepalive()
    }

    /// Whether to probe a connection on which nothing happens (`SO_KEEPALIVE`), at the system's times.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        SockRef::from(self.source()).set_keepalive(keepalive)
    }

    /// Probes a connection on which nothing happens, at the given times.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when a value is out of its range; nothing is set then. Otherwise when the system refuses.
    pub fn set_keepalive_with(&self, keepalive: &Keepalive) -> io::Result<()> {
        keepalive.apply(&SockRef::from(self.source()))
    }

    /// How long nothing happens before the first probe (`TCP_KEEPIDLE`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_time(&self) -> io::Result<Duration> {
        SockRef::from(self.source()).tcp_keepalive_time()
    }

    /// How long after an unanswered probe the next one is sent (`TCP_KEEPINTVL`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_interval(&self) -> io::Result<Duration> {
        SockRef::from(self.source()).tcp_keepalive_interval()
    }

    /// After how many unanswered probes the connection is lost (`TCP_KEEPCNT`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_retries(&self) -> io::Result<u32> {
        SockRef::from(self.source()).tcp_keepalive_retries()
    }

    /// How long sent data may stay unacknowledged before the connection is lost (`TCP_USER_TIMEOUT`). `None` leaves it to the
    /// system.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn user_timeout(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self.source()).tcp_user_timeout()
    }

    /// Sets how long sent data may stay unacknowledged before the connection is lost with
    /// [`TimedOut`](io::ErrorKind::TimedOut) (`TCP_USER_TIMEOUT`): from 1 ms to 24.8 days, in whole milliseconds, rounded up.
    /// `None` leaves it to the system.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the time is out of its range. Otherwise when the system refuses.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn set_user_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.source()).set_tcp_user_timeout(limits::user_timeout(timeout)?)
    }

    /// The size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        SockRef::from(self.source()).send_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        SockRef::from(self.source()).set_send_buffer_size(limits::buffer_size(bytes)?)
    }

    /// The size of the buffer for what was received (`SO_RCVBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        SockRef::from(self.source()).recv_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what was received (`SO_RCVBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)). The window that a connection starts with depends on
    /// it; for that set it on a [`TcpSocket`](crate::net::TcpSocket).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_recv_buffer_size(&self, bytes: u32) -> io::Result<()> {
        SockRef::from(self.source()).set_recv_buffer_size(limits::buffer_size(bytes)?)
    }

    /// The type of service of IPv4 packets (`IP_TOS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn tos_v4(&self) -> io::Result<u32> {
        SockRef::from(self.source()).tos_v4()
    }

    /// Sets the type of service of IPv4 packets (`IP_TOS`): from 0 to 255. For TCP, Linux keeps the lowest two bits to itself,
    /// which tell of congestion.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        SockRef::from(self.source()).set_tos_v4(limits::class(tos)?)
    }

    /// The traffic class of IPv6 packets (`IPV6_TCLASS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn tclass_v6(&self) -> io::Result<u32> {
        SockRef::from(self.source()).tclass_v6()
    }

    /// Sets the traffic class of IPv6 packets (`IPV6_TCLASS`): from 0 to 255. For TCP, Linux keeps the lowest two bits to itself,
    /// which tell of congestion.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        SockRef::from(self.source()).set_tclass_v6(limits::class(tclass)?)
    }

    /// The network interface that the stream is bound to (`SO_BINDTODEVICE`), such as `eth0`.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        SockRef::from(self.source()).device()
    }

    /// Binds the stream to a network interface such as `eth0` (`SO_BINDTODEVICE`), so that it sends and receives through no
    /// other. `None` lifts that.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the name is empty, longer than 15 bytes, or has a zero byte. Otherwise
    /// when there is no such interface, or the process lacks the right (`CAP_NET_RAW`, for a stream that is bound already).
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        SockRef::from(self.source()).bind_device(limits::device(interface)?)
    }
}
