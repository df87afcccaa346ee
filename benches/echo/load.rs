//! The load: connections with one message in flight each, driven by a loop on mio.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// The size of a message.
pub(crate) const MESSAGE_BYTES: usize = 64;

/// How long an exchange may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Open connections to one server.
#[derive(Debug)]
pub(crate) struct Load {
    poll: Poll,
    events: Events,
    /// A connection's token is its index.
    connections: Vec<Connection>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// How much of the message in flight has come back.
    received: usize,
    sent_at: Instant,
}

impl Load {
    pub(crate) fn connect(server: SocketAddr, connections: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut load = Self { poll, events: Events::with_capacity(1024), connections: Vec::with_capacity(connections) };
        for index in 0..connections {
            let stream = std::net::TcpStream::connect(server)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            load.poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
            load.connections.push(Connection { stream, received: 0, sent_at: Instant::now() });
        }
        Ok(load)
    }

    /// Sends this many messages, spread over the connections, and waits until all of them have come back.
    ///
    /// Returns each message's nanoseconds from sending it until all of it had come back.
    pub(crate) fn exchange(&mut self, messages: usize) -> io::Result<Vec<f64>> {
        let deadline = Instant::now() + PATIENCE;
        let mut latencies = Vec::with_capacity(messages);
        let mut unsent = messages;
        for connection in self.connections.iter_mut().take(messages) {
            connection.send(Instant::now())?;
            unsent -= 1;
        }
        while latencies.len() < messages {
            let remaining = deadline
                .checked_duration_since(Instant::now())
                .ok_or_else(|| io::Error::new(ErrorKind::TimedOut, "the server is too slow"))?;
            // With one connection this side would sleep through half of each round trip, and to be woken would be half
            // of what is measured. So it looks again and again.
            let patience = if self.connections.len() == 1 { Duration::ZERO } else { remaining };
            match self.poll.poll(&mut self.events, Some(patience)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                if !connection.receive()? {
                    continue;
                }
                let now = Instant::now();
                latencies.push((now - connection.sent_at).as_nanos() as f64);
                if unsent > 0 {
                    connection.send(now)?;
                    unsent -= 1;
                }
            }
        }
        Ok(latencies)
    }
}

impl Connection {
    fn send(&mut self, now: Instant) -> io::Result<()> {
        self.received = 0;
        self.sent_at = now;
        // With one message in flight the socket's buffer is empty, so a message always fits.
        if self.stream.write(&[b'm'; MESSAGE_BYTES])? == MESSAGE_BYTES {
            Ok(())
        } else {
            Err(io::Error::other("a message was not accepted as a whole"))
        }
    }

    /// Reads once. Returns whether the message in flight is complete.
    ///
    /// The rest of an incomplete message announces itself, and nothing follows a complete one.
    fn receive(&mut self) -> io::Result<bool> {
        let mut buf = [0; 2 * MESSAGE_BYTES];
        match self.stream.read(&mut buf) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.received += count;
                if self.received > MESSAGE_BYTES {
                    return Err(io::Error::other("the server sent more than it received"));
                }
                Ok(self.received == MESSAGE_BYTES)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(error),
        }
    }
}
