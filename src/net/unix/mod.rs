//! Sockets of this machine, and pipes.
//!
//! Unix sockets have a path in the file system for a name, or an abstract name (on Linux), or none. [`UnixStream`] and
//! [`UnixListener`] are as [`TcpStream`](super::TcpStream) and [`TcpListener`](super::TcpListener); [`UnixDatagram`]
//! sends messages, which arrive whole and in order.
//!
//! The file of a socket that was bound to a path stays when the socket is closed, as with `std`: remove it before binding
//! the path again. An abstract name goes with its socket.

pub(super) mod addr;
mod connect;
pub(super) mod datagram;
mod descriptor;
pub(super) mod listener;
pub mod pipe;
mod rest;
pub(super) mod stream;
mod transfer;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod ucred;

pub use std::os::unix::net::SocketAddr;

pub use self::connect::Connect;
pub use self::datagram::{Recv, RecvBuf, RecvBufFrom, RecvFrom, Send, SendTo};
#[cfg(any(target_os = "android", target_os = "linux"))]
pub use self::ucred::UCred;
#[doc(no_inline)]
pub use super::{UnixDatagram, UnixListener, UnixStream};
