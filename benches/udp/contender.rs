//! What is compared: the servers.

use std::fmt;

/// A server. The discriminant is its place in [`Contender::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// A hand-written event loop: what any runtime on epoll has to be measured against.
    Mio,
    /// Tokio's `current_thread` scheduler.
    Tokio,
    Hanol,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Mio, Self::Tokio, Self::Hanol];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mio => "mio",
            Self::Tokio => "tokio",
            Self::Hanol => "hanol",
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
