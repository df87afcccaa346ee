//! Why a command was refused, in the words of Redis: clients compare them.

use std::borrow::Cow;

/// The text of an error, its code first.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Cow<'static, [u8]>);

impl Failure {
    const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }

    /// A request with too few or too many arguments; `command` is the full name, as in `config|get`.
    pub(crate) fn wrong_arity(command: &str) -> Self {
        format!("ERR wrong number of arguments for '{command}' command").into()
    }

    pub(crate) fn invalid_expire_time(command: &str) -> Self {
        format!("ERR invalid expire time in '{command}' command").into()
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<Vec<u8>> for Failure {
    fn from(text: Vec<u8>) -> Self {
        Self(Cow::Owned(text))
    }
}

pub(crate) const WRONG_TYPE: Failure =
    Failure::fixed("WRONGTYPE Operation against a key holding the wrong kind of value");
pub(crate) const SYNTAX: Failure = Failure::fixed("ERR syntax error");
pub(crate) const NOT_AN_INTEGER: Failure = Failure::fixed("ERR value is not an integer or out of range");
pub(crate) const NOT_POSITIVE: Failure = Failure::fixed("ERR value is out of range, must be positive");
pub(crate) const NOT_A_FLOAT: Failure = Failure::fixed("ERR value is not a valid float");
pub(crate) const NOT_A_SCORE: Failure = Failure::fixed("ERR resulting score is not a number (NaN)");
pub(crate) const OVERFLOW: Failure = Failure::fixed("ERR increment or decrement would overflow");
pub(crate) const DECREMENT_OVERFLOW: Failure = Failure::fixed("ERR decrement would overflow");
pub(crate) const TOO_LONG: Failure = Failure::fixed("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
pub(crate) const XX_AND_NX: Failure = Failure::fixed("ERR XX and NX options at the same time are not compatible");
pub(crate) const GT_LT_AND_NX: Failure =
    Failure::fixed("ERR GT, LT, and/or NX options at the same time are not compatible");
pub(crate) const INCREMENT_SINGLE: Failure = Failure::fixed("ERR INCR option supports a single increment-element pair");
pub(crate) const NX_AND_OTHERS: Failure =
    Failure::fixed("ERR NX and XX, GT or LT options at the same time are not compatible");
pub(crate) const GT_AND_LT: Failure = Failure::fixed("ERR GT and LT options at the same time are not compatible");
