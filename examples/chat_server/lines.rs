//! The lines of a stream.

use std::io;

use hanol::net::TcpStream;

/// The longest line a member may send, in bytes.
const MAX_LINE: usize = 1024;

/// The lines of a stream, without their ends.
pub(crate) struct Lines<'a> {
    stream: &'a TcpStream,
    buf: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(stream: &'a TcpStream) -> Self {
        Self { stream, buf: Vec::new() }
    }

    /// The next line, or `None` when the peer has ended its side.
    ///
    /// If it is dropped half-way, what was read stays here.
    pub(crate) async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.buf.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.buf.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            if self.buf.len() > MAX_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
            }
            let mut chunk = [0; 512];
            let n = self.stream.read(&mut chunk).await?;
            if n == 0 {
                return Ok(None);
            }
            self.buf.extend_from_slice(&chunk[..n]);
        }
    }
}
