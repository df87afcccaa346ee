//! Looking up host names, by the system's resolver on a thread of the `blocking` crate.

#[cfg(feature = "blocking")]
pub(crate) use with_threads::Lookup;
#[cfg(not(feature = "blocking"))]
pub(crate) use without_threads::Lookup;

#[cfg(feature = "blocking")]
mod with_threads {
    use std::io;
    use std::net::{SocketAddr, ToSocketAddrs};
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use blocking::{Task, unblock};

    /// A lookup that is under way. Dropping it before a thread has taken it up ends it.
    #[derive(Debug)]
    pub(crate) struct Lookup(Task<io::Result<Vec<SocketAddr>>>);

    impl Lookup {
        pub(crate) fn start(host: &str, port: u16) -> io::Result<Self> {
            let host = host.to_owned();
            Ok(Self(unblock(move || (host.as_str(), port).to_socket_addrs().map(Iterator::collect))))
        }

        pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<SocketAddr>>> {
            Pin::new(&mut self.0).poll(cx)
        }
    }
}

#[cfg(not(feature = "blocking"))]
mod without_threads {
    use std::convert::Infallible;
    use std::io;
    use std::net::SocketAddr;
    use std::task::{Context, Poll};

    /// There is none without the feature.
    #[derive(Debug)]
    pub(crate) struct Lookup(Infallible);

    impl Lookup {
        pub(crate) fn start(host: &str, _port: u16) -> io::Result<Self> {
            let message = format!("cannot look up {host:?} without the feature `blocking` of hanol");
            Err(io::Error::new(io::ErrorKind::Unsupported, message))
        }

        pub(crate) fn poll(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<Vec<SocketAddr>>> {
            match self.0 {}
        }
    }
}
