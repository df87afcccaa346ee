//! Taking connections, and going on when the system has none to give.

use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hanol_reactor::{Direction, WaitFor};
use rustix::io::Errno;
use rustix::net::{SocketFlags, acceptfrom_with};

use super::listener::TcpListener;
use super::stream::TcpStream;
use crate::net::socket::{Progress, Socket};
use crate::net::waiter::Waiter;
use crate::time::{Instant, Sleep};
use crate::wait;

/// How long accepting rests when the process is out of descriptors and this runtime closes none.
const FIRST_REST: Duration = Duration::from_millis(5);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// The future of [`TcpListener::accept`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Accept<'a> {
    listener: &'a TcpListener,
    accepting: Accepting,
}

impl<'a> Accept<'a> {
    pub(super) fn new(listener: &'a TcpListener, location: &'static Location<'static>) -> Self {
        Self { listener, accepting: Accepting::new(location) }
    }
}

impl Future for Accept<'_> {
    type Output = io::Result<(TcpStream, SocketAddr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.accepting.poll(cx, this.listener.socket())
    }
}

type ListenerSocket = Socket<std::net::TcpListener>;

/// One accept, from its first poll to its connection.
#[derive(Debug)]
pub(super) struct Accepting {
    waiter: Waiter,
    rest: Option<Rest>,
}

/// A rest, because there is no descriptor for a connection.
///
/// The selector is no help then: edge-triggered, it has reported the waiting connections once and will not do it again
/// when descriptors are free. So the listener stays ready, and accepting is tried again as soon as this runtime closes a
/// descriptor, or when the rest is over, since others may have closed theirs.
#[derive(Debug)]
struct Rest {
    waiter: Waiter,
    sleep: Sleep,
    length: Duration,
}

impl Accepting {
    pub(super) fn new(location: &'static Location<'static>) -> Self {
        Self { waiter: Waiter::new(wait::ACCEPT, location), rest: None }
    }

    pub(super) fn is_out_of_descriptors(&self) -> bool {
        self.rest.is_some()
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        socket: &ListenerSocket,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        if self.rest.as_mut().is_some_and(|rest| rest.poll(cx, socket).is_pending()) {
            return Poll::Pending;
        }
        match socket.poll_io(cx, &mut self.waiter, Direction::Read, accept) {
            Poll::Ready(Err(error)) if is_out_of_resources(&error) => {
                let length = self.rest.as_ref().map_or(FIRST_REST, |rest| (rest.length * 2).min(LONGEST_REST));
                let rest = self.rest.insert(Rest::new(length, self.waiter.location()));
                socket.register(&self.waiter)?;
                rest.begin(cx, socket);
                Poll::Pending
            }
            Poll::Ready(accepted) => {
                self.rest = None;
                Poll::Ready(accepted)
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// As [`poll`](Self::poll), but leaves a waker that is not given up when this is dropped.
    pub(super) fn poll_anonymously(
        &mut self,
        cx: &mut Context<'_>,
        socket: &ListenerSocket,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = self.poll(cx, socket);
        if accepted.is_pending() && self.waiter.leave() {
            socket.wait_anonymously(cx, &self.waiter, Direction::Read)?;
        }
        accepted
    }
}

impl Rest {
    fn new(length: Duration, location: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(wait::FREE_DESCRIPTOR, location),
            sleep: Sleep::new(Instant::now().saturating_add(length), wait::FREE_DESCRIPTOR, location),
            length,
        }
    }

    fn begin(&mut self, cx: &mut Context<'_>, socket: &ListenerSocket) {
        self.waiter.wait_here(cx, WaitFor::Descriptor, socket.fd_number());
        // A rest of 5 ms has not passed yet. If it had, the timer would fire with the next turn.
        let _ = self.sleep.poll_elapsed(cx);
    }

    /// Ready when it is worth to try again: time has passed, or a descriptor was closed.
    fn poll(&mut self, cx: &mut Context<'_>, socket: &ListenerSocket) -> Poll<()> {
        if !self.waiter.still_waits() || self.sleep.poll_elapsed(cx).is_ready() {
            return Poll::Ready(());
        }
        self.waiter.wait_here(cx, WaitFor::Descriptor, socket.fd_number());
        Poll::Pending
    }
}

/// One `accept4`, or several if connections were lost before it.
fn accept(listener: &std::net::TcpListener) -> io::Result<Progress<(TcpStream, SocketAddr)>> {
    loop {
        match acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((stream, peer)) => {
                let stream = TcpStream::from_socket(Socket::new(std::net::TcpStream::from(stream)));
                let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
                // A socket that does not know its peer's address has lost the peer; `accept` gives it all the same.
                let peer = peer.map_or_else(|| stream.peer_addr(), Ok)?;
                return Ok(Progress::More((stream, peer)));
            }
            Err(errno) if is_of_the_connection(errno) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Whether an error belongs to a connection that is lost, not to the listener: accept(2) says to treat it like `EAGAIN`
/// by retrying.
fn is_of_the_connection(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::CONNABORTED
            | Errno::PROTO
            | Errno::NETDOWN
            | Errno::NOPROTOOPT
            | Errno::HOSTDOWN
            | Errno::NONET
            | Errno::HOSTUNREACH
            | Errno::OPNOTSUPP
            | Errno::NETUNREACH
    )
}

fn is_out_of_resources(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM))
}
