//! What sockets can be ready for, and descriptors that this crate has no type for.

mod async_fd;
mod ready;

pub use self::async_fd::{AsyncFd, AsyncFdIo, AsyncFdReady, AsyncFdReadyGuard, TryIoError};
pub use self::ready::{Interest, Ready};
