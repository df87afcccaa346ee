//! Trying again after a while, for what the system does not report.

use std::panic::Location;
use std::task::{Context, Poll};
use std::time::Duration;

use hanol_executor::{WaitKind, waits_for};

use crate::time::{Instant, Sleep};

const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

/// Rests between attempts that the queue of another socket is too full for. No event says when it has room: only the
/// sockets that are connected to it hear of that. Each rest is twice as long as the one before.
#[derive(Debug)]
pub(super) struct Rest {
    sleep: Option<Sleep>,
    next: Duration,
    kind: WaitKind,
    location: &'static Location<'static>,
}

impl Rest {
    pub(super) fn new(kind: WaitKind, location: &'static Location<'static>) -> Self {
        Self { sleep: None, next: FIRST, kind, location }
    }

    pub(super) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Begins a rest: an attempt has failed.
    pub(super) fn begin(&mut self) {
        self.sleep = Some(Sleep::new(Instant::now().saturating_add(self.next), self.kind, self.location));
        self.next = (self.next * 2).min(LONGEST);
    }

    /// Ready when no rest has begun, or it is over. `fd` is what the record of the wait names.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, fd: u32) -> Poll<()> {
        if self.sleep.as_mut().is_some_and(|sleep| sleep.poll_elapsed(cx).is_pending()) {
            waits_for(self.kind, fd, self.location);
            return Poll::Pending;
        }
        self.sleep = None;
        Poll::Ready(())
    }
}
