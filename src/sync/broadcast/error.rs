//! What the operations of a broadcast channel fail with.

use std::error::Error;
use std::fmt;

/// There are no receivers. It holds the value that was not sent.
pub struct SendError<T>(pub T);

/// Why [`recv`](super::Receiver::recv) gave no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecvError {
    /// There are no senders, and no values left.
    Closed,
    /// So many values had to make room before this receiver has seen them. The next call gives the oldest that is there.
    Lagged(u64),
}

/// Why [`try_recv`](super::Receiver::try_recv) gave no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TryRecvError {
    /// There is no value now.
    Empty,
    /// There are no senders, and no values left.
    Closed,
    /// So many values had to make room before this receiver has seen them. The next call gives the oldest that is there.
    Lagged(u64),
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T> Error for SendError<T> {}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl Error for RecvError {}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("channel empty"),
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl Error for TryRecvError {}
