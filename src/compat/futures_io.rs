//! `AsyncRead` and `AsyncWrite` of the `futures-io` crate.
//!
//! A poll leaves its waker until the next event, so a future that is dropped half-way may have its task woken once for
//! nothing. Closing ends the write side. A pipe has no sides: its end comes when the sender is dropped.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::net::stream::{read, shutdown, write};
use crate::net::unix::pipe::{Receiver, Sender};
use crate::net::{Connection, OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpStream, UnixStream, WriteHalf};

macro_rules! impl_async_read {
    ($([$($generics:tt)*] $Type:ty;)*) => {$(
        impl<$($generics)*> AsyncRead for $Type {
            #[track_caller]
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
                read::poll_read(self.stream(), cx, buf, Location::caller())
            }

            #[track_caller]
            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                read::poll_read_vectored(self.stream(), cx, bufs, Location::caller())
            }
        }
    )*};
}

impl_async_read! {
    [] TcpStream;
    [] &TcpStream;
    [] UnixStream;
    [] &UnixStream;
    [S: Connection] ReadHalf<'_, S>;
    [S: Connection] OwnedReadHalf<S>;
    [] Receiver;
    [] &Receiver;
}

macro_rules! impl_async_write {
    ($([$($generics:tt)*] $Type:ty, closed by $close:ident;)*) => {$(
        impl<$($generics)*> AsyncWrite for $Type {
            #[track_caller]
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                write::poll_write(self.stream(), cx, buf, Location::caller())
            }

            #[track_caller]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                write::poll_write_vectored(self.stream(), cx, bufs, Location::caller())
            }

            /// What was written is with the system already.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready($close(self.stream()))
            }
        }
    )*};
}

impl_async_write! {
    [] TcpStream, closed by end_write_side;
    [] &TcpStream, closed by end_write_side;
    [] UnixStream, closed by end_write_side;
    [] &UnixStream, closed by end_write_side;
    [S: Connection] WriteHalf<'_, S>, closed by end_write_side;
    [S: Connection] OwnedWriteHalf<S>, closed by end_write_side;
    [] Sender, closed by leave_open;
    [] &Sender, closed by leave_open;
}

fn end_write_side(stream: &impl Connection) -> io::Result<()> {
    shutdown(stream, Shutdown::Write)
}

fn leave_open(_: &Sender) -> io::Result<()> {
    Ok(())
}
