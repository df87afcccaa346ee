//! Halves of a stream that borrow it.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;

use super::read::{Peek, Read, ReadBuf, ReadExact, ReadVectored};
use super::stream::TcpStream;
use super::write::{Write, WriteAll, WriteVectored};
use crate::io::{Interest, Ready};
use crate::net::ready::Readiness;

/// The read half of a stream, made by [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a> {
    stream: &'a TcpStream,
}

/// The write half of a stream, made by [`TcpStream::split`].
///
/// Dropping it does not end the write side: the stream is only borrowed.
#[derive(Debug)]
pub struct WriteHalf<'a> {
    stream: &'a TcpStream,
}

impl<'a> ReadHalf<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self { stream }
    }
}

impl<'a> WriteHalf<'a> {
    pub(super) fn new(stream: &'a TcpStream) -> Self {
        Self { stream }
    }
}

/// The methods of a read half, over the field or method that gives its stream. Each is the stream's own.
macro_rules! read_half_methods {
    () => {
        /// As [`TcpStream::read`].
        #[track_caller]
        pub fn read<'b>(&'b self, buf: &'b mut [u8]) -> Read<'b> {
            self.stream.read(buf)
        }

        /// As [`TcpStream::read_buf`].
        #[track_caller]
        pub fn read_buf<'b>(&'b self, buf: &'b mut Vec<u8>) -> ReadBuf<'b> {
            self.stream.read_buf(buf)
        }

        /// As [`TcpStream::read_exact`].
        #[track_caller]
        pub fn read_exact<'b>(&'b self, buf: &'b mut [u8]) -> ReadExact<'b> {
            self.stream.read_exact(buf)
        }

        /// As [`TcpStream::read_vectored`].
        #[track_caller]
        pub fn read_vectored<'b, 'c>(&'b self, bufs: &'b mut [IoSliceMut<'c>]) -> ReadVectored<'b, 'c> {
            self.stream.read_vectored(bufs)
        }

        /// As [`TcpStream::peek`].
        #[track_caller]
        pub fn peek<'b>(&'b self, buf: &'b mut [u8]) -> Peek<'b> {
            self.stream.peek(buf)
        }

        /// As [`TcpStream::try_read`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
            self.stream.try_read(buf)
        }

        /// As [`TcpStream::try_read_buf`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn try_read_buf(&self, buf: &mut Vec<u8>) -> io::Result<usize> {
            self.stream.try_read_buf(buf)
        }

        /// As [`TcpStream::try_read_vectored`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
            self.stream.try_read_vectored(bufs)
        }

        /// As [`TcpStream::readable`].
        #[track_caller]
        pub fn readable(&self) -> Readiness<'_, ()> {
            self.stream.readable()
        }

        $crate::net::tcp::split::half_methods!();
    };
}

/// The methods of a write half.
macro_rules! write_half_methods {
    () => {
        /// As [`TcpStream::write`].
        #[track_caller]
        pub fn write<'b>(&'b self, buf: &'b [u8]) -> Write<'b> {
            self.stream.write(buf)
        }

        /// As [`TcpStream::write_all`].
        #[track_caller]
        pub fn write_all<'b>(&'b self, buf: &'b [u8]) -> WriteAll<'b> {
            self.stream.write_all(buf)
        }

        /// As [`TcpStream::write_vectored`].
        #[track_caller]
        pub fn write_vectored<'b, 'c>(&'b self, bufs: &'b [IoSlice<'c>]) -> WriteVectored<'b, 'c> {
            self.stream.write_vectored(bufs)
        }

        /// As [`TcpStream::try_write`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
            self.stream.try_write(buf)
        }

        /// As [`TcpStream::try_write_vectored`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
            self.stream.try_write_vectored(bufs)
        }

        /// As [`TcpStream::writable`].
        #[track_caller]
        pub fn writable(&self) -> Readiness<'_, ()> {
            self.stream.writable()
        }

        /// Ends the write side: the peer reads what was written, and then the end.
        ///
        /// # Errors
        ///
        /// As [`TcpStream::shutdown`].
        pub fn shutdown(&self) -> io::Result<()> {
            self.stream.shutdown(std::net::Shutdown::Write)
        }

        $crate::net::tcp::split::half_methods!();
    };
}

/// The methods of either half.
macro_rules! half_methods {
    () => {
        /// As [`TcpStream::ready`].
        #[track_caller]
        pub fn ready(&self, interest: Interest) -> Readiness<'_, Ready> {
            self.stream.ready(interest)
        }

        /// As [`TcpStream::local_addr`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn local_addr(&self) -> io::Result<SocketAddr> {
            self.stream.local_addr()
        }

        /// As [`TcpStream::peer_addr`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn peer_addr(&self) -> io::Result<SocketAddr> {
            self.stream.peer_addr()
        }
    };
}

pub(super) use {half_methods, read_half_methods, write_half_methods};

impl ReadHalf<'_> {
    read_half_methods!();
}

impl WriteHalf<'_> {
    write_half_methods!();
}

impl AsRef<TcpStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.stream
    }
}

impl AsRef<TcpStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.stream
    }
}
