//! A socket's place in the selector of its runtime.

use std::io;
use std::task::Context;

use hanol_executor::{Remote, wake};
use hanol_reactor::{Direction, Key, Reactor, Readiness, WaitFor};

use super::waiter::Waiter;
use crate::io::{Interest, Ready};

/// The number of a place, and whose it is. It can be sent anywhere, and is of use only at home.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registration {
    pub(super) runtime: Remote,
    pub(super) key: Key,
}

/// A registration, and the reactor that holds it, which is this thread's.
pub(crate) struct Home {
    pub(super) reactor: Reactor,
    registration: Registration,
}

impl Registration {
    /// # Errors
    ///
    /// When this thread is not in the registration's runtime.
    #[inline]
    pub(super) fn home(self) -> io::Result<Home> {
        match hanol_reactor::get(self.runtime.id().as_u32()) {
            Some(reactor) => Ok(Home { reactor, registration: self }),
            None => Err(elsewhere()),
        }
    }
}

#[cold]
fn elsewhere() -> io::Error {
    io::Error::other("the socket is registered with another hanol runtime, and can be used only there")
}

impl Home {
    #[inline]
    pub(super) fn readiness(&self, direction: Direction) -> Option<Readiness> {
        self.reactor.readiness(self.registration.key, direction).map(|(readiness, _closed)| readiness)
    }

    pub(super) fn is_closed(&self, direction: Direction) -> bool {
        self.reactor.readiness(self.registration.key, direction).is_some_and(|(_readiness, closed)| closed)
    }

    #[inline]
    pub(super) fn drain_readiness(&self, direction: Direction) {
        self.reactor.drain_readiness(self.registration.key, direction);
    }

    #[inline]
    pub(super) fn clear_readiness(&self, direction: Direction) {
        self.reactor.clear_readiness(self.registration.key, direction);
    }

    #[inline]
    pub(super) fn wait(&self, cx: &mut Context<'_>, waiter: &mut Waiter, direction: Direction, fd: u32) {
        let what = WaitFor::Source(self.registration.key, direction);
        waiter.wait(cx, &self.reactor, self.registration.runtime, what, fd);
    }

    /// Waits for a direction without a place to give up.
    pub(super) fn wait_anonymously(&self, cx: &mut Context<'_>, waiter: &Waiter, direction: Direction, fd: u32) {
        self.reactor.wait_anonymously(WaitFor::Source(self.registration.key, direction), cx.waker());
        waiter.record(fd);
    }

    /// What the system has reported of this.
    pub(super) fn reported(&self, interest: Interest) -> Ready {
        let state = |direction| self.reactor.readiness(self.registration.key, direction);
        let mut ready = Ready::EMPTY;
        if interest.is_readable() {
            if let Some((Readiness::Ready, closed)) = state(Direction::Read) {
                ready |= if closed { Ready::READABLE | Ready::READ_CLOSED } else { Ready::READABLE };
            }
        }
        if interest.is_writable() {
            if let Some((Readiness::Ready, closed)) = state(Direction::Write) {
                ready |= if closed { Ready::WRITABLE | Ready::WRITE_CLOSED } else { Ready::WRITABLE };
            }
        }
        ready
    }
}

/// Gives up the registration of a socket that was dropped or taken apart outside its runtime: the number alone, since the
/// selector is out of reach. Late events for it find nothing. If the runtime is gone, so is the registration.
pub(super) fn leave_elsewhere(registration: Registration) {
    let Registration { runtime, key } = registration;
    let _ = runtime.post(move || {
        let mut woken = Vec::new();
        hanol_reactor::with(runtime.id().as_u32(), |reactor| {
            reactor.forget(key, &mut woken);
            reactor.descriptor_closed(&mut woken);
        });
        woken.drain(..).for_each(wake);
    });
}
