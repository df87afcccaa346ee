//! The inside of every socket: the descriptor, and its registration once it has waited.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use hanol_executor::{Remote, budget, wake};
use hanol_reactor::{Carries, Direction, Reactor, Readiness};

use super::registration::{Home, Registration, leave_elsewhere};
use super::waiter::Waiter;
use crate::io::{Interest, Ready};

/// A non-blocking descriptor and its place in the selector.
///
/// It is [`Send`] and [`Sync`] because the registration is a number: it is looked up in the reactor of the thread, and a
/// thread without that reactor gets an error. A socket that has not waited yet belongs to no runtime.
#[derive(Debug)]
pub(crate) struct Socket<S: AsFd> {
    /// `None` only while the socket is taken apart.
    source: Option<S>,
    carries: Carries,
    registration: OnceLock<Registration>,
    /// Whether the descriptor was lent out. Then somebody may hold a duplicate of it, which would keep it in the selector
    /// after we have closed ours, so it has to be taken out.
    lent: AtomicBool,
}

impl<S: AsFd> Socket<S> {
    /// Takes over a descriptor that is non-blocking and that nobody else holds.
    pub(crate) fn new(source: S) -> Self {
        let (registration, lent) = (OnceLock::new(), AtomicBool::new(false));
        Self { source: Some(source), carries: Carries::Stream, registration, lent }
    }

    /// Takes over a non-blocking descriptor that somebody may hold a duplicate of.
    pub(crate) fn from_foreign(source: S) -> Self {
        let socket = Self::new(source);
        socket.lent.store(true, Ordering::Relaxed);
        socket
    }

    /// Says what the descriptor carries, if it is no stream.
    pub(crate) fn carrying(mut self, carries: Carries) -> Self {
        self.carries = carries;
        self
    }

    #[inline]
    pub(crate) fn source(&self) -> &S {
        self.source.as_ref().expect("a socket holds its source until it is taken apart")
    }

    pub(crate) fn source_mut(&mut self) -> &mut S {
        self.source.as_mut().expect("a socket holds its source until it is taken apart")
    }

    /// Gives the descriptor back, out of the selector.
    pub(crate) fn into_source(self) -> io::Result<S> {
        let (source, left) = self.release();
        left.map(|()| source)
    }

    /// Gives the descriptor back, and says whether it could be taken out of the selector.
    pub(crate) fn release(mut self) -> (S, io::Result<()>) {
        self.lent.store(true, Ordering::Relaxed);
        let left = self.leave_here().map(|elsewhere| elsewhere.into_iter().for_each(leave_elsewhere));
        (self.source.take().expect("a socket holds its source until it is taken apart"), left)
    }

    /// Moves the descriptor into a socket of another type, with its registration.
    pub(crate) fn map<T: AsFd>(mut self, change: impl FnOnce(S) -> T) -> Socket<T> {
        let source = self.source.take().expect("a socket holds its source until it is taken apart");
        let registration = self.registration.take().map_or_else(OnceLock::new, OnceLock::from);
        let lent = AtomicBool::new(*self.lent.get_mut());
        Socket { source: Some(change(source)), carries: self.carries, registration, lent }
    }

