//! Halves of a stream that share it.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::sync::Arc;

use super::methods::{peek_methods, read_methods, write_methods};
use super::split::{read_half_methods, write_half_methods};
use super::transfer::ConnectedSocket;
use super::{ByteStream, shutdown};
use crate::net::TcpStream;
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;

/// The read half of a stream, made by `into_split`, such as [`TcpStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf<S = TcpStream> {
    stream: Arc<S>,
}

/// The write half of a stream, made by `into_split`, such as [`TcpStream::into_split`].
///
/// Dropping it ends the write side: the peer reads what was written, and then the end.
#[derive(Debug)]
pub struct OwnedWriteHalf<S: ByteStream<Source: ConnectedSocket> = TcpStream> {
    stream: Arc<S>,
    shutdown_on_drop: bool,
}

pub(crate) fn split<S: ByteStream<Source: ConnectedSocket>>(stream: S) -> (OwnedReadHalf<S>, OwnedWriteHalf<S>) {
    let stream = Arc::new(stream);
    (OwnedReadHalf { stream: Arc::clone(&stream) }, OwnedWriteHalf { stream, shutdown_on_drop: true })
}

fn reunite<S: ByteStream<Source: ConnectedSocket>>(
    read: OwnedReadHalf<S>,
    write: OwnedWriteHalf<S>,
) -> Result<S, ReuniteError<S>> {
    if !Arc::ptr_eq(&read.stream, &write.stream) {
        return Err(ReuniteError(read, write));
    }
    write.forget();
    Ok(Arc::into_inner(read.stream).expect("two halves share a stream, and one of them was dropped"))
}

impl<S: ByteStream<Source: ConnectedSocket>> OwnedReadHalf<S> {
    /// Joins the halves of one stream again.
    ///
    /// # Errors
    ///
    /// When they are halves of different streams; the error gives them back.
    pub fn reunite(self, write: OwnedWriteHalf<S>) -> Result<S, ReuniteError<S>> {
        reunite(self, write)
    }

    read_half_methods!();
}

impl<S: ByteStream<Source: ConnectedSocket>> OwnedWriteHalf<S> {
    /// Joins the halves of one stream again.
    ///
    /// # Errors
    ///
    /// When they are halves of different streams; the error gives them back.
    pub fn reunite(self, read: OwnedReadHalf<S>) -> Result<S, ReuniteError<S>> {
        reunite(read, self)
    }

    /// Drops the half without ending the write side, which then ends with the stream.
    pub fn forget(mut self) {
        self.shutdown_on_drop = false;
    }

    write_half_methods!();
}

impl<S: ByteStream<Source: ConnectedSocket>> Drop for OwnedWriteHalf<S> {
    fn drop(&mut self) {
        if self.shutdown_on_drop {
            // A connection that is lost has ended already.
            let _ = shutdown(&*self.stream, Shutdown::Write);
        }
    }
}

impl<S> AsRef<S> for OwnedReadHalf<S> {
    fn as_ref(&self) -> &S {
        &self.stream
    }
}

impl<S: ByteStream<Source: ConnectedSocket>> AsRef<S> for OwnedWriteHalf<S> {
    fn as_ref(&self) -> &S {
        &self.stream
    }
}

/// The halves are not of the same stream. Holds both.
#[derive(Debug)]
pub struct ReuniteError<S: ByteStream<Source: ConnectedSocket> = TcpStream>(
    pub OwnedReadHalf<S>,
    pub OwnedWriteHalf<S>,
);

impl<S: ByteStream<Source: ConnectedSocket>> fmt::Display for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tried to reunite halves that are not from the same stream")
    }
}

impl<S: ByteStream<Source: ConnectedSocket> + fmt::Debug> std::error::Error for ReuniteError<S> {}
