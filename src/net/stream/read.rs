//! The reading operations of a stream.

use std::io::{self, IoSliceMut};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use super::ByteStream;
use super::transfer::{ConnectedSocket, ReadBytes, make_room, of_one_call, peek};
use crate::net::TcpStream;
use crate::net::waiter::Waiter;
use crate::wait;

/// The future of `read` of a stream, such as [`TcpStream::read`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Read<'a, S = TcpStream> {
    stream: &'a S,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl<'a, S> Read<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::READ, location) }
    }
}

impl<S: ByteStream<Source: ReadBytes>> Future for Read<'_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Read, |source| source.read(this.buf))
    }
}

/// The future of `read_buf` of a stream, such as [`TcpStream::read_buf`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadBuf<'a, S = TcpStream> {
    stream: &'a S,
    buf: &'a mut Vec<u8>,
    waiter: Waiter,
}

impl<'a, S> ReadBuf<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a mut Vec<u8>, location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::READ, location) }
    }
}

impl<S: ByteStream<Source: ReadBytes>> Future for ReadBuf<'_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        make_room(this.buf);
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Read, |source| source.read_spare(this.buf))
    }
}

/// The future of `read_exact` of a stream, such as [`TcpStream::read_exact`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadExact<'a, S = TcpStream> {
    stream: &'a S,
    buf: &'a mut [u8],
    filled: usize,
    waiter: Waiter,
}

impl<'a, S> ReadExact<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, filled: 0, waiter: Waiter::new(wait::READ, location) }
    }
}

impl<S: ByteStream<Source: ReadBytes>> Future for ReadExact<'_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while this.filled < this.buf.len() {
            let rest = &mut this.buf[this.filled..];
            let count = ready!(
                this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Read, |source| source.read(rest))
            )?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            this.filled += count;
        }
        Poll::Ready(Ok(this.filled))
    }
}

/// The future of `read_vectored` of a stream, such as [`TcpStream::read_vectored`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadVectored<'a, 'b, S = TcpStream> {
    stream: &'a S,
    bufs: &'a mut [IoSliceMut<'b>],
    waiter: Waiter,
}

impl<'a, 'b, S> ReadVectored<'a, 'b, S> {
    pub(crate) fn new(stream: &'a S, bufs: &'a mut [IoSliceMut<'b>], location: &'static Location<'static>) -> Self {
        Self { stream, bufs, waiter: Waiter::new(wait::READ, location) }
    }
}

impl<S: ByteStream<Source: ReadBytes>> Future for ReadVectored<'_, '_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let of_one_call = of_one_call(this.bufs);
        let bufs = &mut this.bufs[of_one_call];
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Read, |source| source.read_vectored(bufs))
    }
}

/// The future of `peek` of a stream, such as [`TcpStream::peek`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Peek<'a, S = TcpStream> {
    stream: &'a S,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl<'a, S> Peek<'a, S> {
    pub(crate) fn new(stream: &'a S, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::PEEK, location) }
    }
}

impl<S: ByteStream<Source: ConnectedSocket>> Future for Peek<'_, S> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.socket().poll_io(cx, &mut this.waiter, Direction::Read, |source| peek(source, this.buf))
    }
}

pub(crate) fn try_read(stream: &impl ByteStream<Source: ReadBytes>, buf: &mut [u8]) -> io::Result<usize> {
    if buf.is_empty() {
        return Ok(0);
    }
    stream.socket().try_io(Direction::Read, |source| source.read(buf))
}

pub(crate) fn try_read_buf(stream: &impl ByteStream<Source: ReadBytes>, buf: &mut Vec<u8>) -> io::Result<usize> {
    make_room(buf);
    stream.socket().try_io(Direction::Read, |source| source.read_spare(buf))
}

pub(crate) fn try_read_vectored(
    stream: &impl ByteStream<Source: ReadBytes>,
    bufs: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Ok(0);
    }
    let of_one_call = of_one_call(bufs);
    stream.socket().try_io(Direction::Read, |source| source.read_vectored(&mut bufs[of_one_call]))
}

/// Polls for a read. As with all that is polled by hand, the waker stays until the next event.
#[cfg(feature = "futures-io")]
pub(crate) fn poll_read(
    stream: &impl ByteStream<Source: ReadBytes>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
    location: &'static Location<'static>,
) -> Poll<io::Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    let mut waiter = Waiter::new(wait::READ, location);
    stream.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |source| source.read(buf))
}

#[cfg(feature = "futures-io")]
pub(crate) fn poll_read_vectored(
    stream: &impl ByteStream<Source: ReadBytes>,
    cx: &mut Context<'_>,
    bufs: &mut [IoSliceMut<'_>],
    location: &'static Location<'static>,
) -> Poll<io::Result<usize>> {
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Poll::Ready(Ok(0));
    }
    let of_one_call = of_one_call(bufs);
    let bufs = &mut bufs[of_one_call];
    let mut waiter = Waiter::new(wait::READ, location);
    stream.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |source| source.read_vectored(bufs))
}

pub(crate) fn poll_peek(
    stream: &impl ByteStream<Source: ConnectedSocket>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
    location: &'static Location<'static>,
) -> Poll<io::Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    let mut waiter = Waiter::new(wait::PEEK, location);
    stream.socket().poll_io_anonymously(cx, &mut waiter, Direction::Read, |source| peek(source, buf))
}
