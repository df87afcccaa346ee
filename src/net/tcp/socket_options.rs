//! What a socket can be asked, and told, before it connects or listens.

use std::io;
use std::time::Duration;

use super::keepalive::Keepalive;
use super::socket::TcpSocket;
use crate::net::limits;

/// # Options
///
/// What is set here holds for the stream that the socket becomes, and for the streams that the listener accepts.
impl TcpSocket {
    /// Whether the address may be bound to although connections of an earlier socket linger there (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        self.source().reuse_address()
    }

    /// Whether the address may be bound to although connections of an earlier socket linger there (`SO_REUSEADDR`), so that a
    /// server can be started again at once.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_reuseaddr(&self, reuseaddr: bool) -> io::Result<()> {
        self.source().set_reuse_address(reuseaddr)
    }

    /// Whether several sockets may listen on the same address (`SO_REUSEPORT`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn reuseport(&self) -> io::Result<bool> {
        self.source().reuse_port()
    }

    /// Whether several sockets may listen on the same address (`SO_REUSEPORT`), for example one for each thread. Each of them
    /// has to say so before it is bound. Linux spreads the connections over them.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_reuseport(&self, reuseport: bool) -> io::Result<()> {
        self.source().set_reuse_port(reuseport)
    }

    /// Whether a socket for IPv6 leaves IPv4 alone (`IPV6_V6ONLY`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn only_v6(&self) -> io::Result<bool> {
        self.source().only_v6()
    }

    /// Whether a socket for IPv6 leaves IPv4 alone (`IPV6_V6ONLY`). Otherwise one that is bound to `[::]` takes IPv4 connections
    /// too, and shows their addresses as `::ffff:a.b.c.d`.
    ///
    /// # Errors
    ///
    /// When the system refuses: the socket is for IPv4, or bound already.
    pub fn set_only_v6(&self, only_v6: bool) -> io::Result<()> {
        self.source().set_only_v6(only_v6)
    }

    /// Whether a connection on which nothing happens is probed (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive(&self) -> io::Result<bool> {
        self.source().keepalive()
    }

    /// Whether to probe a connection on which nothing happens (`SO_KEEPALIVE`), at the system's times.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        self.source().set_keepalive(keepalive)
    }

    /// Probes a connection on which nothing happens, at the given times.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when a value is out of its range; nothing is set then. Otherwise when the system refuses.
    pub fn set_keepalive_with(&self, keepalive: &Keepalive) -> io::Result<()> {
        keepalive.apply(self.source())
    }

    /// How long nothing happens before the first probe (`TCP_KEEPIDLE`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_time(&self) -> io::Result<Duration> {
        self.source().tcp_keepalive_time()
    }

    /// How long after an unanswered probe the next one is sent (`TCP_KEEPINTVL`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_interval(&self) -> io::Result<Duration> {
        self.source().tcp_keepalive_interval()
    }

    /// After how many unanswered probes the connection is lost (`TCP_KEEPCNT`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn keepalive_retries(&self) -> io::Result<u32> {
        self.source().tcp_keepalive_retries()
    }

    /// How long sent data may stay unacknowledged before the connection is lost (`TCP_USER_TIMEOUT`). `None` leaves it to the
    /// system.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn user_timeout(&self) -> io::Result<Option<Duration>> {
        self.source().tcp_user_timeout()
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
        self.source().set_tcp_user_timeout(limits::user_timeout(timeout)?)
    }

    /// The size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.source().send_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what is to be sent (`SO_SNDBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.source().set_send_buffer_size(limits::buffer_size(bytes)?)
    }

    /// The size of the buffer for what was received (`SO_RCVBUF`), in bytes.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.source().recv_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the buffer for what was received (`SO_RCVBUF`), in bytes. Linux doubles it, for its own records, and
    /// keeps it within limits of its own (socket(7)). The window that a connection starts with depends on it, so it is best set
    /// before.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 bytes. Otherwise when the system refuses.
    pub fn set_recv_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.source().set_recv_buffer_size(limits::buffer_size(bytes)?)
    }

    /// How long the system tries to send what is left when the connection is closed (`SO_LINGER`), in whole seconds.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.source().linger()
    }

    /// Sets how long closing the connection tries to send what is left (`SO_LINGER`), in whole seconds, rounded up. Closing
    /// blocks the thread for that long, and every task with it. Zero drops what is left and resets the connection. `None`, the
    /// default, sends in the background.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 2,147,483,647 seconds. Otherwise when the system refuses.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.source().set_linger(limits::linger(linger)?)
    }

    /// Has closing the connection drop what is left and reset it, which never blocks.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// Whether small writes are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.source().tcp_nodelay()
    }

    /// Whether to send small writes at once (`TCP_NODELAY`), instead of waiting for the acknowledgement of earlier ones.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.source().set_tcp_nodelay(nodelay)
    }

    /// The type of service of IPv4 packets (`IP_TOS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.source().tos_v4()
    }

    /// Sets the type of service of IPv4 packets (`IP_TOS`): from 0 to 255. For TCP, Linux keeps the lowest two bits to itself,
    /// which tell of congestion.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.source().set_tos_v4(limits::class(tos)?)
    }

    /// The traffic class of IPv6 packets (`IPV6_TCLASS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.source().tclass_v6()
    }

    /// Sets the traffic class of IPv6 packets (`IPV6_TCLASS`): from 0 to 255. For TCP, Linux keeps the lowest two bits to itself,
    /// which tell of congestion.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        self.source().set_tclass_v6(limits::class(tclass)?)
    }

    /// The network interface that the socket is bound to (`SO_BINDTODEVICE`), such as `eth0`.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.source().device()
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
        self.source().bind_device(limits::device(interface)?)
    }
}
