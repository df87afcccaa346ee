//! Questions and answers (RFC 1035, section 4).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::name::Name;
use crate::reader::{Malformed, Reader};

/// The class of the internet, the only one in use.
const CLASS_IN: u16 = 1;

/// Bits of the second word of a message.
const IS_RESPONSE: u16 = 1 << 15;
const OPERATION: u16 = 0b1111 << 11;
const TRUNCATED: u16 = 1 << 9;
const RECURSION_DESIRED: u16 = 1 << 8;
const CODE: u16 = 0b1111;

/// What kind of record is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordType(u16);

impl RecordType {
    pub(crate) const A: Self = Self(1);
    pub(crate) const CNAME: Self = Self(5);
    pub(crate) const AAAA: Self = Self(28);

    pub(crate) fn named(text: &str) -> Option<Self> {
        [("A", Self::A), ("AAAA", Self::AAAA), ("CNAME", Self::CNAME)]
            .into_iter()
            .find_map(|(name, record_type)| name.eq_ignore_ascii_case(text).then_some(record_type))
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) record_type: RecordType,
}

impl Question {
    /// The message that asks it. Whoever answers repeats the number.
    pub(crate) fn to_message(&self, id: u16) -> Vec<u8> {
        let mut message = Vec::new();
        // One question, and no records.
        for word in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
            message.extend_from_slice(&word.to_be_bytes());
        }
        self.name.write(&mut message);
        for word in [self.record_type.0, CLASS_IN] {
            message.extend_from_slice(&word.to_be_bytes());
        }
        message
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (name, record_type, class) = (Name::read(reader)?, RecordType(reader.u16()?), reader.u16()?);
        if class == CLASS_IN { Ok(Self { name, record_type }) } else { Err(Malformed) }
    }
}

/// What a server says to a question.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whether there is more than has fit into a datagram.
    pub(crate) is_truncated: bool,
    pub(crate) code: ResponseCode,
    /// The records of the types that this program knows, in the order in which they came.
    pub(crate) records: Vec<Record>,
}

impl Answer {
    /// Reads an answer to this very question. `None` for a message that answers something else, or nothing.
    pub(crate) fn read(message: &[u8], id: u16, question: &Question) -> Result<Option<Self>, Malformed> {
        let mut reader = Reader::new(message);
        let [its_id, flags, questions, answers, _authorities, _additional] =
            [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
        let is_ours = its_id == id && flags & IS_RESPONSE != 0 && flags & OPERATION == 0 && questions == 1;
        if !is_ours || Question::read(&mut reader)? != *question {
            return Ok(None);
        }
        let (is_truncated, code) = (flags & TRUNCATED != 0, ResponseCode(flags & CODE));
        // What is left of a truncated answer is not looked at: the whole one is about to be fetched.
        let count = if is_truncated { 0 } else { answers };
        let mut records = Vec::new();
        for _ in 0..count {
            records.extend(Record::read(&mut reader)?);
        }
        Ok(Some(Self { is_truncated, code, records }))
    }
}

/// One record of an answer.
#[derive(Debug)]
pub(crate) enum Record {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(Name),
}

impl Record {
    /// `None` for a record of another type.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        let _owner = Name::read(reader)?;
        let (record_type, class) = (RecordType(reader.u16()?), reader.u16()?);
        let _time_to_live: [u8; 4] = reader.array()?;
        let length = usize::from(reader.u16()?);
        let mut data = *reader;
        reader.bytes(length)?;
        let record = match record_type {
            _ if class != CLASS_IN => return Ok(None),
            RecordType::A => Self::A(Ipv4Addr::from(data.array::<4>()?)),
            RecordType::AAAA => Self::Aaaa(Ipv6Addr::from(data.array::<16>()?)),
            RecordType::CNAME => Self::Cname(Name::read(&mut data)?),
            _ => return Ok(None),
        };
        // The data must be exactly as long as it says.
        if data.position() == reader.position() { Ok(Some(record)) } else { Err(Malformed) }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(addr) => addr.fmt(f),
            Self::Aaaa(addr) => addr.fmt(f),
            Self::Cname(name) => name.fmt(f),
        }
    }
}

/// How the server has fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseCode(u16);

impl ResponseCode {
    pub(crate) const SUCCESS: Self = Self(0);
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the server has answered"),
            1 => f.write_str("the server does not understand the question"),
            2 => f.write_str("the server has failed"),
            3 => f.write_str("the name does not exist"),
            5 => f.write_str("the server refuses to answer"),
            code => write!(f, "the server answers with code {code}"),
        }
    }
}
