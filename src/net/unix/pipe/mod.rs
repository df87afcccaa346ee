//! Pipes, and the named ones in the file system (FIFOs).
//!
//! ```
//! use hanol::net::unix::pipe;
//!
//! # hanol::block_on(async {
//! let (sender, receiver) = pipe::pipe()?;
//! sender.write_all(b"hello").await?;
//! drop(sender);
//!
//! let mut received = Vec::new();
//! while receiver.read_buf(&mut received).await? > 0 {}
//! assert_eq!(received, b"hello");
//! # Ok::<(), std::io::Error>(()) }).unwrap();
//! ```

mod ends;
mod open;
mod transfer;

use std::io;

use rustix::pipe::{PipeFlags, pipe_with};

pub use self::ends::{Receiver, Sender};
pub use self::open::OpenOptions;

/// Makes a pipe, of which both ends are here.
///
/// # Errors
///
/// When there is no descriptor for them.
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let (receiver, sender) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC)?;
    Ok((Sender::new(sender), Receiver::new(receiver)))
}
