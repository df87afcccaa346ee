//! The echo server on Hanol.

use std::io;

use hanol::net::UdpSocket;

use super::server_process::{ANY_PORT, announce};
use super::servers::BUFFER_BYTES;

/// Echoes until the process ends.
pub(crate) fn serve() -> io::Result<()> {
    hanol::block_on(async {
        let socket = UdpSocket::bind(ANY_PORT).await?;
        announce(socket.local_addr()?);
        let mut buf = [0; BUFFER_BYTES];
        loop {
            let (size, peer) = socket.recv_from(&mut buf).await?;
            socket.send_to(&buf[..size], peer).await?;
        }
    })
}
