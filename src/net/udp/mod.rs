//! UDP: datagrams, each of which comes as a whole or not at all.
//!
//! Here are the futures of the operations of [`UdpSocket`].

mod bind;
mod multicast;
mod options;
mod peek;
mod recv;
mod send;
mod socket;

pub use self::bind::{Bind, Connect};
pub use self::peek::{Peek, PeekFrom, PeekSender};
pub use self::recv::{Recv, RecvBuf, RecvBufFrom, RecvFrom};
pub use self::send::{Send, SendTo};
pub use self::socket::UdpSocket;
