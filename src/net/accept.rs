//! Taking connections from a listener of any kind, and going on when the system has none to give.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hanol_executor::wake;
use hanol_reactor::{Direction, WaitFor};
use rustix::io::Errno;
use rustix::net::{SocketAddrAny, SocketFlags, acceptfrom_with};

use super::TcpListener;
use super::socket::{Progress, Socket};
use super::waiter::Waiter;
use crate::time::{Instant, Sleep};
use crate::wait;

/// How long accepting rests when the process is out of descriptors and this runtime closes none.
const FIRST_REST: Duration = Duration::from_millis(5);
const LONGEST_REST: Duration = Duration::from_secs(1);

/// A socket that listens. It is private, and so are its implementations.
pub trait Listen: Send + Sync + Sized {
    /// What the socket holds.
    type Source: AsFd + Send + Sync;
    /// A connection, and who has made it.
    type Accepted;

    /// The socket.
    #[allow(private_interfaces, reason = "nobody else calls it")]
    fn socket(&self) -> &Socket<Self::Source>;

    /// Makes a connection of what the system has accepted.
    #[allow(private_interfaces, reason = "nobody else calls it")]
    fn accepted(connection: OwnedFd, peer: Option<SocketAddrAny>) -> io::Result<Self::Accepted>;
}

/// The future of `accept` of a listener, such as [`TcpListener::accept`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Accept<'a, L = TcpListener> {
    listener: &'a L,
    accepting: Accepting,
}

impl<'a, L> Accept<'a, L> {
    pub(crate) fn new(listener: &'a L, location: &'static Location<'static>) -> Self {
        Self { listener, accepting: Accepting::new(location) }
    }
}

impl<L: Listen> Future for Accept<'_, L> {
    type Output = io::Result<L::Accepted>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.accepting.poll(cx, this.listener)
    }
}

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

/// The accepts of those who poll a listener by hand and rest: what they have to remember between two polls of a task.
#[derive(Debug)]
pub(super) struct Resting(Mutex<Vec<(Waker, Accepting)>>);

impl Accepting {
    pub(super) fn new(location: &'static Location<'static>) -> Self {
        Self { waiter: Waiter::new(wait::ACCEPT, location), rest: None }
    }

    fn poll<L: Listen>(&mut self, cx: &mut Context<'_>, listener: &L) -> Poll<io::Result<L::Accepted>> {
        let socket = listener.socket();
        if self.rest.as_mut().is_some_and(|rest| rest.poll(cx, socket.fd_number()).is_pending()) {
            return Poll::Pending;
        }
        match socket.poll_io(cx, &mut self.waiter, Direction::Read, accept::<L>) {
            Poll::Ready(Err(error)) if is_out_of_resources(&error) => {
                let length = self.rest.as_ref().map_or(FIRST_REST, |rest| (rest.length * 2).min(LONGEST_REST));
                let rest = self.rest.insert(Rest::new(length, self.waiter.location()));
                socket.register(&self.waiter)?;
                rest.begin(cx, socket.fd_number());
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
    fn poll_anonymously<L: Listen>(&mut self, cx: &mut Context<'_>, listener: &L) -> Poll<io::Result<L::Accepted>> {
        let accepted = self.poll(cx, listener);
        if accepted.is_pending() && self.waiter.leave() {
            listener.socket().wait_anonymously(cx, &self.waiter, Direction::Read)?;
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

    fn begin(&mut self, cx: &mut Context<'_>, fd: u32) {
        self.waiter.wait_here(cx, WaitFor::Descriptor, fd);
        // A rest of 5 ms has not passed yet. If it had, the timer would fire with the next turn.
        let _ = self.sleep.poll_elapsed(cx);
    }

    /// Ready when it is worth to try again: time has passed, or a descriptor was closed.
    fn poll(&mut self, cx: &mut Context<'_>, fd: u32) -> Poll<()> {
        if !self.waiter.still_waits() || self.sleep.poll_elapsed(cx).is_ready() {
            return Poll::Ready(());
        }
        self.waiter.wait_here(cx, WaitFor::Descriptor, fd);
        Poll::Pending
    }
}

impl Resting {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Polls an accept by hand. The waker stays registered until the next event.
    pub(super) fn poll<L: Listen>(
        &self,
        cx: &mut Context<'_>,
        listener: &L,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<L::Accepted>> {
        let known = self.change(|resting| {
            let index = resting.iter().position(|(waker, _)| waker.will_wake(cx.waker()))?;
            Some(resting.swap_remove(index))
        });
        let (waker, mut accepting) = known.unwrap_or_else(|| (cx.waker().clone(), Accepting::new(location)));
        let accepted = accepting.poll_anonymously(cx, listener);
        if accepted.is_ready() {
            // There may be descriptors for the others too.
            self.change(std::mem::take).into_iter().for_each(|(waker, _)| wake(waker));
        } else if accepting.rest.is_some() {
            self.change(|resting| resting.push((waker, accepting)));
        }
        accepted
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<(Waker, Accepting)>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One `accept4`, or several if connections were lost before it.
fn accept<L: Listen>(listener: &L::Source) -> io::Result<Progress<L::Accepted>> {
    loop {
        match acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((connection, peer)) => return L::accepted(connection, peer).map(Progress::More),
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
