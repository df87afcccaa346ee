//! The reading operations of a stream.

use std::io::{self, IoSliceMut, Read as _};
use std::net;
use std::ops::{Deref, Range};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;
use rustix::buffer::spare_capacity;
use rustix::net::RecvFlags;

use super::stream::TcpStream;
use crate::net::socket::Progress;
use crate::net::waiter::Waiter;
use crate::wait;

/// How many buffers one system call takes (`IOV_MAX`). The others are not asked for, so that a call that has filled these
/// does not count as short.
const MAX_BUFS: usize = 1024;

/// How much room is made in a vector that is full, in bytes.
const MIN_ROOM: usize = 64;

/// The buffers for one system call. Those in front that are empty are left out: they could take all the places, and then
/// nothing read would look like the end.
pub(super) fn of_one_call(bufs: &[impl Deref<Target = [u8]>]) -> Range<usize> {
    let first = bufs.iter().position(|buf| !buf.is_empty()).unwrap_or(0);
    first..bufs.len().min(first + MAX_BUFS)
}

pub(super) fn read(mut stream: &net::TcpStream, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    let count = stream.read(buf)?;
    Ok(Progress::of_stream(count, buf.len()))
}

pub(super) fn read_vectored(mut stream: &net::TcpStream, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Progress<usize>> {
    let of_one_call = of_one_call(bufs);
    let bufs = &mut bufs[of_one_call];
    let count = stream.read_vectored(bufs)?;
    Ok(Progress::of_stream(count, bufs.iter().map(|buf| buf.len()).sum()))
}

/// Reads into the spare capacity of a vector, which there must be. Nothing is zeroed first.
pub(super) fn read_buf(stream: &net::TcpStream, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
    let spare = buf.capacity() - buf.len();
    let (count, _) = rustix::net::recv(stream, spare_capacity(buf), RecvFlags::empty())?;
    Ok(Progress::of_stream(count, spare))
}

/// Makes room in a vector that is full, as `Vec` does when it grows.
pub(super) fn make_room(buf: &mut Vec<u8>) {
    if buf.len() == buf.capacity() {
        buf.reserve(MIN_ROOM);
    }
}

/// A peek drains nothing.
pub(super) fn peek(stream: &net::TcpStream, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    stream.peek(buf).map(Progress::More)
}

/// The future of [`TcpStream::read`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Read<'a> {
    stream: &'a TcpStream,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl<'a> Read<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::READ, location) }
    }
}

impl Future for Read<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.poll_io(cx, &mut this.waiter, Direction::Read, |stream| read(stream, this.buf))
    }
}

/// The future of [`TcpStream::read_buf`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadBuf<'a> {
    stream: &'a TcpStream,
    buf: &'a mut Vec<u8>,
    waiter: Waiter,
}

impl<'a> ReadBuf<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a mut Vec<u8>, location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::READ, location) }
    }
}

impl Future for ReadBuf<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        make_room(this.buf);
        this.stream.poll_io(cx, &mut this.waiter, Direction::Read, |stream| read_buf(stream, this.buf))
    }
}

/// The future of [`TcpStream::read_exact`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadExact<'a> {
    stream: &'a TcpStream,
    buf: &'a mut [u8],
    filled: usize,
    waiter: Waiter,
}

impl<'a> ReadExact<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, filled: 0, waiter: Waiter::new(wait::READ, location) }
    }
}

impl Future for ReadExact<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while this.filled < this.buf.len() {
            let rest = &mut this.buf[this.filled..];
            let count =
                ready!(this.stream.poll_io(cx, &mut this.waiter, Direction::Read, |stream| read(stream, rest)))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            this.filled += count;
        }
        Poll::Ready(Ok(this.filled))
    }
}

/// The future of [`TcpStream::read_vectored`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadVectored<'a, 'b> {
    stream: &'a TcpStream,
    bufs: &'a mut [IoSliceMut<'b>],
    waiter: Waiter,
}

impl<'a, 'b> ReadVectored<'a, 'b> {
    pub(super) fn new(
        stream: &'a TcpStream,
        bufs: &'a mut [IoSliceMut<'b>],
        location: &'static Location<'static>,
    ) -> Self {
        Self { stream, bufs, waiter: Waiter::new(wait::READ, location) }
    }
}

impl Future for ReadVectored<'_, '_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        this.stream.poll_io(cx, &mut this.waiter, Direction::Read, |stream| read_vectored(stream, this.bufs))
    }
}

/// The future of [`TcpStream::peek`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Peek<'a> {
    stream: &'a TcpStream,
    buf: &'a mut [u8],
    waiter: Waiter,
}

impl<'a> Peek<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a mut [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::PEEK, location) }
    }
}

impl Future for Peek<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.poll_io(cx, &mut this.waiter, Direction::Read, |stream| peek(stream, this.buf))
    }
}
