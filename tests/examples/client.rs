//! A client of the servers, which knows nothing but lines and bytes.

use std::io;
use std::net::SocketAddr;

use hanol::net::TcpStream;

use crate::within_patience;

pub(crate) struct Client {
    stream: TcpStream,
    /// What was received and not yet handed out.
    received: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let stream = within_patience("connecting", TcpStream::connect(addr)).await.expect("the server accepts");
        Self { stream, received: Vec::new() }
    }

    /// The address by which the server knows it.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.stream.local_addr().expect("a connected socket has an address")
    }

    pub(crate) async fn send(&self, bytes: &[u8]) {
        within_patience("sending", self.stream.write_all(bytes)).await.expect("the server reads");
    }

    /// The next line, without its end.
    pub(crate) async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.received.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return String::from_utf8(line).expect("a line is text").trim_end().to_owned();
            }
            assert!(self.receive().await.expect("the server answers"), "the connection has ended");
        }
    }

    /// All that comes until the server closes.
    pub(crate) async fn rest(&mut self) -> String {
        while self.receive().await.expect("the server closes in good order") {}
        String::from_utf8(std::mem::take(&mut self.received)).expect("the rest is text")
    }

    /// Waits until there is something to read, and reads nothing.
    pub(crate) async fn until_answered(&self) {
        within_patience("an answer", self.stream.readable()).await.expect("the server answers");
    }

    /// Receives more; false at the end.
    async fn receive(&mut self) -> io::Result<bool> {
        self.received.reserve(64 * 1024);
        let count = within_patience("an answer", self.stream.read_buf(&mut self.received)).await?;
        Ok(count > 0)
    }
}

/// Asserts that nobody accepts connections.
pub(crate) async fn assert_refused(addr: SocketAddr) {
    let refused = within_patience("connecting", TcpStream::connect(addr)).await.err().map(|error| error.kind());
    assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
}
