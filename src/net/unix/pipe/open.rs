//! Opening a named pipe.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use super::ends::{Receiver, Sender, is_pipe};

/// How to open a named pipe (FIFO), which mkfifo(1) makes.
///
/// ```no_run
/// # async fn read() -> std::io::Result<()> {
/// use hanol::net::unix::pipe;
///
/// let requests = pipe::OpenOptions::new().open_receiver("/run/service/requests")?;
/// let mut buf = [0; 4096];
/// let count = requests.read(&mut buf).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    unchecked: bool,
    #[cfg(any(target_os = "android", target_os = "linux"))]
    read_write: bool,
}

impl OpenOptions {
    /// Opens the one end alone, and sees that it is a pipe.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to open both ends at once, for which Linux has a meaning: a sender can be opened before there is a receiver,
    /// and a receiver does not read the end when the last sender goes.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    pub fn read_write(&mut self, read_write: bool) -> &mut Self {
        self.read_write = read_write;
        self
    }

    /// Whether to take the file for a pipe unseen, which spares a system call. What is not one gives strange errors later.
    pub fn unchecked(&mut self, unchecked: bool) -> &mut Self {
        self.unchecked = unchecked;
        self
    }

    /// Opens the end that is read, whether or not there is a sender. Reading waits for the first one.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound), [`PermissionDenied`](io::ErrorKind::PermissionDenied), and
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the file is no pipe.
    pub fn open_receiver(&self, path: impl AsRef<Path>) -> io::Result<Receiver> {
        self.open(path.as_ref(), OFlags::RDONLY).map(Receiver::new)
    }

    /// Opens the end that is written to.
    ///
    /// # Errors
    ///
    /// `ENXIO` when nobody reads it, see [`read_write`](Self::read_write);
    /// [`NotFound`](io::ErrorKind::NotFound), [`PermissionDenied`](io::ErrorKind::PermissionDenied), and
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the file is no pipe.
    pub fn open_sender(&self, path: impl AsRef<Path>) -> io::Result<Sender> {
        self.open(path.as_ref(), OFlags::WRONLY).map(Sender::new)
    }

    fn open(&self, path: &Path, access: OFlags) -> io::Result<OwnedFd> {
        #[cfg(any(target_os = "android", target_os = "linux"))]
        let access = if self.read_write { OFlags::RDWR } else { access };
        let fd = open(path, access | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
        if !self.unchecked && !is_pipe(&fd)? {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the file is no pipe"));
        }
        Ok(fd)
    }
}
