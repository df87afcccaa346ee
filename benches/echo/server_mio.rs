//! The echo server as a hand-written loop on mio: no tasks, no wakers, and no more system calls than an echo needs.
//!
//! For N connections that are ready together, a message costs `2 + 1/N` system calls: one to receive, one to send and
//! its share of `epoll_wait`. A read that does not fill the buffer has emptied the socket, so it is not repeated.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::contender::Reading;
use super::server_process::{ANY_PORT, announce};

const LISTENER: Token = Token(usize::MAX);

/// Echoes on every connection until the process ends.
pub(crate) fn serve() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut listener = TcpListener::bind(ANY_PORT.into())?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    announce(listener.local_addr()?);

    let mut buf = vec![0; Reading::Buffer.buffer_bytes()];
    // A connection's token is its index. An index is not used again, for the process lives only as long as a round.
    let mut connections: Vec<Option<Connection>> = Vec::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, &poll, &mut connections)?;
                continue;
            }
            let slot = &mut connections[event.token().0];
            let Some(connection) = slot else { continue };
            // A connection that fails is closed like one that ends.
            let open = connection.echo(&mut buf, event.is_read_closed()).unwrap_or(false);
            if !open {
                *slot = None;
            }
        }
    }
}

fn accept_all(listener: &TcpListener, poll: &Poll, connections: &mut Vec<Option<Connection>>) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((mut stream, _)) => {
                let token = Token(connections.len());
                let interest = Interest::READABLE | Interest::WRITABLE;
                poll.registry().register(&mut stream, token, interest)?;
                connections.push(Some(Connection { stream, unsent: Vec::new() }));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    /// What was read and did not fit into the socket. While there is any, nothing is read.
    unsent: Vec<u8>,
}

impl Connection {
    /// Echoes what can be read and sent now. Returns whether the connection is still open.
    ///
    /// `closing` says that the end of the stream was announced: then a short read may hide it.
    fn echo(&mut self, buf: &mut [u8], closing: bool) -> io::Result<bool> {
        if !self.send_unsent()? {
            return Ok(true);
        }
        loop {
            let count = match self.stream.read(buf) {
                Ok(0) => return Ok(false),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let sent = send(&mut self.stream, &buf[..count])?;
            if sent < count {
                self.unsent.extend_from_slice(&buf[sent..count]);
                return Ok(true);
            }
            if count < buf.len() && !closing {
                return Ok(true);
            }
        }
    }

    /// Returns whether all of it is sent.
    fn send_unsent(&mut self) -> io::Result<bool> {
        if !self.unsent.is_empty() {
            let sent = send(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..sent);
        }
        Ok(self.unsent.is_empty())
    }
}

/// Sends until the socket accepts no more, and returns how many bytes it accepted.
fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