    /// Lends the descriptor out.
    pub(crate) fn lend(&self) -> BorrowedFd<'_> {
        self.lent.store(true, Ordering::Relaxed);
        self.source().as_fd()
    }

    /// Tries an operation of one direction until it would block, and then waits.
    ///
    /// `Ok` of the operation says also whether it has drained the direction: a short read or write has, and spares the call
    /// that would only say so.
    #[inline]
    pub(crate) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        direction: Direction,
        mut operation: impl FnMut(&S) -> io::Result<Progress<R>>,
    ) -> Poll<io::Result<R>> {
        ready!(budget::poll_proceed(cx, waiter.location()));
        let mut home = self.home()?;
        loop {
            if let Some(home) = &home {
                match home.readiness(direction) {
                    Some(Readiness::NotReady) => {
                        budget::give_back();
                        home.wait(cx, waiter, direction, self.fd_number());
                        return Poll::Pending;
                    }
                    Some(Readiness::Ready) => waiter.was_woken(),
                    Some(Readiness::Unknown) | None => {}
                }
            }
            match operation(self.source()) {
                Ok(Progress::More(result)) => return Poll::Ready(Ok(result)),
                Ok(Progress::Drained(result)) => {
                    if let Some(home) = &home {
                        home.drain_readiness(direction);
                    }
                    return Poll::Ready(Ok(result));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let home = match &mut home {
                        Some(home) => home,
                        none => none.insert(self.register(waiter)?),
                    };
                    home.clear_readiness(direction);
                    if home.readiness(direction) != Some(Readiness::NotReady) {
                        // A closed direction is never cleared. Should it block all the same, it is tried again after the
                        // others have had their turn.
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// As [`poll_io`](Self::poll_io), but leaves a waker that is not given up: for the functions that are polled by hand.
    pub(crate) fn poll_io_anonymously<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        direction: Direction,
        operation: impl FnMut(&S) -> io::Result<Progress<R>>,
    ) -> Poll<io::Result<R>> {
        let polled = self.poll_io(cx, waiter, direction, operation);
        // One that is pending for want of budget has been woken and waits for nothing.
        if polled.is_pending() && waiter.leave() {
            self.wait_anonymously(cx, waiter, direction)?;
        }
        polled
    }

    /// Tries an operation once, unless it is known that it would block.
    pub(crate) fn try_io<R>(
        &self,
        direction: Direction,
        operation: impl FnOnce(&S) -> io::Result<Progress<R>>,
    ) -> io::Result<R> {
        if self.known_readiness(direction) == Some(Readiness::NotReady) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match operation(self.source()) {
            Ok(Progress::More(result)) => Ok(result),
            Ok(Progress::Drained(result)) => {
                if let Ok(Some(home)) = self.home() {
                    home.drain_readiness(direction);
                }
                Ok(result)
            }
            Err(error) => {
                if error.kind() == io::ErrorKind::WouldBlock {
                    self.clear_known_readiness(direction);
                }
                Err(error)
            }
        }
    }

    /// Whether it is known of every direction asked for that an operation would block.
    pub(crate) fn is_known_to_block(&self, interest: Interest) -> bool {
        interest.directions().all(|direction| self.known_readiness(direction) == Some(Readiness::NotReady))
    }

    /// What the system has reported. Outside its runtime nothing is known.
    pub(crate) fn reported(&self, interest: Interest) -> Ready {
        self.home().ok().flatten().map_or(Ready::EMPTY, |home| home.reported(interest))
    }

    /// How often the socket's runtime has looked for events. Outside it nothing is known.
    pub(crate) fn looks(&self) -> Option<u64> {
        Some(self.home().ok().flatten()?.reactor.looks())
    }

    /// Whether the system has reported that a direction is closed. Outside its runtime nothing is known.
    pub(crate) fn is_known_closed(&self, direction: Direction) -> bool {
        self.home().ok().flatten().is_some_and(|home| home.is_closed(direction))
    }

    /// Takes note that an operation of these directions has blocked.
    pub(crate) fn has_blocked(&self, interest: Interest) {
        interest.directions().for_each(|direction| self.clear_known_readiness(direction));
    }

    /// Waits until the system has reported one of the directions. Never tries anything itself.
    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        read: &mut Waiter,
        write: &mut Waiter,
    ) -> Poll<io::Result<Ready>> {
        ready!(budget::poll_proceed(cx, read.location()));
        let home = self.register(read)?;
        let ready = home.reported(interest);
        if !ready.is_empty() {
            return Poll::Ready(Ok(ready));
        }
        budget::give_back();
        if interest.is_readable() {
            home.wait(cx, read, Direction::Read, self.fd_number());
        }
        if interest.is_writable() {
            home.wait(cx, write, Direction::Write, self.fd_number());
        }
        Poll::Pending
    }

    /// Like [`poll_ready`](Self::poll_ready) for one direction, without a place to give up: for the functions that are
    /// polled by hand. The waker leaves with the next event.
    pub(crate) fn poll_direction_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        waiter: &Waiter,
    ) -> Poll<io::Result<()>> {
        ready!(budget::poll_proceed(cx, waiter.location()));
        let home = self.register(waiter)?;
        if home.readiness(direction) == Some(Readiness::Ready) {
            return Poll::Ready(Ok(()));
        }
        budget::give_back();
        home.wait_anonymously(cx, waiter, direction, self.fd_number());
        Poll::Pending
    }

    /// Waits for a direction of the registered socket without a place to give up.
    pub(crate) fn wait_anonymously(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter,
        direction: Direction,
    ) -> io::Result<()> {
        if let Some(home) = self.home()? {
            home.wait_anonymously(cx, waiter, direction, self.fd_number());
        }
        Ok(())
    }

    /// Registers the socket with the current reactor, unless it is registered already.
    pub(crate) fn register(&self, waiter: &Waiter) -> io::Result<Home> {
        if let Some(home) = self.home()? {
            return Ok(home);
        }
        let home = Remote::try_current().zip(hanol_reactor::current(Reactor::clone));
        let Some((runtime, reactor)) = home.filter(|(runtime, reactor)| runtime.id().as_u32() == reactor.number())
        else {
            panic!(
                "a socket at {} was awaited outside a hanol runtime: await it inside `hanol::block_on`",
                waiter.location()
            );
        };
        let key = reactor.register(self.source().as_fd(), self.carries)?;
        if self.registration.set(Registration { runtime, key }).is_err() {
            // Another thread was faster. Then the descriptor is in its selector and in ours, and only it goes on.
            let _ = reactor.deregister(self.source().as_fd());
            reactor.forget(key, &mut Vec::new());
        }
        Ok(self.home()?.expect("the registration was set above, if not before"))
    }

    /// The registration and its reactor: `None` before the socket is registered.
    ///
    /// # Errors
    ///
    /// When this thread is not in the registration's runtime.
    #[inline]
    fn home(&self) -> io::Result<Option<Home>> {
        self.registration.get().map(|registration| registration.home()).transpose()
    }

    /// The number of the descriptor, for a record.
    pub(crate) fn fd_number(&self) -> u32 {
        self.source().as_fd().as_raw_fd().unsigned_abs()
    }

    /// Outside its runtime nothing is known.
    fn known_readiness(&self, direction: Direction) -> Option<Readiness> {
        self.home().ok().flatten()?.readiness(direction)
    }

    fn clear_known_readiness(&self, direction: Direction) {
        if let Ok(Some(home)) = self.home() {
            home.clear_readiness(direction);
        }
    }

    /// Gives up the registration, if that can be done here. What cannot be is given back, for [`leave_elsewhere`].
    fn leave_here(&mut self) -> io::Result<Option<Registration>> {
        let Some(registration) = self.registration.take() else { return Ok(None) };
        let mut woken = Vec::new();
        let lent = *self.lent.get_mut();
        let source = self.source.as_ref();
        let Ok(home) = registration.home() else { return Ok(Some(registration)) };
        let left = match source {
            Some(source) if lent => home.reactor.deregister(source.as_fd()),
            // The last descriptor of a socket leaves the selector when it is closed.
            _ => Ok(()),
        };
        home.reactor.forget(registration.key, &mut woken);
        woken.drain(..).for_each(wake);
        left.map(|()| None)
    }
}

impl<S: AsFd> Drop for Socket<S> {
    fn drop(&mut self) {
        // There is nobody to tell that the descriptor was not in the selector.
        let elsewhere = self.leave_here().ok().flatten();
        if let Some(source) = self.source.take() {
            // It is closed before anybody is told that there is a free descriptor.
            drop(source);
            descriptor_closed();
        }
        if let Some(registration) = elsewhere {
            leave_elsewhere(registration);
        }
    }
}

/// Wakes who waits for a free descriptor.
fn descriptor_closed() {
    let mut woken = Vec::new();
    hanol_reactor::current(|reactor| reactor.descriptor_closed(&mut woken));
    woken.drain(..).for_each(wake);
}

/// How an operation went that did not fail.
pub(crate) enum Progress<R> {
    /// There may be more to do in its direction.
    More(R),
    /// There is no more to do until the system reports it.
    Drained(R),
}

impl Progress<usize> {
    /// Of a read or write on a stream: fewer bytes than there was room or data for mean that the kernel had no more. None
    /// at all means the end, after which nothing is reported.
    #[inline]
    pub(crate) fn of_stream(count: usize, asked: usize) -> Self {
        if 0 < count && count < asked { Progress::Drained(count) } else { Progress::More(count) }
    }
}
