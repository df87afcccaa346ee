//! Datagrams: sent, received, peeked at, and what the network and the system say of them.

#[path = "udp/errors.rs"]
mod errors;
#[path = "udp/exchange.rs"]
mod exchange;
#[path = "udp/giving_up.rs"]
mod giving_up;
#[path = "udp/options.rs"]
mod options;
#[path = "udp/polled.rs"]
mod polled;
#[path = "udp/readiness.rs"]
mod readiness;
mod util;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use hanol::net::UdpSocket;

/// Loopback, with a port that the system chooses.
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

async fn bound() -> UdpSocket {
    UdpSocket::bind(ANY).await.unwrap()
}

/// Two sockets that are connected to each other.
async fn connected() -> (UdpSocket, UdpSocket) {
    let (one, other) = (bound().await, bound().await);
    one.connect(other.local_addr().unwrap()).await.unwrap();
    other.connect(one.local_addr().unwrap()).await.unwrap();
    (one, other)
}

/// An address of loopback at which nobody receives: what is sent there comes back as an error. No test binds anything to it.
fn nobody() -> SocketAddr {
    (Ipv4Addr::new(127, 83, 0, 1), 1).into()
}

fn would_block<T>(result: io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}
