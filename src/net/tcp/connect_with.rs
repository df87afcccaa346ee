//! Making a connection to one of several addresses, which may be tried side by side.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::vec;

use super::attempt::Attempt;
use super::connect_error::ConnectError;
use super::connect_options::ConnectOptions;
use super::stream::TcpStream;
use crate::net::ToSocketAddrs;
use crate::net::addr::Resolve;
use crate::time::{Instant, Sleep};
use crate::wait;

impl TcpStream {
    /// Connects to an address; if it stands for several, to one that answers, as the options say.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] inside an error of the last failure's kind, when none has answered; or the failure to look up a
    /// name. An option that is out of its range counts as the failure of every address.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends all attempts and closes their sockets.
    #[track_caller]
    pub fn connect_with(addr: impl ToSocketAddrs, options: ConnectOptions) -> ConnectWith {
        let location = Location::caller();
        ConnectWith { state: State::Resolving(Resolve::new(addr, location)), options, location }
    }
}

/// The future of [`TcpStream::connect_with`].
#[must_use = "futures do nothing unless awaited"]
pub struct ConnectWith {
    state: State,
    options: ConnectOptions,
    location: &'static Location<'static>,
}

enum State {
    Resolving(Resolve),
    Racing(Race),
    Done,
}

/// The attempts that are under way, and those to come.
struct Race {
    untried: vec::IntoIter<SocketAddr>,
    /// In the order in which they began.
    attempts: Vec<Contender>,
    /// When the next attempt begins although others are under way.
    next: Option<Sleep>,
    failures: Vec<(SocketAddr, io::Error)>,
}

/// An attempt, and how long it may take.
struct Contender {
    addr: SocketAddr,
    attempt: Attempt,
    limit: Option<(Duration, Sleep)>,
}

impl Future for ConnectWith {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let State::Resolving(resolve) = &mut this.state {
            let addrs = ready!(resolve.poll(cx));
            this.state = State::Done;
            this.state = State::Racing(Race::new(addrs?, &this.options));
        }
        let State::Racing(race) = &mut this.state else { panic!("a ConnectWith was polled after it had completed") };
        let result = ready!(race.poll(cx, &this.options, this.location));
        // The sockets that have not won are closed here.
        this.state = State::Done;
        Poll::Ready(result)
    }
}

impl Race {
    fn new(addrs: Vec<SocketAddr>, options: &ConnectOptions) -> Self {
        let addrs = if options.delay().is_some() { interleave(addrs) } else { addrs };
        Self { untried: addrs.into_iter(), attempts: Vec::new(), next: None, failures: Vec::new() }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        options: &ConnectOptions,
        location: &'static Location<'static>,
    ) -> Poll<io::Result<TcpStream>> {
        loop {
            if let Some(stream) = self.poll_attempts(cx) {
                return Poll::Ready(Ok(stream));
            }
            let is_time = self.next.as_mut().is_some_and(|next| next.poll_elapsed(cx).is_ready());
            if !self.attempts.is_empty() && !is_time {
                return Poll::Pending;
            }
            let Some(addr) = self.untried.next() else {
                if self.attempts.is_empty() {
                    return Poll::Ready(Err(ConnectError::of(std::mem::take(&mut self.failures))));
                }
                self.next = None;
                return Poll::Pending;
            };
            self.start(addr, options, location);
        }
    }

    /// Polls every attempt, and takes those out that have failed.
    fn poll_attempts(&mut self, cx: &mut Context<'_>) -> Option<TcpStream> {
        let mut index = 0;
        while let Some(contender) = self.attempts.get_mut(index) {
            match contender.poll(cx) {
                Poll::Ready(Ok(stream)) => return Some(stream),
                Poll::Ready(Err(error)) => {
                    let failed = self.attempts.remove(index);
                    self.failures.push((failed.addr, error));
                }
                Poll::Pending => index += 1,
            }
        }
        None
    }

    fn start(&mut self, addr: SocketAddr, options: &ConnectOptions, location: &'static Location<'static>) {
        match options.socket(addr).and_then(|socket| Attempt::start(socket, addr, location)) {
            Ok(attempt) => {
                let sleep = |length| Sleep::new(Instant::now().saturating_add(length), wait::CONNECT, location);
                let limit = options.limit().map(|limit| (limit, sleep(limit)));
                self.attempts.push(Contender { addr, attempt, limit });
                self.next = options.delay().filter(|_| self.untried.len() > 0).map(sleep);
            }
            Err(error) => self.failures.push((addr, error)),
        }
    }
}

impl Contender {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        if let Poll::Ready(result) = self.attempt.poll(cx) {
            return Poll::Ready(result);
        }
        let Some((limit, sleep)) = &mut self.limit else { return Poll::Pending };
        ready!(sleep.poll_elapsed(cx));
        let message = format!("no answer within {limit:?}");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, message)))
    }
}

/// Puts the families in turn, beginning with that of the first address, which the resolver prefers: RFC 8305, section 4. The
/// order within a family stays.
fn interleave(addrs: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addrs.first() else { return addrs };
    let v6_first = first.is_ipv6();
    let count = addrs.len();
    let (preferred, other): (Vec<_>, Vec<_>) = addrs.into_iter().partition(|addr| addr.is_ipv6() == v6_first);
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    let mut interleaved = Vec::with_capacity(count);
    while interleaved.len() < count {
        interleaved.extend(preferred.next());
        interleaved.extend(other.next());
    }
    interleaved
}

impl fmt::Debug for ConnectWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectWith").field("options", &self.options).finish_non_exhaustive()
    }
}
