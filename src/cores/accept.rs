//! Where the strands' connections come from.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use async_channel::{Receiver, Sender, TrySendError};

use super::strand::{Shared, Stopping};
use crate::net::{Accept as AcceptFuture, TcpListener, TcpSocket, TcpStream};
use crate::task::Builder;

/// How many connections may wait for a strand that is handed them. Beyond that they are handed to the next.
const HANDED: usize = 128;

/// As the standard library does, but larger: the system cuts it to its own limit, `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Who accepts the connections.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Accept {
    /// Each strand for itself, with a listener of its own on the same port (`SO_REUSEPORT`).
    #[default]
    ReusePort,
    /// The first strand for all: it hands the connections over in turn.
    OneStrand,
}

/// An accepted connection, which no runtime knows yet, and its peer.
type Accepted = (TcpStream, SocketAddr);

/// What one strand accepts from. A listener belongs to no runtime until it waits, so it is made before the threads are.
#[derive(Debug)]
pub(super) enum Source {
    Listener(TcpListener),
    Dealer(TcpListener, Vec<Sender<Accepted>>, Receiver<Accepted>),
    Hand(Receiver<Accepted>),
}

/// The same on the strand's own thread.
#[derive(Debug)]
pub(super) enum Acceptor {
    /// `None` once all are asked to stop: then the port is closed, so that nobody connects to a strand that no longer
    /// accepts. What is being accepted meanwhile keeps it open.
    Listener(RefCell<Option<Rc<TcpListener>>>),
    Hand(Receiver<Accepted>),
}

/// Listens at the first of the addresses that can be had, once or once for each strand.
pub(super) fn listen(addrs: &[SocketAddr], accept: Accept, strands: usize) -> io::Result<(SocketAddr, Vec<Source>)> {
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "there is no address to listen at");
    for &addr in addrs {
        match listen_at(addr, accept, strands) {
            Ok(listening) => return Ok(listening),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen_at(addr: SocketAddr, accept: Accept, strands: usize) -> io::Result<(SocketAddr, Vec<Source>)> {
    let first = bind(addr, accept)?;
    // The first has chosen a port, if there was a choice.
    let addr = first.local_addr()?;
    let mut sources = Vec::with_capacity(strands);
    match accept {
        Accept::ReusePort => {
            sources.push(Source::Listener(first));
            for _ in 1..strands {
                sources.push(Source::Listener(bind(addr, accept)?));
            }
        }
        Accept::OneStrand => {
            let (senders, receivers): (Vec<_>, Vec<_>) = (0..strands).map(|_| async_channel::bounded(HANDED)).unzip();
            let mut receivers = receivers.into_iter();
            let own = receivers.next().expect("there is at least one strand");
            sources.push(Source::Dealer(first, senders, own));
            sources.extend(receivers.map(Source::Hand));
        }
    }
    Ok((addr, sources))
}

fn bind(addr: SocketAddr, accept: Accept) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    if accept == Accept::ReusePort {
        socket.set_reuseport(true)?;
    }
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

impl Source {
    /// Makes it usable on the strand whose thread this is, which a dealer deals from. The port is closed when all are asked
    /// to stop.
    pub(super) fn open(self, shared: &Shared) -> Rc<Acceptor> {
        let stopping = shared.stopping();
        match self {
            Source::Listener(listener) => {
                let acceptor = Rc::new(Acceptor::Listener(RefCell::new(Some(Rc::new(listener)))));
                let closed = Rc::downgrade(&acceptor);
                drop(Builder::new().name("closer of the port").spawn(async move {
                    stopping.await;
                    if let Some(Acceptor::Listener(listener)) = closed.upgrade().as_deref() {
                        drop(listener.take());
                    }
                }));
                acceptor
            }
            Source::Hand(hand) => Rc::new(Acceptor::Hand(hand)),
            Source::Dealer(listener, hands, own) => {
                drop(Builder::new().name("dealer of connections").spawn(deal_until(stopping, listener, hands)));
                Rc::new(Acceptor::Hand(own))
            }
        }
    }
}

impl Acceptor {
    #[track_caller]
    pub(super) fn accept<'a>(&'a self, shared: &'a Shared) -> impl Future<Output = io::Result<Accepted>> + use<'a> {
        let location = Location::caller();
        async move {
            match self {
                Acceptor::Listener(listener) => {
                    let listener = listener.borrow().clone();
                    match listener {
                        Some(listener) => AcceptFuture::new(&*listener, location).await,
                        None => pending().await,
                    }
                }
                Acceptor::Hand(hand) => match hand.recv().await {
                    Ok(accepted) => Ok(accepted),
                    // It stops as all do, and this strand is about to hear of it.
                    Err(_) if shared.is_stopping() => pending().await,
                    Err(_) => {
                        let gone = "the strand that accepts for all has ended";
                        Err(io::Error::new(io::ErrorKind::NotConnected, gone))
                    }
                },
            }
        }
    }
}

/// Deals until all are asked to stop. The port is closed with the listener.
async fn deal_until(stopping: Stopping, listener: TcpListener, hands: Vec<Sender<Accepted>>) {
    let (mut stopping, mut dealing) = (pin!(stopping), pin!(deal(listener, hands)));
    // That the listener is broken is for the other strands to find: their hands are closed.
    poll_fn(|cx| match dealing.as_mut().poll(cx) {
        Poll::Ready(_) => Poll::Ready(()),
        Poll::Pending => stopping.as_mut().poll(cx),
    })
    .await;
}

/// Accepts for all strands, and hands over in turn. A strand whose hand is full is passed over; if all are, the one whose
/// turn it is is waited for, and connections wait in the backlog.
async fn deal(listener: TcpListener, mut hands: Vec<Sender<Accepted>>) -> io::Result<()> {
    let mut turn = 0;
    while !hands.is_empty() {
        let mut accepted = listener.accept().await?;
        let mut full = 0;
        while !hands.is_empty() {
            turn %= hands.len();
            if full == hands.len() {
                // A strand that ends while it is waited for gives the connection back.
                match hands[turn].send(accepted).await {
                    Ok(()) => break,
                    Err(returned) => {
                        accepted = returned.into_inner();
                        hands.swap_remove(turn);
                        full = 0;
                        continue;
                    }
                }
            }
            match hands[turn].try_send(accepted) {
                Ok(()) => break,
                Err(TrySendError::Full(returned)) => {
                    accepted = returned;
                    full += 1;
                    turn += 1;
                }
                Err(TrySendError::Closed(returned)) => {
                    accepted = returned;
                    hands.swap_remove(turn);
                }
            }
        }
        turn += 1;
    }
    Ok(())
}

/// Looks addresses up, in the way of the standard library. This blocks.
pub(super) fn resolve(addr: impl ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
    Ok(addr.to_socket_addrs()?.collect())
}
