//! Messages between processes of this machine.

mod recv;
mod send;
mod socket;

pub use self::recv::{Recv, RecvBuf, RecvBufFrom, RecvFrom};
pub use self::send::{Send, SendTo};
pub use self::socket::UnixDatagram;
