//! The part that every waiting operation of a socket has: its place in a list, and its record.

use std::panic::Location;
use std::task::Context;

use hanol_executor::{Remote, WaitKind, waits_for};
use hanol_reactor::{Key, Reactor, WaitFor};

/// Waits on behalf of one operation. Dropping it gives up the place.
#[derive(Debug)]
pub(crate) struct Waiter {
    place: Option<Place>,
    kind: WaitKind,
    location: &'static Location<'static>,
}

#[derive(Debug)]
struct Place {
    runtime: Remote,
    what: WaitFor,
    key: Key,
}

impl Waiter {
    pub(crate) fn new(kind: WaitKind, location: &'static Location<'static>) -> Self {
        Self { place: None, kind, location }
    }

    /// The line that called the operation.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Waits for something of this reactor, which is the current one, and records it. `fd` is what the record names.
    pub(crate) fn wait(&mut self, cx: &mut Context<'_>, reactor: &Reactor, runtime: Remote, what: WaitFor, fd: u32) {
        if self.place.as_ref().is_some_and(|place| place.what != what || place.runtime != runtime) {
            self.leave();
        }
        let mut key = self.place.as_ref().map(|place| place.key);
        reactor.wait(what, &mut key, cx.waker());
        self.place = key.map(|key| Place { runtime, what, key });
        self.record(fd);
    }

    /// Waits for something of the current reactor. Outside a runtime it waits for nothing.
    pub(crate) fn wait_here(&mut self, cx: &mut Context<'_>, what: WaitFor, fd: u32) {
        if let Some(runtime) = Remote::try_current() {
            hanol_reactor::current(|reactor| self.wait(cx, reactor, runtime, what, fd));
        }
    }

    /// Whether it waits, and what it waits for has not come.
    pub(crate) fn still_waits(&self) -> bool {
        self.place.as_ref().is_some_and(|place| {
            hanol_reactor::with(place.runtime.id().as_u32(), |reactor| reactor.is_waiting(place.key)).unwrap_or(false)
        })
    }

    /// What it waited for has come, and the list that it waited in was emptied with it.
    #[inline]
    pub(crate) fn was_woken(&mut self) {
        self.place = None;
    }

    /// Records what the operation waits for.
    #[inline]
    pub(crate) fn record(&self, fd: u32) {
        waits_for(self.kind, fd, self.location);
    }

    /// Gives up the place. `false` if there was none.
    pub(crate) fn leave(&mut self) -> bool {
        let Some(Place { runtime, what, key }) = self.place.take() else { return false };
        let here = hanol_reactor::with(runtime.id().as_u32(), |reactor| reactor.leave(what, key));
        if here.is_none() {
            // Dropped on another thread, or outside the runtime. If the runtime is gone, so is the list.
            let _ = runtime.post(move || {
                hanol_reactor::with(runtime.id().as_u32(), |reactor| reactor.leave(what, key));
            });
        }
        true
    }
}

impl Drop for Waiter {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}
