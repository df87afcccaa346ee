//! A blocking client that sees raw bytes, and just enough of the protocol to know where an answer ends.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes so long unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection to a server.
pub(crate) struct Client {
    stream: TcpStream,
    /// What was received and not yet handed out.
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("the socket takes options");
        stream.set_read_timeout(Some(PATIENCE)).expect("the socket takes options");
        stream.set_write_timeout(Some(PATIENCE)).expect("the socket takes options");
        Self { stream, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// Sends to a server that may close before it has read everything; false if it has.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Tells the server that nothing more will come.
    pub(crate) fn finish(&mut self) {
        // It fails when the server has closed already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends one command and gives its raw answer.
    pub(crate) fn command(&mut self, words: &[impl AsRef<[u8]>]) -> Vec<u8> {
        self.send(&encode(words));
        self.answer()
    }

    /// Like [`command`](Self::command), for words without spaces in them. The answer is given as text.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        String::from_utf8(self.command(&words)).expect("the answer is text")
    }

    /// The next raw answer.
    pub(crate) fn answer(&mut self) -> Vec<u8> {
        loop {
            if let Some(length) = answer_length(&self.received) {
                return self.received.drain(..length).collect();
            }
            assert!(self.receive(), "the connection ended within {:?}", self.received.escape_ascii().to_string());
        }
    }

    /// All that comes until the server closes the connection.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.receive() {}
        std::mem::take(&mut self.received)
    }

    /// Waits for more bytes; false at the end. A server that closes with bytes unread resets the connection, which
    /// is an end as well.
    fn receive(&mut self) -> bool {
        let mut buf = [0; 64 * 1024];
        match self.stream.read(&mut buf) {
            Ok(count) => {
                self.received.extend_from_slice(&buf[..count]);
                count > 0
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

/// A command as an array of bulk strings.
pub(crate) fn encode(words: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// How many bytes the first answer takes, if all of it is there.
fn answer_length(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let number = || std::str::from_utf8(&bytes[1..line - 2]).ok()?.parse::<i64>().ok();
    match bytes[0] {
        b'$' => {
            let length = line + usize::try_from(number()?).map_or(0, |length| length + 2);
            (bytes.len() >= length).then_some(length)
        }
        b'*' => {
            let mut length = line;
            for _ in 0..number()? {
                length += answer_length(&bytes[length..])?;
            }
            Some(length)
        }
        _ => Some(line),
    }
}

/// An array with its elements sorted, `group` by `group`: the order of a set's members means nothing.
pub(crate) fn sorted(answer: &[u8], group: usize) -> Vec<u8> {
    if answer.first() != Some(&b'*') {
        return answer.to_vec();
    }
    let header = answer.windows(2).position(|pair| pair == b"\r\n").expect("an answer has a line") + 2;
    let mut elements = Vec::new();
    let mut rest = &answer[header..];
    while let Some(length) = answer_length(rest) {
        elements.push(&rest[..length]);
        rest = &rest[length..];
    }
    let mut groups: Vec<Vec<u8>> = elements.chunks(group).map(<[&[u8]]>::concat).collect();
    groups.sort();
    [&answer[..header], &groups.concat()].concat()
}
