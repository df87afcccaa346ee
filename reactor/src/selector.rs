//! The selector: the only module that names `mio`.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::slots::Key;

/// The token of the waker. No key has this word.
const WAKE: Token = Token(usize::MAX);

/// The longest wait that is asked of the system, in milliseconds: what `epoll_wait` takes, 24.8 days. A longer wait is
/// made of several.
const LONGEST_WAIT: Duration = Duration::from_millis(i32::MAX as u64);

/// What is asked for: both directions, and whether there is urgent data, where the system tells.
#[cfg(any(target_os = "linux", target_os = "android"))]
const EVERYTHING: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const EVERYTHING: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// What the system reports of one descriptor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) key: Key,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    pub(crate) read_closed: bool,
    pub(crate) write_closed: bool,
    /// There is, or was, urgent data in what can be read.
    pub(crate) urgent: bool,
}

/// How a wait has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(crate) enum Waited {
    /// With events, with a call of [`Unparker::unpark`], or with a signal.
    Reported,
    /// With the time for which it was to last.
    InVain,
}

/// The system's readiness queue, and the buffer for its answers.
#[derive(Debug)]
pub(crate) struct Selector {
    poll: Poll,
    events: Events,
}

/// Ends a wait of the selector from any thread.
#[derive(Clone, Debug)]
pub struct Unparker(Arc<mio::Waker>);

impl Unparker {
    /// Makes the current wait, or the next one, return. One `write` to an eventfd.
    pub fn unpark(&self) {
        // It can only fail when the counter of the eventfd is full, and then the wait returns as well.
        let _ = self.0.wake();
    }
}

impl Selector {
    pub(crate) fn new(event_capacity: usize) -> io::Result<(Self, Unparker)> {
        let poll = Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKE)?;
        Ok((Self { poll, events: Events::with_capacity(event_capacity) }, Unparker(Arc::new(waker))))
    }

    /// Registers a descriptor for both directions, edge-triggered, once and for all.
    ///
    /// One that is there already was given up on another thread, which could give up no more than its key. It has one
    /// owner, so the place is free to take.
    pub(crate) fn register(&self, fd: BorrowedFd<'_>, key: Key) -> io::Result<()> {
        let (registry, fd) = (self.poll.registry(), fd.as_raw_fd());
        let (token, interest) = (Token(key.to_token()), EVERYTHING);
        match registry.register(&mut SourceFd(&fd), token, interest) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                registry.reregister(&mut SourceFd(&fd), token, interest)
            }
            result => result,
        }
    }

    pub(crate) fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.poll.registry().deregister(&mut SourceFd(&fd.as_raw_fd()))
    }

    /// Waits for events: not at all, for a time, or for as long as it takes. A signal may end the wait early.
    pub(crate) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Waited> {
        let timeout = timeout.map(|timeout| timeout.min(LONGEST_WAIT));
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) if self.events.is_empty() => Ok(Waited::InVain),
            Ok(()) => Ok(Waited::Reported),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(Waited::Reported)
            }
            Err(error) => Err(error),
        }
    }

    /// The events of the last wait. An error counts as readiness for both directions: the next call fetches it.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event> {
        self.events.iter().filter(|event| event.token() != WAKE).map(|event| Event {
            key: Key::from_token(event.token().0),
            readable: event.is_readable() || event.is_error() || event.is_read_closed(),
            writable: event.is_writable() || event.is_error() || event.is_write_closed(),
            read_closed: event.is_read_closed(),
            write_closed: event.is_write_closed(),
            urgent: event.is_priority(),
        })
    }
}
