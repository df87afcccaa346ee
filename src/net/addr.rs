//! Addresses, and names that stand for them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::panic::Location;
use std::task::{Context, Poll, ready};

use hanol_executor::{budget, waits_for};

use super::resolver::Lookup;
use crate::wait;

/// What [`TcpStream::connect`](super::TcpStream::connect), [`TcpListener::bind`](super::TcpListener::bind),
/// [`UdpSocket::bind`](super::UdpSocket::bind) and [`lookup_host`](super::lookup_host) take: an address, several, or a name
/// with a port.
///
/// Implemented for [`SocketAddr`] and its variants, an IP address with a port, slices of addresses, and text as
/// `"127.0.0.1:80"`, `"[::1]:80"`, `"localhost:80"`, or `("localhost", 80)`.
///
/// Names are looked up by the system's resolver on a thread of the [`blocking`](https://docs.rs/blocking) crate, with the
/// feature `blocking`. Without it they give an error of kind [`Unsupported`](io::ErrorKind::Unsupported).
pub trait ToSocketAddrs: sealed::Sealed {}

/// Addresses, or the search for them.
#[derive(Debug)]
pub(crate) struct Resolve {
    state: State,
    location: &'static Location<'static>,
}

#[derive(Debug)]
enum State {
    /// One address, for which nothing need be allocated.
    One(SocketAddr),
    Several(Vec<SocketAddr>),
    Failed(Option<io::Error>),
    Lookup(Lookup),
}

impl Resolve {
    pub(crate) fn new(addrs: impl ToSocketAddrs, location: &'static Location<'static>) -> Self {
        Self { state: addrs.start(sealed::Internal), location }
    }

    /// The addresses: at least one.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<SocketAddr>>> {
        let addrs = match &mut self.state {
            State::One(addr) => vec![*addr],
            State::Several(addrs) => std::mem::take(addrs),
            State::Failed(error) => return Poll::Ready(Err(error.take().unwrap_or_else(no_address))),
            State::Lookup(lookup) => match lookup.poll(cx) {
                Poll::Ready(addrs) => addrs?,
                Poll::Pending => {
                    waits_for(wait::RESOLVE, 0, self.location);
                    return Poll::Pending;
                }
            },
        };
        Poll::Ready(if addrs.is_empty() { Err(no_address()) } else { Ok(addrs) })
    }

    /// As [`poll`](Self::poll), and takes an operation from the poll's budget: for operations that do nothing else that could
    /// wait.
    pub(crate) fn poll_operation(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<SocketAddr>>> {
        ready!(budget::poll_proceed(cx, self.location));
        let addrs = self.poll(cx);
        if addrs.is_pending() {
            budget::give_back();
        }
        addrs
    }

    /// The first of the addresses. For one that is known nothing is allocated.
    pub(crate) fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        if let State::One(addr) = self.state {
            return Poll::Ready(Ok(addr));
        }
        let addrs = ready!(self.poll(cx))?;
        self.state = State::One(addrs[0]);
        Poll::Ready(Ok(addrs[0]))
    }
}

fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "could not resolve to any address")
}

fn lookup(host: &str, port: u16) -> State {
    match Lookup::start(host, port) {
        Ok(lookup) => State::Lookup(lookup),
        Err(error) => State::Failed(Some(error)),
    }
}

fn invalid(message: &str) -> State {
    State::Failed(Some(io::Error::new(io::ErrorKind::InvalidInput, message)))
}

mod sealed {
    use super::State;

    /// Keeps the trait's function out of reach, so that it can change.
    #[derive(Debug)]
    pub struct Internal;

    pub trait Sealed {
        #[allow(private_interfaces)]
        fn start(&self, internal: Internal) -> State;
    }
}

macro_rules! impl_known {
    ($($addr:ty: |$self:ident| $known:expr;)*) => {$(
        impl ToSocketAddrs for $addr {}

        impl sealed::Sealed for $addr {
            #[allow(private_interfaces)]
            fn start(&self, _: sealed::Internal) -> State {
                let $self = self;
                $known
            }
        }
    )*};
}

impl_known! {
    SocketAddr: |addr| State::One(*addr);
    SocketAddrV4: |addr| State::One(SocketAddr::V4(*addr));
    SocketAddrV6: |addr| State::One(SocketAddr::V6(*addr));
    (IpAddr, u16): |addr| State::One(SocketAddr::from(*addr));
    (Ipv4Addr, u16): |addr| State::One(SocketAddr::from(*addr));
    (Ipv6Addr, u16): |addr| State::One(SocketAddr::from(*addr));
    [SocketAddr]: |addrs| State::Several(addrs.to_vec());
    Vec<SocketAddr>: |addrs| State::Several(addrs.clone());
}

impl ToSocketAddrs for (&str, u16) {}

impl sealed::Sealed for (&str, u16) {
    #[allow(private_interfaces)]
    fn start(&self, _: sealed::Internal) -> State {
        let (host, port) = *self;
        match host.parse::<IpAddr>() {
            Ok(ip) => State::One(SocketAddr::new(ip, port)),
            Err(_) => lookup(host, port),
        }
    }
}

impl ToSocketAddrs for (String, u16) {}

impl sealed::Sealed for (String, u16) {
    #[allow(private_interfaces)]
    fn start(&self, internal: sealed::Internal) -> State {
        (self.0.as_str(), self.1).start(internal)
    }
}

impl ToSocketAddrs for str {}

impl sealed::Sealed for str {
    #[allow(private_interfaces)]
    fn start(&self, internal: sealed::Internal) -> State {
        if let Ok(addr) = self.parse::<SocketAddr>() {
            return State::One(addr);
        }
        let Some((host, port)) = self.rsplit_once(':') else {
            return invalid("invalid socket address: expected HOST:PORT");
        };
        match port.parse::<u16>() {
            Ok(port) => (host, port).start(internal),
            Err(_) => invalid("invalid port value"),
        }
    }
}

impl ToSocketAddrs for String {}

impl sealed::Sealed for String {
    #[allow(private_interfaces)]
    fn start(&self, internal: sealed::Internal) -> State {
        self.as_str().start(internal)
    }
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}

impl<T: sealed::Sealed + ?Sized> sealed::Sealed for &T {
    #[allow(private_interfaces)]
    fn start(&self, internal: sealed::Internal) -> State {
        (**self).start(internal)
    }
}
