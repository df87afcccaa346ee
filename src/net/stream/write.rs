//! The writing operations of a stream.

use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use super::ByteStream;
use super::transfer::{WriteBytes, of_one_call};
use crate::net::TcpStream;
use crate::net::waiter::Waiter;
use crate::wait;

/// The future of `write` of a stream, such as [`TcpStream::write`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Write<'a, S = TcpStream> {
    stream: &'a S,
    buf: &'a [u8],
    waiter: Waiter,
}

impl<'a, S> Write<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl<S: ByteStream<Source: WriteBytes>> Future for Write<'_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Write, |source| source.write(this.buf))
    }
}

/// The future of `write_all` of a stream, such as [`TcpStream::write_all`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteAll<'a, S = TcpStream> {
    stream: &'a S,
    rest: &'a [u8],
    waiter: Waiter,
}

impl<'a, S> WriteAll<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a [u8], location: &'static Location<'static>) -> Self {
        Self { stream, rest: buf, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl<S: ByteStream<Source: WriteBytes>> Future for WriteAll<'_, S> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while !this.rest.is_empty() {
            let rest = this.rest;
            let count = ready!(
                this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Write, |source| source.write(rest))
            )?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.rest = &rest[count..];
        }
        Poll::Ready(Ok(()))
    }
}

/// The future of `write_vectored` of a stream, such as [`TcpStream::write_vectored`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteVectored<'a, 'b, S = TcpStream> {
    stream: &'a S,
    bufs: &'a [IoSlice<'b>],
    waiter: Waiter,
}

impl<'a, 'b, S> WriteVectored<'a, 'b, S> {
    pub(crate) fn new(stream: &'a S, bufs: &'a [IoSlice<'b>], location: &'static Location<'static>) -> Self {
        Self { stream, bufs, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl<S: ByteStream<Source: WriteBytes>> Future for WriteVectored<'_, '_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let bufs = &this.bufs[of_one_call(this.bufs)];
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Write, |source| source.write_vectored(bufs))
    }
}

pub(crate) fn try_write(stream: &impl ByteStream<Source: WriteBytes>, buf: &[u8]) -> io::Result<usize> {
    if buf.is_empty() {
        return Ok(0);
    }
    stream.socket().try_io(Direction::Write, |source| source.write(buf))
}

pub(crate) fn try_write_vectored(
    stream: &impl ByteStream<Source: WriteBytes>,
    bufs: &[IoSlice<'_>],
) -> io::Result<usize> {
    stream.socket().try_io(Direction::Write, |source| source.write_vectored(&bufs[of_one_call(bufs)]))
}

/// Polls for a write. As with all that is polled by hand, the waker stays until the next event.
#[cfg(feature = "futures-io")]
pub(crate) fn poll_write(
    stream: &impl ByteStream<Source: WriteBytes>,
    cx: &mut Context<'_>,
    buf: &[u8],
    location: &'static Location<'static>,
) -> Poll<io::Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    let mut waiter = Waiter::new(wait::WRITE, location);
    stream.socket().poll_io_anonymously(cx, &mut waiter, Direction::Write, |source| source.write(buf))
}

#[cfg(feature = "futures-io")]
pub(crate) fn poll_write_vectored(
    stream: &impl ByteStream<Source: WriteBytes>,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
    location: &'static Location<'static>,
) -> Poll<io::Result<usize>> {
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Poll::Ready(Ok(0));
    }
    let bufs = &bufs[of_one_call(bufs)];
    let mut waiter = Waiter::new(wait::WRITE, location);
    stream.socket().poll_io_anonymously(cx, &mut waiter, Direction::Write, |source| source.write_vectored(bufs))
}
