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

    use crate::time::ClockHold;

    /// A lookup that is under way. Dropping it before a thread has taken it up ends it.
    #[derive(Debug)]
    pub(crate) struct Lookup {
        task: Task<io::Result<Vec<SocketAddr>>>,
        /// Since somebody waits for the task, so does a paused clock.
        hold: Option<ClockHold>,
    }

    impl Lookup {
        pub(crate) fn start(host: &str, port: u16) -> io::Result<Self> {
            let host = host.to_owned();
            let task = unblock(move || (host.as_str(), port).to_socket_addrs().map(Iterator::collect));
            Ok(Self { task, hold: None })
        }

        pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Vec<SocketAddr>>> {
            let polled = Pin::new(&mut self.task).poll(cx);
            match polled {
                Poll::Ready(_) => self.hold = None,
                Poll::Pending => {
                    self.hold.get_or_insert_with(ClockHold::new);
                }
            }
            polled
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
