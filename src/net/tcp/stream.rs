//! A TCP connection.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::task::{Context, Poll};

use hanol_reactor::Direction;

use super::async_io::AsyncIo;
use super::connect::Connect;
use super::read::{self, Peek, Read, ReadBuf, ReadExact, ReadVectored};
use super::split::{ReadHalf, WriteHalf};
use super::split_owned::{self, OwnedReadHalf, OwnedWriteHalf};
use super::write::{self, Write, WriteAll, WriteVectored};
use crate::io::{Interest, Ready};
use crate::net::ToSocketAddrs;
use crate::net::ready::Readiness;
use crate::net::socket::{Progress, Socket};
use crate::net::waiter::Waiter;
use crate::wait;

/// A TCP connection.
///
/// All methods take `&self`, so that one task may read while another writes, through a shared reference or an `Rc`; halves
/// exist as well. Dropping the stream closes the connection.
///
/// Reads and writes try their system call at once. A stream that finds its data there, or room for it, is never registered
/// with the selector.
///
/// ```
/// # use hanol::net::{TcpListener, TcpStream};
/// # hanol::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// let (server, _) = listener.accept().await?;
///
/// client.write_all(b"hello").await?;
/// let mut buf = [0; 5];
/// server.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"hello");
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
pub struct TcpStream {
    socket: Socket<std::net::TcpStream>,
}

/// # Connecting and closing
impl TcpStream {
    /// Connects to an address; if it stands for several, to the first that answers, tried one after the other.
    ///
    /// A connection from a port to itself, which the system makes when the address is an unused port of this machine and
    /// happens to be chosen for the client, is reported as success, as `std` does.
    ///
    /// # Errors
    ///
    /// The last address's: [`ConnectionRefused`](io::ErrorKind::ConnectionRefused),
    /// [`NetworkUnreachable`](io::ErrorKind::NetworkUnreachable), [`TimedOut`](io::ErrorKind::TimedOut); or the failure to
    /// look up a name.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the attempt and closes its socket.
    #[track_caller]
    pub fn connect(addr: impl ToSocketAddrs) -> Connect {
        Connect::new(addr, Location::caller())
    }

    /// Ends one side of the connection, or both. Ending a side that has ended is no error.
    ///
    /// Ending the write side sends what was written, and then the end.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        match self.socket.source().shutdown(how) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }

    /// Splits the stream into halves that borrow it.
    pub fn split(&self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf::new(self), WriteHalf::new(self))
    }

    /// Splits the stream into halves that share it. Dropping the write half ends the write side.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split_owned::split(self)
    }

    /// Takes over a stream of the standard library. It is made non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be made non-blocking.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { socket: Socket::from_foreign(stream) })
    }

    /// Gives the stream to the standard library. It is still non-blocking.
    ///
    /// # Errors
    ///
    /// When it cannot be taken out of the selector; it is closed then.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.socket.into_source()
    }
}

/// # Reading
impl TcpStream {
    /// Reads what there is, up to the size of the buffer, and waits if there is nothing. Gives the number of bytes; 0 means
    /// that the peer has ended its side, or that the buffer is empty.
    ///
    /// # Errors
    ///
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) and what else the connection has met, once.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, no data was read.
    #[track_caller]
    pub fn read<'a>(&'a self, buf: &'a mut [u8]) -> Read<'a> {
        Read::new(self, buf, Location::caller())
    }

    /// Reads until the buffer is full, and gives its size.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) when the peer ends its side before; the buffer then holds what came.
    /// Otherwise as [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: bytes that were read are in the buffer, but how many is lost with the future.
    #[track_caller]
    pub fn read_exact<'a>(&'a self, buf: &'a mut [u8]) -> ReadExact<'a> {
        ReadExact::new(self, buf, Location::caller())
    }

    /// As [`read`](Self::read), appended to a vector: as much as it has room for. One that is full gets more room first.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, no data was read.
    #[track_caller]
    pub fn read_buf<'a>(&'a self, buf: &'a mut Vec<u8>) -> ReadBuf<'a> {
        ReadBuf::new(self, buf, Location::caller())
    }

    /// As [`read`](Self::read), into several buffers, each filled before the next.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, no data was read.
    #[track_caller]
    pub fn read_vectored<'a, 'b>(&'a self, bufs: &'a mut [IoSliceMut<'b>]) -> ReadVectored<'a, 'b> {
        ReadVectored::new(self, bufs, Location::caller())
    }

    /// As [`read`](Self::read), but leaves the data where it is: the next read gives it again.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn peek<'a>(&'a self, buf: &'a mut [u8]) -> Peek<'a> {
        Peek::new(self, buf, Location::caller())
    }

    /// Reads what there is, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.socket.try_io(Direction::Read, |stream| read::read(stream, buf))
    }

    /// Appends what there is to a vector, as [`read_buf`](Self::read_buf) does, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
    pub fn try_read_buf(&self, buf: &mut Vec<u8>) -> io::Result<usize> {
        read::make_room(buf);
        self.socket.try_io(Direction::Read, |stream| read::read_buf(stream, buf))
    }

    /// Reads what there is into several buffers, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.socket.try_io(Direction::Read, |stream| read::read_vectored(stream, bufs))
    }

    /// Polls for a [`peek`](Self::peek). The waker stays registered until the next event; several tasks may poll, and each
    /// event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    #[track_caller]
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let mut waiter = Waiter::new(wait::PEEK, Location::caller());
        self.socket.poll_io_anonymously(cx, &mut waiter, Direction::Read, |stream| read::peek(stream, buf))
    }
}

