//! The system calls that move the bytes of a pipe.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, readv, write, writev};

use crate::net::socket::Progress;
use crate::net::stream::transfer::{ReadBytes, WriteBytes};

/// The end of a pipe that is read.
#[derive(Debug)]
pub struct ReadEnd {
    pub(super) fd: OwnedFd,
    /// Whether it has read the end.
    ended: AtomicBool,
}

/// The end of a pipe that is written to.
#[derive(Debug)]
pub struct WriteEnd {
    pub(super) fd: OwnedFd,
}

impl WriteEnd {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl ReadEnd {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Self { fd, ended: AtomicBool::new(false) }
    }

    /// What a read has given. A short one says nothing: a pipe in packet mode (`O_DIRECT`) gives one packet at a time, and a
    /// descriptor that came from elsewhere may be in it.
    ///
    /// Nothing read means that there is no sender. In a named pipe there may not have been one yet, and then there is no end
    /// either. There may be another sender after the end, which the selector does not take back; then there is nothing to
    /// wait for, and it is still the end.
    fn received(&self, received: rustix::io::Result<usize>) -> io::Result<Progress<usize>> {
        match received {
            Ok(0) if !self.has_ended()? => Err(io::ErrorKind::WouldBlock.into()),
            Err(Errno::AGAIN) if self.ended.load(Ordering::Relaxed) => Ok(Progress::More(0)),
            received => Ok(Progress::More(received?)),
        }
    }

    /// Whether there has been a sender, and there is none now.
    fn has_ended(&self) -> io::Result<bool> {
        let mut polled = [PollFd::new(self, PollFlags::IN)];
        poll(&mut polled, Some(&Timespec::default()))?;
        let ended = polled[0].revents().contains(PollFlags::HUP);
        self.ended.fetch_or(ended, Ordering::Relaxed);
        Ok(ended)
    }
}

impl AsFd for ReadEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsFd for WriteEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl ReadBytes for ReadEnd {
    fn read(&self, buf: &mut [u8]) -> io::Result<Progress<usize>> {
        self.received(read(self, buf))
    }

    fn read_spare(&self, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
        self.received(read(self, spare_capacity(buf)))
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Progress<usize>> {
        self.received(readv(self, bufs))
    }
}

/// A short write has filled the pipe.
#[allow(private_interfaces, reason = "nobody else calls it")]
impl WriteBytes for WriteEnd {
    fn write(&self, buf: &[u8]) -> io::Result<Progress<usize>> {
        Ok(Progress::of_stream(write(self, buf)?, buf.len()))
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>> {
        Ok(Progress::of_stream(writev(self, bufs)?, bufs.iter().map(|buf| buf.len()).sum()))
    }
}
