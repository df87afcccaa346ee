//! Reading requests out of a byte stream, piece by piece.
//!
//! A client sends arrays of bulk strings, `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`, or plain lines, `GET k\n`. The bytes
//! arrive cut at any place. [`RequestBuffer`] keeps what has arrived and remembers how far it has understood it, so
//! no byte is looked at twice, however small the pieces are.
//!
//! Two things always hold: an argument is never copied, only its place in the buffer is noted; and memory grows with
//! what a client has sent, never with what it has announced.

use std::ops::Range;

use crate::inline;
use crate::number::parse_integer;

/// The longest line, of a plain request or of an announced length, in bytes.
const MAX_LINE: usize = 64 * 1024;
/// The longest bulk string, in bytes: Redis' `proto-max-bulk-len`.
pub(crate) const MAX_BULK: usize = 512 * 1024 * 1024;
/// The most arguments that a request may announce.
const MAX_ARGUMENTS: i64 = i32::MAX as i64;
/// How much room a read is offered at least, in bytes.
const READ_SIZE: usize = 16 * 1024;
/// A buffer that has grown beyond this gives its memory back once it is empty.
const KEPT_SIZE: usize = 64 * 1024;

/// One request: the name of a command and its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    bytes: &'a [u8],
    arguments: &'a [Range<usize>],
}

impl<'a> Request<'a> {
    /// How many arguments there are, the command's name included.
    pub(crate) fn len(self) -> usize {
        self.arguments.len()
    }

    /// The argument at `index`; the command's name is at 0.
    pub(crate) fn arg(self, index: usize) -> &'a [u8] {
        &self.bytes[self.arguments[index].clone()]
    }

    /// The argument at `index`, if the request has so many.
    pub(crate) fn get(self, index: usize) -> Option<&'a [u8]> {
        self.arguments.get(index).map(|range| &self.bytes[range.clone()])
    }

    /// The arguments from `index` on.
    pub(crate) fn from(self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let bytes = self.bytes;
        self.arguments[index..].iter().map(move |range| &bytes[range.clone()])
    }

    /// The arguments from `index` on, two by two.
    pub(crate) fn pairs_from(self, index: usize) -> impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])> {
        let bytes = self.bytes;
        self.arguments[index..].chunks_exact(2).map(move |pair| (&bytes[pair[0].clone()], &bytes[pair[1].clone()]))
    }
}

/// What is wrong with the bytes of a client. Nothing that follows them can be understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ProtocolError {
    TooBigInline,
    UnbalancedQuotes,
    TooBigCount,
    InvalidCount,
    TooBigBulkCount,
    InvalidBulkLength,
    /// A bulk string was expected, and this byte found instead of its `$`.
    ExpectedBulk(u8),
}

impl ProtocolError {
    /// The words of Redis for it.
    pub(crate) fn message(self) -> Vec<u8> {
        let reason: &[u8] = match self {
            Self::TooBigInline => b"too big inline request",
            Self::UnbalancedQuotes => b"unbalanced quotes in request",
            Self::TooBigCount => b"too big mbulk count string",
            Self::InvalidCount => b"invalid multibulk length",
            Self::TooBigBulkCount => b"too big bulk count string",
            Self::InvalidBulkLength => b"invalid bulk length",
            Self::ExpectedBulk(found) => &[b"expected '$', got '", &[found][..], b"'"].concat(),
        };
        [b"ERR Protocol error: ", reason].concat()
    }
}

/// The bytes received from one client and the state of their interpretation.
pub(crate) struct RequestBuffer {
    /// Initialised memory. The bytes that are received and not yet answered are `start..end`.
    storage: Vec<u8>,
    start: usize,
    end: usize,
    frame: Frame,
    /// The arguments of a plain request, their quotes taken away.
    unquoted: Vec<u8>,
}

/// What is known of the request at `RequestBuffer::start`. All positions count from there.
#[derive(Default)]
struct Frame {
    /// The first byte that is not interpreted yet.
    cursor: usize,
    /// No end of a line lies between `cursor` and here.
    searched: usize,
    /// How many arguments are still to come; 0 before the array's header was read.
    missing: usize,
    /// The length of the bulk string at `cursor`, once its header was read.
    bulk: Option<usize>,
    arguments: Vec<Range<usize>>,
    /// Where `arguments` point to.
    source: Source,
    /// The request was handed out; the next call discards it.
    finished: bool,
}

#[derive(Clone, Copy, Default)]
enum Source {
    #[default]
    Received,
    Unquoted,
}

