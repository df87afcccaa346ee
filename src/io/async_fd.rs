//! Any descriptor that the system can wait for.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use super::{Interest, Ready};
use crate::net::{Socket, Waiter};
use crate::wait;

/// A descriptor of any kind whose readiness can be awaited: an eventfd, a timerfd, inotify, a terminal, a socket of a
/// family that this crate has no type for. A library that brings its own socket can be driven with it.
///
/// What is wrapped has to be **non-blocking**, or an operation holds up the whole thread. It should do all its operations
/// through this type, and be registered nowhere else.
///
/// Readiness is **edge-triggered**: the system reports a change once. So readiness stands until an operation finds that it
/// would block. Let [`try_io`](AsyncFdReadyGuard::try_io) or [`async_io`](Self::async_io) do the operations: they take note
/// of it. Whoever does them otherwise has to read until it would block and then call
/// [`clear_ready`](AsyncFdReadyGuard::clear_ready), and no sooner, or waits for an event that has been reported already.
///
/// Dropping it takes the descriptor out of the selector, and then drops what is wrapped.
///
/// ```
/// # hanol::block_on(async {
/// use hanol::io::{AsyncFd, Interest};
/// use std::io::{Read, Write};
///
/// let (receiver, mut sender) = std::os::unix::net::UnixStream::pair()?;
/// receiver.set_nonblocking(true)?;
/// let receiver = AsyncFd::new(receiver)?;
/// sender.write_all(b"hello")?;
///
/// let mut buf = [0; 16];
/// let count = receiver.async_io(Interest::READABLE, |mut receiver| receiver.read(&mut buf)).await?;
/// assert_eq!(&buf[..count], b"hello");
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct AsyncFd<T: AsFd> {
    socket: Socket<T>,
    interest: Interest,
}

/// # Making and taking apart
impl<T: AsFd> AsyncFd<T> {
    /// Registers a descriptor, for both directions.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) (`EPERM`) when the system cannot wait for it, such as for a
    /// regular file or a directory, and what else the system says. What is wrapped is dropped then.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        Self::with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// As [`new`](Self::new), and asking for readiness of the other direction is an error.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        let socket = Socket::from_foreign(inner);
        socket.register(&Waiter::new(wait::READINESS, Location::caller())).map_err(explain)?;
        Ok(Self { socket, interest })
    }

    /// What is wrapped.
    pub fn get_ref(&self) -> &T {
        self.socket.source()
    }

    /// What is wrapped. Its descriptor has to stay the same.
    pub fn get_mut(&mut self) -> &mut T {
        self.socket.source_mut()
    }

    /// Takes the descriptor out of the selector and gives back what was wrapped.
    pub fn into_inner(self) -> T {
        // One that is not in the selector needs not be taken out of it.
        let (inner, _left) = self.socket.release();
        inner
    }
}

/// # Readiness
impl<T: AsFd> AsyncFd<T> {
    /// Waits until the system reports that there is something to read.
    ///
    /// # Errors
    ///
    /// When it was made for the other direction alone, or in another runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn readable(&self) -> AsyncFdReady<'_, T> {
        self.ready(Interest::READABLE)
    }

    /// Waits until the system reports that there is room to write.
    ///
    /// # Errors
    ///
    /// As [`readable`](Self::readable).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn writable(&self) -> AsyncFdReady<'_, T> {
        self.ready(Interest::WRITABLE)
    }

    /// Waits until the system reports one of the directions asked for.
    ///
    /// # Errors
    ///
    /// As [`readable`](Self::readable).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> AsyncFdReady<'_, T> {
        let location = Location::caller();
        let waiter = || Waiter::new(wait::READINESS, location);
        AsyncFdReady { fd: self, interest, read: waiter(), write: waiter() }
    }

    /// Polls until the system reports that there is something to read. The waker stays registered until the next event;
    /// several tasks may poll, and each event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`readable`](Self::readable).
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<AsyncFdReadyGuard<'_, T>>> {
        self.poll_direction(cx, Interest::READABLE, Location::caller())
    }

    /// Polls until the system reports that there is room to write. See [`poll_read_ready`](Self::poll_read_ready).
    ///
    /// # Errors
    ///
    /// As [`readable`](Self::readable).
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<AsyncFdReadyGuard<'_, T>>> {
        self.poll_direction(cx, Interest::WRITABLE, Location::caller())
    }

    /// Calls `operation` unless it is known that it would block, and takes note if it does. `operation` must do one system
    /// call on this descriptor, of the kind that `interest` says.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when it would block. Otherwise what `operation` gives.
    pub fn try_io<R>(&self, interest: Interest, operation: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        if self.socket.is_known_to_block(interest) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let result = operation(self.get_ref());
        if would_block(&result) {
            self.socket.has_blocked(interest);
        }
        result
    }

    /// Waits for readiness and calls `operation`, until it does not block. `operation` must do one system call on this
    /// descriptor, of the kind that `interest` says.
    ///
    /// # Errors
    ///
    /// What `operation` gives, and those of [`ready`](Self::ready).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if `operation` is: it is not called again once the future is dropped.
    #[track_caller]
    pub fn async_io<R, F>(&self, interest: Interest, operation: F) -> AsyncFdIo<'_, T, F>
    where
        F: FnMut(&T) -> io::Result<R>,
    {
        AsyncFdIo { ready: self.ready(interest), operation }
    }

    fn poll_direction(
        &self,
        cx: &mut Context<'_>,
        interest: Interest,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'_, T>>> {
        self.check(interest)?;
        let direction = if interest.is_readable() { Direction::Read } else { Direction::Write };
        ready!(self.socket.poll_direction_ready(cx, direction, &Waiter::new(wait::READINESS, location)))?;
        Poll::Ready(Ok(self.guard(self.socket.reported(interest))))
    }

    /// # Errors
    ///
    /// When a direction is asked for that it was not made for.
    fn check(&self, interest: Interest) -> io::Result<()> {
        if interest.directions().all(|direction| self.interest.directions().any(|known| known == direction)) {
            return Ok(());
        }
        let message = format!("the descriptor was registered for {:?} and not for {interest:?}", self.interest);
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }

    fn guard(&self, ready: Ready) -> AsyncFdReadyGuard<'_, T> {
        AsyncFdReadyGuard { fd: self, ready, looks: self.socket.looks() }
    }
}

