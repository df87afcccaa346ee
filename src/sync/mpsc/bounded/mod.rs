//! The ends of a channel that holds so many values and no more.

mod receiver;
mod sender;

pub use self::receiver::Receiver;
pub use self::sender::Sender;
