//! Halves of a stream that borrow it.

use std::io;
use std::net::Shutdown;

use super::methods::{peek_methods, read_methods, write_methods};
use super::transfer::ConnectedSocket;
use super::{ByteStream, shutdown};
use crate::net::TcpStream;
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;

/// The read half of a stream, made by `split`, such as [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a, S = TcpStream> {
    stream: &'a S,
}

/// The write half of a stream, made by `split`, such as [`TcpStream::split`].
///
/// Dropping it does not end the write side: the stream is only borrowed.
#[derive(Debug)]
pub struct WriteHalf<'a, S = TcpStream> {
    stream: &'a S,
}

pub(crate) fn split<S>(stream: &S) -> (ReadHalf<'_, S>, WriteHalf<'_, S>) {
    (ReadHalf { stream }, WriteHalf { stream })
}

/// The methods of a read half, which has its stream in a field.
macro_rules! read_half_methods {
    () => {
        read_methods!(S);
        peek_methods!(S);
        readable_methods!(poll_read_ready);
        $crate::net::stream::split::half_methods!();
    };
}

/// The methods of a write half.
macro_rules! write_half_methods {
    () => {
        write_methods!(S);
        writable_methods!(poll_write_ready);
        $crate::net::stream::split::half_methods!();

        /// Ends the write side: the peer reads what was written, and then the end. Ending it twice is no error.
        ///
        /// # Errors
        ///
        /// When the system refuses.
        pub fn shutdown(&self) -> io::Result<()> {
            shutdown(self.stream(), Shutdown::Write)
        }
    };
}

/// The methods of either half.
macro_rules! half_methods {
    () => {
        readiness_methods!();

        /// The address of this end.
        ///
        /// # Errors
        ///
        /// When the system cannot tell.
        pub fn local_addr(&self) -> io::Result<<S::Source as ConnectedSocket>::Addr> {
            self.socket().source().local_addr()
        }

        /// The address of the other end.
        ///
        /// # Errors
        ///
        /// [`NotConnected`](io::ErrorKind::NotConnected) when the connection is lost.
        pub fn peer_addr(&self) -> io::Result<<S::Source as ConnectedSocket>::Addr> {
            self.socket().source().peer_addr()
        }

        pub(crate) fn stream(&self) -> &S {
            &self.stream
        }

        fn socket(&self) -> &Socket<S::Source> {
            self.stream.socket()
        }
    };
}

pub(super) use {half_methods, read_half_methods, write_half_methods};

impl<S: ByteStream<Source: ConnectedSocket>> ReadHalf<'_, S> {
    read_half_methods!();
}

impl<S: ByteStream<Source: ConnectedSocket>> WriteHalf<'_, S> {
    write_half_methods!();
}

impl<S> AsRef<S> for ReadHalf<'_, S> {
    fn as_ref(&self) -> &S {
        self.stream
    }
}

impl<S> AsRef<S> for WriteHalf<'_, S> {
    fn as_ref(&self) -> &S {
        self.stream
    }
}
