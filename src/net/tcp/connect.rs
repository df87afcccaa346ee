//! Making connections.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use hanol_reactor::Direction;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Type};

use super::stream::TcpStream;
use crate::net::ToSocketAddrs;
use crate::net::addr::Resolve;
use crate::net::socket::{Progress, Socket};
use crate::net::waiter::Waiter;
use crate::wait;

/// The future of [`TcpStream::connect`].
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    state: State,
    last_error: Option<io::Error>,
    location: &'static Location<'static>,
}

enum State {
    Resolving(Resolve),
    Next(vec::IntoIter<SocketAddr>),
    Connecting(Attempt, vec::IntoIter<SocketAddr>),
    Done,
}

/// A connection that is being made.
struct Attempt {
    socket: Socket<socket2::Socket>,
    waiter: Waiter,
}

impl Connect {
    pub(super) fn new(addr: impl ToSocketAddrs, location: &'static Location<'static>) -> Self {
        Self { state: State::Resolving(Resolve::new(addr, location)), last_error: None, location }
    }
}

impl Future for Connect {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Resolving(resolve) => {
                    let addrs = ready!(resolve.poll(cx));
                    this.state = State::Done;
                    this.state = State::Next(addrs?.into_iter());
                }
                State::Next(addrs) => {
                    let Some(addr) = addrs.next() else {
                        this.state = State::Done;
                        let error = this.last_error.take().unwrap_or_else(|| io::ErrorKind::InvalidInput.into());
                        return Poll::Ready(Err(error));
                    };
                    match Attempt::start(addr, this.location) {
                        Ok(attempt) => this.state = State::Connecting(attempt, std::mem::take(addrs)),
                        Err(error) => this.last_error = Some(error),
                    }
                }
                State::Connecting(attempt, addrs) => match ready!(attempt.poll(cx)) {
                    Ok(()) => {
                        let State::Connecting(attempt, _) = std::mem::replace(&mut this.state, State::Done) else {
                            unreachable!("the state was matched above")
                        };
                        let socket = attempt.socket.map(std::net::TcpStream::from);
                        return Poll::Ready(Ok(TcpStream::from_socket(socket)));
                    }
                    Err(error) => {
                        this.last_error = Some(error);
                        // The socket is closed before the next address is tried.
                        this.state = State::Next(std::mem::take(addrs));
                    }
                },
                State::Done => panic!("a Connect was polled after it had completed"),
            }
        }
    }
}

impl Attempt {
    fn start(addr: SocketAddr, location: &'static Location<'static>) -> io::Result<Self> {
        let socket =
            socket2::Socket::new(Domain::for_address(addr), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
        if let Err(error) = socket.connect(&addr.into()) {
            // One that a signal has interrupted goes on in the background, like any other.
            let goes_on = matches!(Errno::from_io_error(&error), Some(Errno::INPROGRESS | Errno::INTR));
            if !goes_on {
                return Err(error);
            }
        }
        Ok(Self { socket: Socket::new(socket), waiter: Waiter::new(wait::CONNECT, location) })
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_io(cx, &mut self.waiter, Direction::Write, is_connected)
    }
}

/// Whether the connect has ended, and how. Being writable is not enough: that may be spurious, and it is also how a failure
/// shows. A socket that has no error and no peer is still connecting.
fn is_connected(socket: &socket2::Socket) -> io::Result<Progress<()>> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(Progress::More(())),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}
