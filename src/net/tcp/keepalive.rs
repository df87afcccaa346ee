//! When a quiet connection is probed.

use std::io;
use std::time::Duration;

use socket2::TcpKeepalive;

use crate::net::limits;

/// When a connection on which nothing happens is probed, and when it is given up.
///
/// What is not set stays as it is; the system begins with 2 hours, 75 seconds and 9 probes (tcp(7)). Parts of a second count
/// as whole ones.
///
/// ```
/// # #[hanol::main]
/// # async fn main() -> std::io::Result<()> {
/// use std::time::Duration;
///
/// use hanol::net::{Keepalive, TcpSocket};
///
/// let socket = TcpSocket::new_v4()?;
/// // A peer that is silent for a minute is probed every ten seconds, and given up after three probes.
/// let keepalive = Keepalive::new().time(Duration::from_secs(60)).interval(Duration::from_secs(10)).retries(3);
/// socket.set_keepalive_with(&keepalive)?;
/// assert!(socket.keepalive()?);
/// assert_eq!(socket.keepalive_time()?, Duration::from_secs(60));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keepalive {
    time: Option<Duration>,
    interval: Option<Duration>,
    retries: Option<u32>,
}

impl Keepalive {
    /// Probes, at the system's times.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long nothing happens before the first probe (`TCP_KEEPIDLE`): from 1 second to 32,767.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// How long after an unanswered probe the next one is sent (`TCP_KEEPINTVL`): from 1 second to 32,767.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// After how many unanswered probes the connection is lost (`TCP_KEEPCNT`): from 1 to 127.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Sets all of it, or nothing if a value is out of its range.
    pub(super) fn apply(&self, socket: &socket2::Socket) -> io::Result<()> {
        let mut parameters = TcpKeepalive::new();
        if let Some(time) = self.time {
            parameters = parameters.with_time(limits::keepalive_time(time)?);
        }
        if let Some(interval) = self.interval {
            parameters = parameters.with_interval(limits::keepalive_time(interval)?);
        }
        if let Some(retries) = self.retries {
            parameters = parameters.with_retries(limits::keepalive_retries(retries)?);
        }
        socket.set_tcp_keepalive(&parameters)
    }
}
