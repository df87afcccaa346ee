//! Domain names: labels of up to 63 bytes, 255 bytes in all (RFC 1035, section 3.1).

use std::fmt;
use std::str::FromStr;

use crate::reader::{Malformed, Reader};

const MAX_LABEL: usize = 63;

/// The length of a name in a message, with the length of each label and the empty one at the end.
const MAX_NAME: usize = 255;

/// The two highest bits of a length say that the rest of the name stands elsewhere (RFC 1035, section 4.1.4).
const POINTER: u8 = 0b1100_0000;

/// A domain name.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    labels: Vec<Vec<u8>>,
}

impl Name {
    pub(crate) fn write(&self, message: &mut Vec<u8>) {
        for label in &self.labels {
            // A label that is too long is no part of a `Name`.
            message.push(label.len() as u8);
            message.extend_from_slice(label);
        }
        message.push(0);
    }

    /// Reads a name, parts of which may stand earlier in the message.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut labels = Vec::new();
        let mut length = 1;
        let mut here = *reader;
        let mut after_first_pointer = None;
        loop {
            let start = here.position();
            let first = here.u8()?;
            if first & POINTER == POINTER {
                let target = usize::from(u16::from_be_bytes([first & !POINTER, here.u8()?]));
                // Each pointer leads back, so that following them comes to an end.
                if target >= start {
                    return Err(Malformed);
                }
                after_first_pointer.get_or_insert(here);
                here = here.at(target);
                continue;
            }
            if first == 0 {
                break;
            }
            if usize::from(first) > MAX_LABEL {
                return Err(Malformed);
            }
            length += 1 + usize::from(first);
            if length > MAX_NAME {
                return Err(Malformed);
            }
            labels.push(here.bytes(first.into())?.to_vec());
        }
        *reader = after_first_pointer.unwrap_or(here);
        Ok(Self { labels })
    }
}

/// Upper and lower case are the same (RFC 4343).
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len()
            && self.labels.iter().zip(&other.labels).all(|(one, other)| one.eq_ignore_ascii_case(other))
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    /// A dot at the end changes nothing: every name is taken as a full one.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self { labels: Vec::new() });
        }
        let labels: Vec<Vec<u8>> = text.split('.').map(|label| label.as_bytes().to_vec()).collect();
        let length = 1 + labels.iter().map(|label| 1 + label.len()).sum::<usize>();
        let fits = labels.iter().all(|label| (1..=MAX_LABEL).contains(&label.len()));
        if fits && length <= MAX_NAME { Ok(Self { labels }) } else { Err(InvalidName) }
    }
}

/// Written as in a zone file: with a dot at the end, and what is unusual escaped (RFC 1035, section 5.1).
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.labels.is_empty() {
            return f.write_str(".");
        }
        for label in &self.labels {
            for &byte in label {
                match byte {
                    b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => write!(f, "\\{}", char::from(byte))?,
                    b'!'..=b'~' => write!(f, "{}", char::from(byte))?,
                    _ => write!(f, "\\{byte:03}")?,
                }
            }
            f.write_str(".")?;
        }
        Ok(())
    }
}

/// The text is no domain name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvalidName;

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a domain name has labels of 1 to 63 bytes and up to 255 bytes in all")
    }
}