fn would_block<R>(result: &io::Result<R>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// `EPERM` says nothing to someone who has opened a file without trouble.
fn explain(error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return error;
    }
    io::Error::new(error.kind(), format!("the system cannot wait for this descriptor, as for a regular file: {error}"))
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd").field("inner", self.get_ref()).field("interest", &self.interest).finish()
    }
}

/// The future of [`AsyncFd::ready`], [`AsyncFd::readable`] and [`AsyncFd::writable`].
#[must_use = "futures do nothing unless awaited"]
pub struct AsyncFdReady<'a, T: AsFd> {
    fd: &'a AsyncFd<T>,
    interest: Interest,
    read: Waiter,
    write: Waiter,
}

impl<'a, T: AsFd> Future for AsyncFdReady<'a, T> {
    type Output = io::Result<AsyncFdReadyGuard<'a, T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.fd.check(this.interest)?;
        let ready = ready!(this.fd.socket.poll_ready(cx, this.interest, &mut this.read, &mut this.write))?;
        Poll::Ready(Ok(this.fd.guard(ready)))
    }
}

impl<T: AsFd> fmt::Debug for AsyncFdReady<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReady").field("interest", &self.interest).finish_non_exhaustive()
    }
}

/// The future of [`AsyncFd::async_io`].
#[must_use = "futures do nothing unless awaited"]
pub struct AsyncFdIo<'a, T: AsFd, F> {
    ready: AsyncFdReady<'a, T>,
    operation: F,
}

/// The operation is called, never pinned.
impl<T: AsFd, F> Unpin for AsyncFdIo<'_, T, F> {}

impl<T: AsFd, R, F> Future for AsyncFdIo<'_, T, F>
where
    F: FnMut(&T) -> io::Result<R>,
{
    type Output = io::Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let guard = ready!(Pin::new(&mut this.ready).poll(cx))?;
            let result = guard.fd.try_io(this.ready.interest, &mut this.operation);
            if !would_block(&result) {
                return Poll::Ready(result);
            }
        }
    }
}

impl<T: AsFd, F> fmt::Debug for AsyncFdIo<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdIo").field("interest", &self.ready.interest).finish_non_exhaustive()
    }
}

/// What the system has reported of an [`AsyncFd`]. It stands until it is cleared through this guard or by an operation.
#[must_use = "readiness stands until `clear_ready` is called, or until `try_io` has found that it would block"]
pub struct AsyncFdReadyGuard<'a, T: AsFd> {
    fd: &'a AsyncFd<T>,
    ready: Ready,
    /// How often the runtime had looked for events when this was reported.
    looks: Option<u64>,
}

impl<'a, T: AsFd> AsyncFdReadyGuard<'a, T> {
    /// What has been reported.
    pub fn ready(&self) -> Ready {
        self.ready
    }

    /// What the guard is of.
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.fd
    }

    /// What is wrapped.
    pub fn get_inner(&self) -> &'a T {
        self.fd.get_ref()
    }

    /// Calls `operation`, and takes note if it would block.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] when it would block: wait for readiness again. Any other error of the operation is in the `Ok`, as in
    /// tokio.
    pub fn try_io<R>(
        &mut self,
        operation: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        let result = operation(self.fd);
        if would_block(&result) {
            // No event can have been taken in since it has blocked.
            self.has_blocked(self.ready);
            return Err(TryIoError(()));
        }
        Ok(result)
    }

    /// Has the next wait wait for a new event: an operation has found that it would block.
    ///
    /// If the runtime has looked for events since this was reported, there may be a new one, and it stands.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(self.ready);
    }

    /// As [`clear_ready`](Self::clear_ready), for the directions in `ready` alone.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        if self.looks == self.fd.socket.looks() {
            self.has_blocked(ready);
        }
    }

    /// Leaves readiness as it is: there is more to do.
    pub fn retain_ready(&mut self) {}

    fn has_blocked(&self, ready: Ready) {
        if ready.is_readable() {
            self.fd.socket.has_blocked(Interest::READABLE);
        }
        if ready.is_writable() {
            self.fd.socket.has_blocked(Interest::WRITABLE);
        }
    }
}

impl<T: AsFd> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard").field("ready", &self.ready).finish_non_exhaustive()
    }
}

/// The operation of [`AsyncFdReadyGuard::try_io`] would block.
#[derive(Debug)]
pub struct TryIoError(());

impl fmt::Display for TryIoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operation would block")
    }
}

impl std::error::Error for TryIoError {}
