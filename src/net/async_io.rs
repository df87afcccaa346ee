//! Operations of the user on a socket.

use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::ready::{self, PollReady, Readiness};
use crate::io::{Interest, Ready};

/// The future of `async_io` of a socket, such as [`TcpStream::async_io`](super::TcpStream::async_io).
#[must_use = "futures do nothing unless awaited"]
pub struct AsyncIo<'a, F> {
    socket: &'a dyn PollReady,
    interest: Interest,
    operation: F,
    readiness: Readiness<'a, Ready>,
}

impl<'a, F> AsyncIo<'a, F> {
    pub(crate) fn new(
        socket: &'a dyn PollReady,
        interest: Interest,
        operation: F,
        location: &'static Location<'static>,
    ) -> Self {
        let readiness = Readiness::new(socket, interest, |ready| ready, location);
        Self { socket, interest, operation, readiness }
    }
}

/// The operation is called, never pinned.
impl<F> Unpin for AsyncIo<'_, F> {}

impl<R, F> Future for AsyncIo<'_, F>
where
    F: FnMut() -> io::Result<R>,
{
    type Output = io::Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            ready!(Pin::new(&mut this.readiness).poll(cx))?;
            match ready::try_io(this.socket, this.interest, &mut this.operation) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
    }
}

impl<F> fmt::Debug for AsyncIo<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncIo").field("interest", &self.interest).finish_non_exhaustive()
    }
}
