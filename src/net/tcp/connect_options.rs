//! How to connect to one of several addresses.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::keepalive::Keepalive;
use super::socket::TcpSocket;

/// How long an attempt is alone before the next one begins, if nothing else is said: RFC 8305, section 5.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The shortest such delay: RFC 8305, section 5.
const SHORTEST_ATTEMPT_DELAY: Duration = Duration::from_millis(10);

/// How [`TcpStream::connect_with`](super::stream::TcpStream::connect_with) connects: to which of the addresses of a name,
/// for how long, from where, and with which options of the socket.
///
/// ```no_run
/// # async fn connect() -> std::io::Result<()> {
/// use std::time::Duration;
///
/// use hanol::net::{ConnectOptions, TcpStream};
///
/// let options = ConnectOptions::new().happy_eyeballs().attempt_timeout(Duration::from_secs(10)).nodelay(true);
/// let stream = TcpStream::connect_with("example.org:80", options).await?;
/// # drop(stream);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    attempt_timeout: Option<Duration>,
    attempt_delay: Option<Duration>,
    bind_v4: Option<SocketAddr>,
    bind_v6: Option<SocketAddr>,
    nodelay: Option<bool>,
    keepalive: Option<Keepalive>,
    send_buffer_size: Option<u32>,
    recv_buffer_size: Option<u32>,
    #[cfg(any(target_os = "android", target_os = "linux"))]
    user_timeout: Option<Duration>,
    #[cfg(any(target_os = "android", target_os = "linux"))]
    device: Option<Vec<u8>>,
}

impl ConnectOptions {
    /// As [`TcpStream::connect`](super::stream::TcpStream::connect): one address after the other, in the order in which
    /// they are given, each for as long as the system tries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long an address may take to answer, before it counts as failed with [`TimedOut`](io::ErrorKind::TimedOut). For
    /// a limit on all of it, looking the name up included, use [`timeout`](crate::time::timeout).
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// Tries addresses side by side, as RFC 8305 ("Happy Eyeballs") says: IPv6 and IPv4 in turn, each 250 ms after the one
    /// before, or at once when all before have failed. The first to answer is the connection, and the others are closed.
    ///
    /// The names' addresses come from the system's resolver all at once, so what the RFC says about waiting for the answers
    /// of a name server does not arise.
    #[must_use]
    pub fn happy_eyeballs(self) -> Self {
        self.happy_eyeballs_after(ATTEMPT_DELAY)
    }

    /// As [`happy_eyeballs`](Self::happy_eyeballs), with another delay between two attempts. One that is shorter than 10 ms
    /// counts as 10 ms, as the RFC says.
    #[must_use]
    pub fn happy_eyeballs_after(mut self, delay: Duration) -> Self {
        self.attempt_delay = Some(delay.max(SHORTEST_ATTEMPT_DELAY));
        self
    }

    /// Connects from this address of this machine. Port 0 lets the system choose the port.
    ///
    /// Addresses of the other family cannot be connected to from it and count as failed, unless this is called for both
    /// families.
    #[must_use]
    pub fn bind(mut self, addr: SocketAddr) -> Self {
        match addr {
            SocketAddr::V4(_) => self.bind_v4 = Some(addr),
            SocketAddr::V6(_) => self.bind_v6 = Some(addr),
        }
        self
    }

    /// Whether to send small writes at once (`TCP_NODELAY`).
    #[must_use]
    pub fn nodelay(mut self, nodelay: bool) -> Self {
        self.nodelay = Some(nodelay);
        self
    }

    /// Probes the connection when nothing happens on it (`SO_KEEPALIVE`).
    #[must_use]
    pub fn keepalive(mut self, keepalive: Keepalive) -> Self {
        self.keepalive = Some(keepalive);
        self
    }

    /// The size of the buffer for what is to be sent, as in [`TcpSocket::set_send_buffer_size`].
    #[must_use]
    pub fn send_buffer_size(mut self, bytes: u32) -> Self {
        self.send_buffer_size = Some(bytes);
        self
    }

    /// The size of the buffer for what was received, as in [`TcpSocket::set_recv_buffer_size`].
    #[must_use]
    pub fn recv_buffer_size(mut self, bytes: u32) -> Self {
        self.recv_buffer_size = Some(bytes);
        self
    }

    /// How long sent data may stay unacknowledged, as in [`TcpSocket::set_user_timeout`]. It holds for the attempt too.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    #[must_use]
    pub fn user_timeout(mut self, limit: Duration) -> Self {
        self.user_timeout = Some(limit);
        self
    }

    /// Connects through this network interface, as in [`TcpSocket::bind_device`].
    #[cfg(any(target_os = "android", target_os = "linux"))]
    #[must_use]
    pub fn bind_device(mut self, interface: impl Into<Vec<u8>>) -> Self {
        self.device = Some(interface.into());
        self
    }
}

impl ConnectOptions {
    pub(super) fn limit(&self) -> Option<Duration> {
        self.attempt_timeout
    }

    /// How long after an attempt the next one begins. `None` when it waits for the failure of the one before.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.attempt_delay
    }

    /// A socket for an attempt, with all options set.
    pub(super) fn socket(&self, addr: SocketAddr) -> io::Result<TcpSocket> {
        let socket = TcpSocket::for_address(addr)?;
        if let Some(nodelay) = self.nodelay {
            socket.set_nodelay(nodelay)?;
        }
        if let Some(keepalive) = &self.keepalive {
            socket.set_keepalive_with(keepalive)?;
        }
        if let Some(bytes) = self.send_buffer_size {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.recv_buffer_size {
            socket.set_recv_buffer_size(bytes)?;
        }
        #[cfg(any(target_os = "android", target_os = "linux"))]
        {
            if let Some(limit) = self.user_timeout {
                socket.set_user_timeout(Some(limit))?;
            }
            if let Some(device) = &self.device {
                socket.bind_device(Some(device))?;
            }
        }
        if let Some(local) = self.local_addr(addr)? {
            socket.bind(local)?;
        }
        Ok(socket)
    }

    /// Where to connect to this address from, if that was said.
    fn local_addr(&self, addr: SocketAddr) -> io::Result<Option<SocketAddr>> {
        let (same, other) = match addr {
            SocketAddr::V4(_) => (self.bind_v4, self.bind_v6),
            SocketAddr::V6(_) => (self.bind_v6, self.bind_v4),
        };
        match (same, other) {
            (None, Some(other)) => {
                let message = format!("cannot be connected to from {other}, which is of the other family");
                Err(io::Error::new(io::ErrorKind::InvalidInput, message))
            }
            (same, _) => Ok(same),
        }
    }
}
