//! What sockets can be ready for, descriptors that this crate has no type for, and copying.

mod async_fd;
mod copy;
mod ready;

pub use self::async_fd::{AsyncFd, AsyncFdIo, AsyncFdReady, AsyncFdReadyGuard, TryIoError};
pub use self::copy::{CopyBidirectional, copy_bidirectional};
pub use self::ready::{Interest, Ready};
