//! The system calls that move bytes through a descriptor.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::ops::{Deref, Range};
use std::os::fd::AsFd;

use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};

use crate::net::socket::Progress;

/// How many buffers one system call takes (`IOV_MAX`). The others are not asked for, so that a call that has filled these
/// does not count as short.
const MAX_BUFS: usize = 1024;

/// How much room is made in a vector that is full, in bytes.
const MIN_ROOM: usize = 64;

/// A descriptor that bytes go through.
pub trait Transfer: AsFd + Send + Sync {}

impl<S: AsFd + Send + Sync> Transfer for S {}

/// A descriptor that can be read. Each operation is one system call, and says whether there may be more.
#[allow(private_interfaces, reason = "nobody else calls it")]
pub trait ReadBytes: Transfer {
    /// Reads into a buffer that is not empty.
    fn read(&self, buf: &mut [u8]) -> io::Result<Progress<usize>>;

    /// Reads into the spare capacity of a vector, which there must be. Nothing is zeroed first.
    fn read_spare(&self, buf: &mut Vec<u8>) -> io::Result<Progress<usize>>;

    /// Reads into several buffers, no more than one call takes.
    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Progress<usize>>;
}

/// A descriptor that can be written to. Each operation is one system call, and says whether there may be more room.
#[allow(private_interfaces, reason = "nobody else calls it")]
pub trait WriteBytes: Transfer {
    /// Writes a buffer that is not empty.
    fn write(&self, buf: &[u8]) -> io::Result<Progress<usize>>;

    /// Writes several buffers, no more than one call takes.
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>>;
}

/// A socket that is one end of a connection.
pub trait ConnectedSocket: ReadBytes + WriteBytes {
    /// What names an end.
    type Addr;

    /// Ends a side, as the system does it.
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;

    /// The name of this end.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// The name of the other end.
    fn peer_addr(&self) -> io::Result<Self::Addr>;
}

/// Reads from a socket without taking the data away. A peek drains nothing.
pub(crate) fn peek(socket: &impl ConnectedSocket, buf: &mut [u8]) -> io::Result<Progress<usize>> {
    let (count, _) = rustix::net::recv(socket, buf, RecvFlags::PEEK)?;
    Ok(Progress::More(count))
}

/// Sends several buffers. `writev` knows no `MSG_NOSIGNAL`: the process would get a `SIGPIPE` if it had the signal's default
/// action restored.
pub(crate) fn send_vectored(socket: &impl AsFd, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>> {
    let count = rustix::net::sendmsg(socket, bufs, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL)?;
    Ok(Progress::of_stream(count, bufs.iter().map(|buf| buf.len()).sum()))
}

/// The buffers for one system call. Those in front that are empty are left out: they could take all the places, and then
/// nothing read would look like the end.
pub(crate) fn of_one_call(bufs: &[impl Deref<Target = [u8]>]) -> Range<usize> {
    let first = bufs.iter().position(|buf| !buf.is_empty()).unwrap_or(0);
    first..bufs.len().min(first + MAX_BUFS)
}

/// Makes room in a vector that is full, as `Vec` does when it grows.
pub(crate) fn make_room(buf: &mut Vec<u8>) {
    if buf.len() == buf.capacity() {
        buf.reserve(MIN_ROOM);
    }
}
