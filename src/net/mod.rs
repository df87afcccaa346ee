//! TCP, UDP, Unix sockets and pipes over readiness, with the names of [`std::net`] and of tokio.
//!
//! Every operation tries its system call first and registers the socket with the selector when it would block, once and
//! for both directions. All methods take `&self`: one task may read while another writes. Any number of tasks may wait for
//! the same socket; each event wakes all of them.

mod accept;
mod addr;
mod async_io;
mod limits;
mod lookup;
mod ready;
pub(crate) mod ready_methods;
mod registration;
mod resolver;
pub(crate) mod socket;
pub(crate) mod stream;
mod tcp;
pub mod udp;
pub mod unix;
pub(crate) mod waiter;

pub use self::accept::Accept;
pub use self::addr::ToSocketAddrs;
pub use self::async_io::AsyncIo;
pub use self::lookup::{LookupHost, lookup_host};
pub use self::ready::Readiness;
pub use self::stream::Connection;
pub use self::stream::read::{Peek, Read, ReadBuf, ReadExact, ReadVectored};
pub use self::stream::split::{ReadHalf, WriteHalf};
pub use self::stream::split_owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use self::stream::write::{Write, WriteAll, WriteVectored};
pub use self::tcp::connect::Connect;
pub use self::tcp::connect_error::ConnectError;
pub use self::tcp::connect_options::ConnectOptions;
pub use self::tcp::connect_with::ConnectWith;
pub use self::tcp::keepalive::Keepalive;
pub use self::tcp::listener::{Bind, TcpListener};
pub use self::tcp::socket::TcpSocket;
pub use self::tcp::stream::TcpStream;
pub use self::udp::UdpSocket;
pub use self::unix::datagram::UnixDatagram;
pub use self::unix::listener::UnixListener;
pub use self::unix::stream::UnixStream;

pub(crate) use self::socket::Socket;
pub(crate) use self::waiter::Waiter;
