//! The two ends of a pipe.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};

use super::transfer::{ReadEnd, WriteEnd};
use crate::net::ready_methods::{readable_methods, readiness_methods, writable_methods};
use crate::net::socket::Socket;
use crate::net::stream::ByteStream;
use crate::net::stream::methods::{read_methods, write_methods};

/// The end of a pipe that is written to.
///
/// A write of up to `PIPE_BUF` bytes (4096 on Linux) is not mixed with those of others. Writing to a pipe that nobody
/// reads is the error [`BrokenPipe`](io::ErrorKind::BrokenPipe); Rust's runtime ignores the signal `SIGPIPE` that comes
/// with it, and a program that has restored it is ended by it.
pub struct Sender {
    socket: Socket<WriteEnd>,
}

/// The end of a pipe that is read. It reads the end when all senders are gone.
///
/// A named pipe may get another sender after that. What it sends can be read, but from the first end on a read that finds
/// nothing does not wait: it gives the end again. To wait for the next sender, open another receiver, or open the pipe with
/// [`read_write`](super::OpenOptions::read_write), which never reads the end.
pub struct Receiver {
    socket: Socket<ReadEnd>,
}

/// # Writing
impl Sender {
    write_methods!(Sender);
}

/// # Readiness
impl Sender {
    readiness_methods!();
    writable_methods!(poll_write_ready);
}

/// # Reading
impl Receiver {
    read_methods!(Receiver);
}

/// # Readiness
impl Receiver {
    readiness_methods!();
    readable_methods!(poll_read_ready);
}

/// What both ends are made of and with.
macro_rules! end_of_a_pipe {
    ($Type:ident around $End:ident, for $right:literal, unless $wrong:ident) => {
        /// # Descriptors
        impl $Type {
            #[doc = concat!("Takes over a file, which must be a pipe that is open for ", $right, ". It is made")]
            /// non-blocking.
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is no pipe, or open for something else.
            pub fn from_file(file: File) -> io::Result<Self> {
                Self::from_owned_fd(file.into())
            }

            #[doc = concat!("Takes over a descriptor, which must be a pipe that is open for ", $right, ". It is made")]
            /// non-blocking.
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is no pipe, or open for something else.
            pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Self> {
                if !is_pipe(&fd)? {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "the descriptor is no pipe"));
                }
                if fcntl_getfl(&fd)? & OFlags::RWMODE == OFlags::$wrong {
                    let message = concat!("the pipe is not open for ", $right);
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
                }
                set_nonblocking(&fd, true)?;
                Ok(Self { socket: Socket::from_foreign($End::new(fd)) })
            }

            /// Gives up the descriptor. It is made blocking, as others expect it, such as a child process.
            ///
            /// # Errors
            ///
            /// When it cannot be taken out of the selector or made blocking; it is closed then.
            pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
                let fd = self.into_nonblocking_fd()?;
                set_nonblocking(&fd, false)?;
                Ok(fd)
            }

            /// Gives up the descriptor, which is still non-blocking.
            ///
            /// # Errors
            ///
            /// When it cannot be taken out of the selector; it is closed then.
            pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
                self.socket.into_source().map(|end| end.fd)
            }

            /// Takes over a descriptor that is non-blocking, a pipe, and nobody else's.
            pub(super) fn new(fd: OwnedFd) -> Self {
                Self { socket: Socket::new($End::new(fd)) }
            }

            pub(crate) fn stream(&self) -> &Self {
                self
            }
        }

        #[allow(private_interfaces, reason = "nobody else calls it")]
        impl ByteStream for $Type {
            type Source = $End;

            fn socket(&self) -> &Socket<$End> {
                &self.socket
            }
        }

        impl AsFd for $Type {
            /// Lends the descriptor out. From then on closing the pipe costs one more system call.
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.socket.lend()
            }
        }

        impl AsRawFd for $Type {
            /// Lends the descriptor out. From then on closing the pipe costs one more system call.
            fn as_raw_fd(&self) -> RawFd {
                self.socket.lend().as_raw_fd()
            }
        }

        impl fmt::Debug for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($Type)).field(&self.socket.source().fd).finish()
            }
        }
    };
}

end_of_a_pipe!(Sender around WriteEnd, for "writing", unless RDONLY);
end_of_a_pipe!(Receiver around ReadEnd, for "reading", unless WRONLY);

pub(super) fn is_pipe(fd: &OwnedFd) -> io::Result<bool> {
    Ok(FileType::from_raw_mode(fstat(fd)?.st_mode) == FileType::Fifo)
}

fn set_nonblocking(fd: &OwnedFd, nonblocking: bool) -> io::Result<()> {
    let mut flags = fcntl_getfl(fd)?;
    flags.set(OFlags::NONBLOCK, nonblocking);
    Ok(fcntl_setfl(fd, flags)?)
}
