//! Writing answers in the Redis protocol, version 2.
//!
//! All answers of one batch are gathered in one buffer, so that one write carries them to the client.

use crate::number::format_float;

/// A buffer above this size is given back once its bytes are written.
const KEPT_SIZE: usize = 64 * 1024;

/// Answers on their way to one client.
#[derive(Default)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
}

impl Reply {
    /// The bytes gathered so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The buffer itself, for those who append whole messages.
    pub(crate) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Forgets the bytes, after they were written.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_SIZE);
    }

    /// A short text without line breaks: `+OK`.
    pub(crate) fn simple(&mut self, text: &str) {
        self.bytes.push(b'+');
        self.bytes.extend_from_slice(text.as_bytes());
        self.end_line();
    }

    /// An error, its code first: `-ERR syntax error`. Line breaks become spaces, since they would end it.
    pub(crate) fn error(&mut self, message: &[u8]) {
        self.bytes.push(b'-');
        let clean = message.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte });
        self.bytes.extend(clean);
        self.end_line();
    }

    /// A number: `:1`.
    pub(crate) fn integer(&mut self, value: i64) {
        self.bytes.push(b':');
        if value < 0 {
            self.bytes.push(b'-');
        }
        self.digits(value.unsigned_abs());
        self.end_line();
    }

    /// How many there are of something.
    pub(crate) fn count(&mut self, count: usize) {
        self.length(b':', count);
    }

    /// Any bytes, their length first: `$3\r\nabc`.
    pub(crate) fn bulk(&mut self, bytes: &[u8]) {
        self.bytes.reserve(bytes.len() + 32);
        self.length(b'$', bytes.len());
        self.bytes.extend_from_slice(bytes);
        self.end_line();
    }

    /// A bulk string, or null in its place.
    pub(crate) fn bulk_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    /// A score, as a bulk string.
    pub(crate) fn float(&mut self, value: f64) {
        self.bulk(format_float(value).as_bytes());
    }

    /// Null in the place of a bulk string.
    pub(crate) fn null(&mut self) {
        self.bytes.extend_from_slice(b"$-1\r\n");
    }

    /// Null in the place of an array.
    pub(crate) fn null_array(&mut self) {
        self.bytes.extend_from_slice(b"*-1\r\n");
    }

    /// The header of an array; its elements follow.
    pub(crate) fn array(&mut self, length: usize) {
        self.length(b'*', length);
    }

    /// An array of bulk strings.
    pub(crate) fn bulks<'a>(&mut self, elements: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.array(elements.len());
        for element in elements {
            self.bulk(element);
        }
    }

    fn length(&mut self, kind: u8, length: usize) {
        self.bytes.push(kind);
        self.digits(length as u64);
        self.end_line();
    }

    fn digits(&mut self, mut value: u64) {
        // The greatest number has 20 digits.
        let mut digits = [0; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[first..]);
    }

    fn end_line(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
    }
}
