//! Making a connection to one address after the other.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use super::attempt::Attempt;
use super::socket::TcpSocket;
use super::stream::TcpStream;
use crate::net::ToSocketAddrs;
use crate::net::addr::Resolve;

/// The future of [`TcpStream::connect`] and [`TcpSocket::connect`].
#[must_use = "futures do nothing unless awaited"]
pub struct Connect {
    state: State,
    /// A socket that the caller has made, for the first address.
    socket: Option<TcpSocket>,
    last_error: Option<io::Error>,
    location: &'static Location<'static>,
}

enum State {
    Resolving(Resolve),
    Next(vec::IntoIter<SocketAddr>),
    Connecting(Attempt, vec::IntoIter<SocketAddr>),
    Done,
}

impl Connect {
    pub(super) fn new(addr: impl ToSocketAddrs, location: &'static Location<'static>) -> Self {
        Self { state: State::Resolving(Resolve::new(addr, location)), socket: None, last_error: None, location }
    }

    pub(super) fn with_socket(socket: TcpSocket, addr: SocketAddr, location: &'static Location<'static>) -> Self {
        Self { state: State::Next(vec![addr].into_iter()), socket: Some(socket), last_error: None, location }
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
                    let socket = this.socket.take().map_or_else(|| TcpSocket::for_address(addr), Ok);
                    match socket.and_then(|socket| Attempt::start(socket, addr, this.location)) {
                        Ok(attempt) => this.state = State::Connecting(attempt, std::mem::take(addrs)),
                        Err(error) => this.last_error = Some(error),
                    }
                }
                State::Connecting(attempt, addrs) => match ready!(attempt.poll(cx)) {
                    Ok(stream) => {
                        this.state = State::Done;
                        return Poll::Ready(Ok(stream));
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

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}
