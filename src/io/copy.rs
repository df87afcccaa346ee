//! Copying between two connections.

use std::fmt;
use std::io;
use std::net::Shutdown;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_reactor::Direction;

use crate::net::stream::shutdown;
use crate::net::stream::transfer::{ReadBytes, WriteBytes};
use crate::net::{Connection, Waiter};
use crate::wait;

/// How much is read at a time in each direction, in bytes. The figure is tokio's.
const BUFFER: usize = 8 * 1024;

/// Copies everything from one stream to another and back, until both sides have ended, and gives how many bytes went from
/// `a` to `b` and from `b` to `a`.
///
/// When one of them ends its side, the write side of the other is ended, and the other direction goes on: a half-closed
/// connection stays one through a proxy. In memory there are at most 8 KiB for each direction, so that a slow reader slows
/// down its writer.
///
/// ```no_run
/// # async fn serve() -> std::io::Result<()> {
/// use hanol::io::copy_bidirectional;
/// use hanol::net::{TcpListener, TcpStream, UnixStream};
///
/// let listener = TcpListener::bind("127.0.0.1:7000").await?;
/// loop {
///     let (client, _) = listener.accept().await?;
///     hanol::spawn(async move {
///         let server = UnixStream::connect("/run/service.socket").await?;
///         copy_bidirectional(&client, &server).await
///     });
/// }
/// # }
/// ```
///
/// # Errors
///
/// The first error of a read, a write or the end of a side. The other direction stops there; both streams stay open.
///
/// # Panics
///
/// When it has to wait outside a runtime.
///
/// # Cancel safety
///
/// Not cancel safe: bytes that were read and not written yet are lost with the future, as are the counts.
#[track_caller]
pub fn copy_bidirectional<'a, A, B>(a: &'a A, b: &'a B) -> CopyBidirectional<'a, A, B>
where
    A: Connection,
    B: Connection,
{
    let location = Location::caller();
    CopyBidirectional { forth: Copy::new(a, b, location), back: Copy::new(b, a, location) }
}

/// The future of [`copy_bidirectional`].
#[must_use = "futures do nothing unless awaited"]
pub struct CopyBidirectional<'a, A, B> {
    forth: Copy<'a, A, B>,
    back: Copy<'a, B, A>,
}

impl<A: Connection, B: Connection> Future for CopyBidirectional<'_, A, B> {
    type Output = io::Result<(u64, u64)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let forth = this.forth.poll(cx)?;
        let back = this.back.poll(cx)?;
        let (Poll::Ready(forth), Poll::Ready(back)) = (forth, back) else { return Poll::Pending };
        Poll::Ready(Ok((forth, back)))
    }
}

impl<A, B> fmt::Debug for CopyBidirectional<'_, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (forth, back) = (self.forth.copied, self.back.copied);
        f.debug_struct("CopyBidirectional").field("forth", &forth).field("back", &back).finish_non_exhaustive()
    }
}

/// One direction.
struct Copy<'a, R, W> {
    from: &'a R,
    to: &'a W,
    buf: Box<[u8]>,
    /// What of the buffer was read and is not written yet.
    start: usize,
    end: usize,
    copied: u64,
    has_ended: bool,
    read: Waiter,
    write: Waiter,
}

impl<'a, R: Connection, W: Connection> Copy<'a, R, W> {
    fn new(from: &'a R, to: &'a W, location: &'static Location<'static>) -> Self {
        Self {
            from,
            to,
            buf: vec![0; BUFFER].into(),
            start: 0,
            end: 0,
            copied: 0,
            has_ended: false,
            read: Waiter::new(wait::READ, location),
            write: Waiter::new(wait::WRITE, location),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        while !self.has_ended {
            if self.start < self.end {
                let rest = &self.buf[self.start..self.end];
                let to = self.to.socket();
                let count = ready!(to.poll_io(cx, &mut self.write, Direction::Write, |to| to.write(rest)))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.start += count;
                self.copied += count as u64;
                continue;
            }
            let (from, buf) = (self.from.socket(), &mut self.buf);
            let count = ready!(from.poll_io(cx, &mut self.read, Direction::Read, |from| from.read(buf)))?;
            (self.start, self.end) = (0, count);
            if count == 0 {
                shutdown(self.to, Shutdown::Write)?;
                self.has_ended = true;
            }
        }
        Poll::Ready(Ok(self.copied))
    }
}
