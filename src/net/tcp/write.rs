//! The writing operations of a stream.

use std::io::{self, IoSlice, Write as _};
use std::net;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

use super::read::of_one_call;
use super::stream::TcpStream;
use crate::net::socket::Progress;
use crate::net::waiter::Waiter;
use crate::wait;

/// `write` of the standard library sends with `MSG_NOSIGNAL`.
pub(super) fn write(mut stream: &net::TcpStream, buf: &[u8]) -> io::Result<Progress<usize>> {
    let count = stream.write(buf)?;
    Ok(Progress::of_stream(count, buf.len()))
}

/// `write_vectored` of the standard library is `writev`, which knows no `MSG_NOSIGNAL`: the process would get a `SIGPIPE`
/// if it had the signal's default action restored.
pub(super) fn write_vectored(stream: &net::TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>> {
    let bufs = &bufs[of_one_call(bufs)];
    let count = sendmsg(stream, bufs, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL)?;
    Ok(Progress::of_stream(count, bufs.iter().map(|buf| buf.len()).sum()))
}

/// The future of [`TcpStream::write`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Write<'a> {
    stream: &'a TcpStream,
    buf: &'a [u8],
    waiter: Waiter,
}

impl<'a> Write<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a [u8], location: &'static Location<'static>) -> Self {
        Self { stream, buf, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl Future for Write<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.stream.poll_io(cx, &mut this.waiter, Direction::Write, |stream| write(stream, this.buf))
    }
}

/// The future of [`TcpStream::write_all`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteAll<'a> {
    stream: &'a TcpStream,
    rest: &'a [u8],
    waiter: Waiter,
}

impl<'a> WriteAll<'a> {
    pub(super) fn new(stream: &'a TcpStream, buf: &'a [u8], location: &'static Location<'static>) -> Self {
        Self { stream, rest: buf, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl Future for WriteAll<'_> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while !this.rest.is_empty() {
            let rest = this.rest;
            let count =
                ready!(this.stream.poll_io(cx, &mut this.waiter, Direction::Write, |stream| write(stream, rest)))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.rest = &rest[count..];
        }
        Poll::Ready(Ok(()))
    }
}

/// The future of [`TcpStream::write_vectored`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteVectored<'a, 'b> {
    stream: &'a TcpStream,
    bufs: &'a [IoSlice<'b>],
    waiter: Waiter,
}

impl<'a, 'b> WriteVectored<'a, 'b> {
    pub(super) fn new(stream: &'a TcpStream, bufs: &'a [IoSlice<'b>], location: &'static Location<'static>) -> Self {
        Self { stream, bufs, waiter: Waiter::new(wait::WRITE, location) }
    }
}

impl Future for WriteVectored<'_, '_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        this.stream.poll_io(cx, &mut this.waiter, Direction::Write, |stream| write_vectored(stream, this.bufs))
    }
}
