//! Streams of bytes: what a TCP stream, a Unix stream and the ends of a pipe have in common.
//!
//! The operations are futures over a [`ByteStream`], which has a socket inside; what the socket holds says by
//! [`ReadBytes`] and [`WriteBytes`] which system calls move its bytes. Every type has its methods from the macros in
//! `methods.rs`, so that they are its own: a user imports no trait.

pub(crate) mod methods;
pub(crate) mod read;
pub(crate) mod split;
pub(crate) mod split_owned;
pub(crate) mod transfer;
pub(crate) mod write;

use std::io;
use std::net::Shutdown;

use self::transfer::{ConnectedSocket, Transfer};
use super::socket::Socket;

/// A type with a socket inside that bytes go through. It is private, and so are its implementations.
pub trait ByteStream: Send + Sync + Sized {
    /// What the socket holds.
    type Source: Transfer;

    /// The socket.
    #[allow(private_interfaces, reason = "nobody else calls it")]
    fn socket(&self) -> &Socket<Self::Source>;
}

/// A stream that is one end of a connection: [`TcpStream`](super::TcpStream) or [`UnixStream`](super::UnixStream). Nobody
/// else can implement it.
pub trait Connection: ByteStream<Source: ConnectedSocket> {}

impl<S: ByteStream<Source: ConnectedSocket>> Connection for S {}

/// Ends one side of a connection, or both. Ending a side of a connection that is lost is no error.
pub(crate) fn shutdown(stream: &impl ByteStream<Source: ConnectedSocket>, how: Shutdown) -> io::Result<()> {
    match stream.socket().source().shutdown(how) {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
