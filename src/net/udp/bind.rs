//! Binding a socket, and connecting it: neither waits for more than the addresses of a name.

use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::socket::{UdpInside, UdpSocket};
use crate::net::ToSocketAddrs;
use crate::net::addr::Resolve;

/// The future of [`UdpSocket::bind`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Bind {
    resolve: Resolve,
}

impl Bind {
    pub(super) fn new(addr: impl ToSocketAddrs, location: &'static Location<'static>) -> Self {
        Self { resolve: Resolve::new(addr, location) }
    }
}

impl Future for Bind {
    type Output = io::Result<UdpSocket>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut last = None;
        for addr in ready!(self.resolve.poll_operation(cx))? {
            match UdpSocket::bind_to(addr) {
                Ok(socket) => return Poll::Ready(Ok(socket)),
                Err(error) => last = Some(error),
            }
        }
        Poll::Ready(Err(last.unwrap_or_else(|| io::ErrorKind::InvalidInput.into())))
    }
}

/// The future of [`UdpSocket::connect`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Connect<'a> {
    socket: &'a UdpInside,
    resolve: Resolve,
}

impl<'a> Connect<'a> {
    pub(super) fn new(socket: &'a UdpInside, addr: impl ToSocketAddrs, location: &'static Location<'static>) -> Self {
        Self { socket, resolve: Resolve::new(addr, location) }
    }
}

impl Future for Connect<'_> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut last = None;
        for addr in ready!(self.resolve.poll_operation(cx))? {
            match self.socket.source().connect(addr) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(error) => last = Some(error),
            }
        }
        Poll::Ready(Err(last.unwrap_or_else(|| io::ErrorKind::InvalidInput.into())))
    }
}
