//! What is compared: the servers, and the two ways in which they read.

use std::fmt;

/// A server. The discriminant is its place in [`Contender::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// A hand-written event loop: what any runtime on epoll has to be measured against.
    Mio,
    /// Tokio's `current_thread` scheduler, a spawned task for each connection.
    Tokio,
    /// Tokio's `LocalRuntime`, a spawned task for each connection.
    TokioLocal,
    /// Hanol, a spawned task for each connection.
    Hanol,
    /// The same, which looks for events before it sleeps.
    HanolBusy,
}

impl Contender {
    pub(crate) const ALL: [Self; 5] = [Self::Mio, Self::Tokio, Self::TokioLocal, Self::Hanol, Self::HanolBusy];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mio => "mio",
            Self::Tokio => "tokio",
            Self::TokioLocal => "tokio-local",
            Self::Hanol => "hanol",
            Self::HanolBusy => "hanol-busy",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contender| contender.name() == name)
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a server reads. It decides whether a runtime can tell an empty socket without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// `read` with a buffer of 4 KiB: the read is short, so the socket is known to be empty.
    Buffer,
    /// `read_exact` with a buffer of the size of a message: the read is full, so more may be waiting.
    ///
    /// The hand-written loop owns its buffer and ignores the difference.
    Exact,
}

impl Reading {
    pub(crate) const ALL: [Self; 2] = [Self::Buffer, Self::Exact];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Buffer => "4-KiB-buffer",
            Self::Exact => "exact",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.name() == name)
    }

    /// The size of the buffer that a server reads into.
    pub(crate) fn buffer_bytes(self) -> usize {
        match self {
            Self::Buffer => 4096,
            Self::Exact => crate::load::MESSAGE_BYTES,
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