/// # Writing
impl TcpStream {
    /// Writes as much of the buffer as there is room for, and waits if there is none. Gives the number of bytes.
    ///
    /// # Errors
    ///
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe) or [`ConnectionReset`](io::ErrorKind::ConnectionReset) when the peer is
    /// gone. The process gets no `SIGPIPE`.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was written.
    #[track_caller]
    pub fn write<'a>(&'a self, buf: &'a [u8]) -> Write<'a> {
        Write::new(self, buf, Location::caller())
    }

    /// Writes the whole buffer.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](io::ErrorKind::WriteZero) when the system takes nothing. Otherwise as [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a part of the buffer may have been written, and how much is lost with the future.
    #[track_caller]
    pub fn write_all<'a>(&'a self, buf: &'a [u8]) -> WriteAll<'a> {
        WriteAll::new(self, buf, Location::caller())
    }

    /// As [`write`](Self::write), from several buffers, with one system call.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// # Panics
    ///
    /// When it has to wait outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, nothing was written.
    #[track_caller]
    pub fn write_vectored<'a, 'b>(&'a self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b> {
        WriteVectored::new(self, bufs, Location::caller())
    }

    /// Writes as much as there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`write`](Self::write).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.socket.try_io(Direction::Write, |stream| write::write(stream, buf))
    }

    /// Writes as much as there is room for from several buffers, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`write`](Self::write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.try_io(Direction::Write, |stream| write::write_vectored(stream, bufs))
    }
}

/// # Readiness
impl TcpStream {
    /// Waits until the system reports what is asked for, and says what of it. The operation that follows may still find
    /// that it would block; readiness is cleared then.
    ///
    /// # Errors
    ///
    /// When the stream cannot be registered, or belongs to another runtime.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> Readiness<'_, Ready> {
        self.ready_at(interest, Location::caller())
    }

    /// Waits until the system reports that there is something to read. See [`ready`](Self::ready).
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn readable(&self) -> Readiness<'_, ()> {
        Readiness::new(&self.socket, Interest::READABLE, |_| (), Location::caller())
    }

    /// Waits until the system reports that there is room to write. See [`ready`](Self::ready).
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn writable(&self) -> Readiness<'_, ()> {
        Readiness::new(&self.socket, Interest::WRITABLE, |_| (), Location::caller())
    }

    /// Polls until the system reports that there is something to read. The waker stays registered until the next event;
    /// several tasks may poll, and each event wakes all of them.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waiter = Waiter::new(wait::READINESS, Location::caller());
        self.socket.poll_direction_ready(cx, Direction::Read, &waiter)
    }

    /// Polls until the system reports that there is room to write. See [`poll_read_ready`](Self::poll_read_ready).
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waiter = Waiter::new(wait::READINESS, Location::caller());
        self.socket.poll_direction_ready(cx, Direction::Write, &waiter)
    }

    /// Calls `operation` unless it is known that it would block, and takes note if it does. `operation` must do one system
    /// call on this socket, of the kind that `interest` says; if `interest` says both, it is called when either may succeed.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when it would block. Otherwise what `operation` gives.
    pub fn try_io<R>(&self, interest: Interest, operation: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.socket.try_interest(interest, operation)
    }

    /// Calls `operation` until it does not block, and waits in between. `operation` must do one system call on this socket,
    /// of the kind that `interest` says.
    ///
    /// # Errors
    ///
    /// What `operation` gives, and those of [`ready`](Self::ready).
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if `operation` is: it is not called again once the future is dropped.
    #[track_caller]
    pub fn async_io<R, F>(&self, interest: Interest, operation: F) -> AsyncIo<'_, F>
    where
        F: FnMut() -> io::Result<R>,
    {
        AsyncIo::new(self, interest, operation, Location::caller())
    }
}

impl TcpStream {
    pub(super) fn source(&self) -> &std::net::TcpStream {
        self.socket.source()
    }

    pub(super) fn ready_at(&self, interest: Interest, location: &'static Location<'static>) -> Readiness<'_, Ready> {
        Readiness::new(&self.socket, interest, |ready| ready, location)
    }

    pub(super) fn from_socket(socket: Socket<std::net::TcpStream>) -> Self {
        Self { socket }
    }

    /// Polls an operation that does one system call.
    #[inline]
    pub(super) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        waiter: &mut Waiter,
        direction: Direction,
        operation: impl FnMut(&std::net::TcpStream) -> io::Result<Progress<R>>,
    ) -> Poll<io::Result<R>> {
        self.socket.poll_io(cx, waiter, direction, operation)
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    fn try_from(stream: std::net::TcpStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsFd for TcpStream {
    /// Lends the descriptor out. From then on closing the stream costs one more system call.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.lend()
    }
}

impl AsRawFd for TcpStream {
    /// Lends the descriptor out. From then on closing the stream costs one more system call.
    fn as_raw_fd(&self) -> RawFd {
        self.socket.lend().as_raw_fd()
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.source().fmt(f)
    }
}
