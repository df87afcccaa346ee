//! A strand, as the code that runs on it sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use async_channel::{Receiver, Sender};
use futures_core::Stream;
use hanol_executor::waits_for;

use super::accept::Acceptor;
use crate::net::TcpStream;
use crate::runtime::Handle;
use crate::wait;

/// What all strands share.
pub(super) struct Shared {
    pub(super) local_addr: Option<SocketAddr>,
    handles: OnceLock<Vec<Handle>>,
    stop: Signal,
    cut_short: Signal,
}

/// A channel that never carries anything: closing it is the signal.
struct Signal {
    sender: Sender<()>,
    receiver: Receiver<()>,
}

impl Signal {
    fn new() -> Self {
        let (sender, receiver) = async_channel::bounded(1);
        Self { sender, receiver }
    }
}

impl Shared {
    pub(super) fn new(local_addr: Option<SocketAddr>) -> Self {
        Self { local_addr, handles: OnceLock::new(), stop: Signal::new(), cut_short: Signal::new() }
    }

    pub(super) fn set_handles(&self, handles: Vec<Handle>) {
        let set = self.handles.set(handles);
        assert!(set.is_ok(), "strands are started once");
    }

    /// All handles, once all strands are there.
    pub(super) fn handles(&self) -> &[Handle] {
        self.handles.get().map_or(&[], Vec::as_slice)
    }

    pub(super) fn stop(&self) {
        self.stop.sender.close();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.sender.is_closed()
    }

    #[track_caller]
    pub(super) fn stopping(&self) -> Stopping {
        Stopping::new(&self.stop, Location::caller())
    }

    pub(super) fn cut_short(&self) {
        self.cut_short.sender.close();
    }

    #[track_caller]
    pub(super) fn to_be_cut_short(&self) -> Stopping {
        Stopping::new(&self.cut_short, Location::caller())
    }
}

/// A strand, given to the code that runs on it. Clones are the same strand, and stay on its thread.
#[derive(Clone)]
pub struct Strand {
    pub(super) index: usize,
    pub(super) core: Option<usize>,
    pub(super) shared: Arc<Shared>,
    pub(super) acceptor: Option<Rc<Acceptor>>,
}

impl Strand {
    /// Which strand this is, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How many strands there are.
    pub fn count(&self) -> usize {
        self.handles().len()
    }

    /// The number of the core that the thread is kept on, if it is.
    pub fn core(&self) -> Option<usize> {
        self.core
    }

    /// The handles of all strands' runtimes, in their order.
    pub fn handles(&self) -> &[Handle] {
        self.shared.handles()
    }

    /// The address that the strands accept at.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.shared.local_addr
    }

    /// Accepts a connection. It is not registered with any runtime yet.
    ///
    /// When all are asked to stop the port is closed, and this waits for ever: nobody connects to a server that goes.
    /// Connections that the system had made by then, and nobody had accepted, are reset.
    ///
    /// # Errors
    ///
    /// Those of [`TcpListener::accept`](crate::net::TcpListener::accept). With [`Accept::OneStrand`](super::Accept), also
    /// [`NotConnected`](io::ErrorKind::NotConnected) when the strand that accepts for all has ended by itself.
    ///
    /// # Panics
    ///
    /// When the strands were not told to [listen](super::Builder::listen).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no connection is lost.
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        match &self.acceptor {
            Some(acceptor) => acceptor.accept(&self.shared),
            None => panic!("the strands have no listener: call `listen` of their builder"),
        }
    }

    /// Asks all strands to stop, this one too.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Whether the strands were asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.shared.is_stopping()
    }

    /// Waits until the strands are asked to stop. From then on it is over at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn stopping(&self) -> Stopping {
        self.shared.stopping()
    }
}

impl fmt::Debug for Strand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strand").field("index", &self.index).field("core", &self.core).finish_non_exhaustive()
    }
}

/// The future of [`Strand::stopping`] and [`Cores::stopping`](super::Cores::stopping).
#[must_use = "futures do nothing unless awaited"]
pub struct Stopping {
    closed: Pin<Box<Receiver<()>>>,
    location: &'static Location<'static>,
}

impl Stopping {
    fn new(signal: &Signal, location: &'static Location<'static>) -> Self {
        Self { closed: Box::pin(signal.receiver.clone()), location }
    }
}

impl Future for Stopping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let closed = self.closed.as_mut().poll_next(cx).map(|_nothing| ());
        if closed.is_pending() {
            waits_for(wait::CANCELLED, 0, self.location);
        }
        closed
    }
}

impl fmt::Debug for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopping").finish_non_exhaustive()
    }
}
