//! The ends of a channel that grows with what is sent.

mod receiver;
mod sender;

pub use self::receiver::UnboundedReceiver;
pub use self::sender::UnboundedSender;
