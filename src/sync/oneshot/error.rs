//! What can go wrong in receiving.

use std::error::Error;
use std::fmt;

/// The sender was dropped without sending, or the receiver was closed before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecvError(pub(super) ());

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl Error for RecvError {}

/// Why [`Receiver::try_recv`](super::Receiver::try_recv) gave no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TryRecvError {
    /// Nothing was sent yet.
    Empty,
    /// No value will come: it was received already, the sender was dropped without sending, or the receiver was closed
    /// before.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "channel empty",
            Self::Closed => "channel closed",
        })
    }
}

impl Error for TryRecvError {}
