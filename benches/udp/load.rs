//! The load: clients with one datagram in flight each, driven by a loop on mio.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

/// The size of a datagram.
pub(crate) const DATAGRAM_BYTES: usize = 64;

/// How long an exchange may take before it counts as failed. On loopback a datagram is lost only when a buffer is full, and
/// those in flight fit into it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Clients of one server.
#[derive(Debug)]
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    /// A client's token is its index.
    clients: Vec<UdpSocket>,
}

impl Load {
    pub(crate) fn connect(server: SocketAddr, clients: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut load = Self { poll, events: Events::with_capacity(1024), clients: Vec::with_capacity(clients) };
        for index in 0..clients {
            let mut client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0).into())?;
            client.connect(server)?;
            load.poll.registry().register(&mut client, Token(index), Interest::READABLE)?;
            load.clients.push(client);
        }
        Ok(load)
    }

    /// Sends this many datagrams, spread over the clients, and waits until all of them have come back.
    pub(crate) fn exchange(&mut self, datagrams: usize) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let (mut unsent, mut received) = (datagrams, 0);
        for client in self.clients.iter().take(datagrams) {
            send(client)?;
            unsent -= 1;
        }
        while received < datagrams {
            let remaining = deadline
                .checked_duration_since(Instant::now())
                .ok_or_else(|| io::Error::new(ErrorKind::TimedOut, "the server is too slow, or a datagram was lost"))?;
            match self.poll.poll(&mut self.events, Some(remaining)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &self.events {
                let client = &self.clients[event.token().0];
                if !receive(client)? {
                    continue;
                }
                received += 1;
                if unsent > 0 {
                    send(client)?;
                    unsent -= 1;
                }
            }
        }
        Ok(())
    }
}

fn send(client: &UdpSocket) -> io::Result<()> {
    client.send(&[b'm'; DATAGRAM_BYTES]).map(drop)
}

/// Receives the datagram in flight. `false` if it is not there yet. With one in flight there is no second one to look for.
fn receive(client: &UdpSocket) -> io::Result<bool> {
    let mut buf = [0; 2 * DATAGRAM_BYTES];
    match client.recv(&mut buf) {
        Ok(DATAGRAM_BYTES) => Ok(true),
        Ok(_) => Err(io::Error::other("a datagram has come back with another size")),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}