/// How one attempt to understand the buffered bytes ended.
#[must_use]
enum Progress {
    Complete,
    Incomplete,
}

impl RequestBuffer {
    /// A buffer without any bytes.
    pub(crate) fn new() -> Self {
        Self { storage: Vec::new(), start: 0, end: 0, frame: Frame::default(), unquoted: Vec::new() }
    }

    /// Room for the next read, never empty. Tell [`received`](Self::received) how much of it was filled.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.discard_finished();
        if self.start > 0 {
            self.storage.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == 0 && self.storage.len() > KEPT_SIZE {
            self.storage = Vec::new();
        }
        if self.storage.len() - self.end < READ_SIZE {
            self.grow();
        }
        &mut self.storage[self.end..]
    }

    /// Notes that `count` bytes were read into the room.
    pub(crate) fn received(&mut self, count: usize) {
        self.end += count;
    }

    /// How much memory the unanswered bytes take, in bytes: themselves and the list of the arguments in them.
    pub(crate) fn size(&self) -> usize {
        self.end - self.start + size_of_val(&self.frame.arguments[..])
    }

    /// The next request, if all of it has arrived.
    ///
    /// # Errors
    ///
    /// The bytes break the protocol. The buffer must not be used any more.
    pub(crate) fn next_request(&mut self) -> Result<Option<Request<'_>>, ProtocolError> {
        loop {
            self.discard_finished();
            if self.start == self.end {
                return Ok(None);
            }
            let progress = match self.storage[self.start] {
                b'*' => self.read_array()?,
                _ => self.read_line_request()?,
            };
            if let Progress::Incomplete = progress {
                return Ok(None);
            }
            self.frame.finished = true;
            // An empty line and an array without elements are no request, and have no answer.
            if !self.frame.arguments.is_empty() {
                break;
            }
        }
        let bytes = match self.frame.source {
            Source::Received => &self.storage[self.start..self.end],
            Source::Unquoted => &self.unquoted[..],
        };
        Ok(Some(Request { bytes, arguments: &self.frame.arguments }))
    }

    /// Forgets the request that was handed out last, and keeps the list of its arguments for the next one.
    fn discard_finished(&mut self) {
        if !self.frame.finished {
            return;
        }
        self.start += self.frame.cursor;
        let mut arguments = std::mem::take(&mut self.frame.arguments);
        arguments.clear();
        arguments.shrink_to(KEPT_SIZE);
        self.frame = Frame { arguments, ..Frame::default() };
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Doubles the storage at most, so that a client must send what it wants memory for.
    fn grow(&mut self) {
        let wanted = match self.frame.bulk {
            Some(length) => self.frame.cursor + length + 2,
            None => 0,
        };
        let size = wanted.clamp(self.end + READ_SIZE, (self.end * 2).max(self.end + READ_SIZE));
        self.storage.reserve_exact(size - self.storage.len());
        self.storage.resize(size, 0);
    }

    fn read_array(&mut self) -> Result<Progress, ProtocolError> {
        if self.frame.missing == 0 {
            let Some(line) = self.find_line(b'\r', ProtocolError::TooBigCount)? else {
                return Ok(Progress::Incomplete);
            };
            let count = parse_integer(&self.unread()[1..line]).ok_or(ProtocolError::InvalidCount)?;
            if count > MAX_ARGUMENTS {
                return Err(ProtocolError::InvalidCount);
            }
            self.frame.cursor += line + 2;
            self.frame.missing = usize::try_from(count).unwrap_or(0);
        }
        while self.frame.missing > 0 {
            if let Progress::Incomplete = self.read_bulk()? {
                return Ok(Progress::Incomplete);
            }
            self.frame.missing -= 1;
        }
        Ok(Progress::Complete)
    }

    /// Reads one bulk string. As in Redis, the two bytes after it are skipped whatever they are.
    fn read_bulk(&mut self) -> Result<Progress, ProtocolError> {
        let length = match self.frame.bulk {
            Some(length) => length,
            None => {
                let Some(line) = self.find_line(b'\r', ProtocolError::TooBigBulkCount)? else {
                    return Ok(Progress::Incomplete);
                };
                let header = &self.unread()[..line];
                let first = self.unread()[0];
                if first != b'$' {
                    return Err(ProtocolError::ExpectedBulk(first));
                }
                let length = parse_integer(&header[1..])
                    .and_then(|length| usize::try_from(length).ok())
                    .filter(|&length| length <= MAX_BULK)
                    .ok_or(ProtocolError::InvalidBulkLength)?;
                self.frame.cursor += line + 2;
                self.frame.bulk = Some(length);
                length
            }
        };
        if self.unread().len() < length + 2 {
            return Ok(Progress::Incomplete);
        }
        let begin = self.frame.cursor;
        self.frame.arguments.push(begin..begin + length);
        self.frame.cursor += length + 2;
        self.frame.bulk = None;
        Ok(Progress::Complete)
    }

    fn read_line_request(&mut self) -> Result<Progress, ProtocolError> {
        let Some(line) = self.find_line(b'\n', ProtocolError::TooBigInline)? else {
            return Ok(Progress::Incomplete);
        };
        let text = &self.storage[self.start + self.frame.cursor..][..line];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        self.unquoted.clear();
        inline::split(text, &mut self.unquoted, &mut self.frame.arguments)
            .map_err(|inline::UnbalancedQuotes| ProtocolError::UnbalancedQuotes)?;
        self.frame.source = Source::Unquoted;
        self.frame.cursor += line + 1;
        Ok(Progress::Complete)
    }

    /// The received bytes that are not interpreted yet.
    fn unread(&self) -> &[u8] {
        &self.storage[self.start + self.frame.cursor..self.end]
    }

    /// The distance from the cursor to `terminator`.
    ///
    /// Lines that end in `\r` count as arrived only with the byte after it. Redis searches with `strchr`, so a line
    /// that holds a zero byte never ends: it is refused once it is too long.
    fn find_line(&mut self, terminator: u8, too_long: ProtocolError) -> Result<Option<usize>, ProtocolError> {
        let skipped = self.frame.searched.saturating_sub(self.frame.cursor);
        let unread = self.unread();
        let found = unread[skipped..].iter().position(|&byte| byte == terminator || byte == 0);
        let stop = skipped + found.unwrap_or(unread.len() - skipped);
        let length = unread.len();
        let is_end = unread.get(stop) == Some(&terminator);
        self.frame.searched = self.frame.cursor + stop;
        if !is_end {
            return if length > MAX_LINE { Err(too_long) } else { Ok(None) };
        }
        let arrived = terminator == b'\n' || stop + 2 <= length;
        Ok(arrived.then_some(stop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `bytes` in pieces of `size` and gives all requests that come out.
    fn requests(bytes: &[u8], size: usize) -> Result<Vec<Vec<Vec<u8>>>, ProtocolError> {
        let mut buffer = RequestBuffer::new();
        let mut requests = Vec::new();
        for piece in bytes.chunks(size) {
            buffer.room()[..piece.len()].copy_from_slice(piece);
            buffer.received(piece.len());
            while let Some(request) = buffer.next_request()? {
                requests.push(request.from(0).map(<[u8]>::to_vec).collect());
            }
        }
        Ok(requests)
    }

    #[test]
    fn the_pieces_in_which_a_request_arrives_make_no_difference() {
        let bytes = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n\r\n*0\r\n*-1\r\nSET \"a b\" 'c'\nPING\r\n*1\r\n$0\r\n\r\n";
        let whole = requests(bytes, bytes.len()).unwrap();
        assert_eq!(whole.len(), 4);
        assert_eq!(whole[1], [&b"SET"[..], b"a b", b"c"]);
        for size in 1..bytes.len() {
            assert_eq!(requests(bytes, size).unwrap(), whole, "pieces of {size} bytes");
        }
    }

    #[test]
    fn an_announced_length_takes_no_memory() {
        let mut buffer = RequestBuffer::new();
        let announcement = b"*2147483647\r\n$536870912\r\nabc";
        buffer.room()[..announcement.len()].copy_from_slice(announcement);
        buffer.received(announcement.len());
        assert!(buffer.next_request().unwrap().is_none());
        assert!(buffer.room().len() <= 2 * READ_SIZE);
    }

    #[test]
    fn broken_lengths_are_refused() {
        let refused = |bytes: &[u8]| requests(bytes, READ_SIZE).unwrap_err();
        assert_eq!(refused(b"*1\r\n$-2\r\n"), ProtocolError::InvalidBulkLength);
        assert_eq!(refused(b"*1\r\n$536870913\r\n"), ProtocolError::InvalidBulkLength);
        assert_eq!(refused(b"*2147483648\r\n"), ProtocolError::InvalidCount);
        assert_eq!(refused(b"*1\r\n:1\r\n"), ProtocolError::ExpectedBulk(b':'));
        assert_eq!(refused(&b"a".repeat(MAX_LINE + 1)), ProtocolError::TooBigInline);
    }
}
