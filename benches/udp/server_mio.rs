//! The echo server as a hand-written loop on mio.
//!
//! The selector reports once that datagrams have come, so they are received until there is none: for N that are reported
//! together, a datagram costs `2 + 2/N` system calls. The loop asks for nothing but readability, since it never waits for
//! room. A runtime cannot know that, and is told also when a sent datagram has left the buffer.

use std::io::{self, ErrorKind};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

use super::server_process::{ANY_PORT, announce};
use super::servers::BUFFER_BYTES;

/// Echoes until the process ends.
pub(crate) fn serve() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut socket = UdpSocket::bind(ANY_PORT.into())?;
    poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
    announce(socket.local_addr()?);

    let mut buf = [0; BUFFER_BYTES];
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        if events.iter().any(|event| event.is_readable()) {
            echo_all(&socket, &mut buf)?;
        }
    }
}

fn echo_all(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<()> {
    loop {
        match socket.recv_from(buf) {
            // Less is in flight than a send buffer holds, so there is always room.
            Ok((size, peer)) => {
                socket.send_to(&buf[..size], peer)?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
