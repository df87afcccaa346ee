//! A channel whose every value reaches every receiver.
//!
//! For news that many tasks want: the lines of a chat room, the events of a game. A receiver gets clones of the values that
//! were sent since it was made, in their order.
//!
//! ```
//! # hanol::block_on(async {
//! use hanol::sync::broadcast;
//!
//! let (sender, mut first) = broadcast::channel(16);
//! let mut second = sender.subscribe();
//! assert_eq!(sender.send("hello")?, 2, "it reaches two receivers");
//! drop(sender);
//! assert_eq!(first.recv().await, Ok("hello"));
//! assert_eq!(second.recv().await, Ok("hello"));
//! assert_eq!(first.recv().await, Err(broadcast::error::RecvError::Closed));
//! # Ok::<(), broadcast::error::SendError<&str>>(()) }).unwrap();
//! ```
//!
//! # Lagging
//!
//! Sending never waits. The channel keeps as many values as its capacity says; when one more is sent, the oldest goes, seen
//! or not. A receiver that had not seen it is told with [`Lagged`](error::RecvError::Lagged) how many values it has missed,
//! and goes on with the oldest that is there.
//!
//! ```
//! use hanol::sync::broadcast::{self, error::TryRecvError};
//!
//! let (sender, mut receiver) = broadcast::channel(2);
//! for value in 1..=5 {
//!     sender.send(value)?;
//! }
//! assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(3)));
//! assert_eq!(receiver.try_recv(), Ok(4));
//! assert_eq!(receiver.try_recv(), Ok(5));
//! # Ok::<(), broadcast::error::SendError<i32>>(())
//! ```
//!
//! The capacity is rounded up to a power of two, as tokio does it, so that a program lags here when it does there. Memory is
//! taken for the values that are in the channel, not for its capacity.
//!
//! # Values
//!
//! A value is dropped when it has been received by all who were to get it, or when it has to make room. The last to receive
//! it gets the value itself, the others get clones.
//!
//! # Closing
//!
//! Without senders, receivers get what is left and then [`Closed`](error::RecvError::Closed). Without receivers,
//! [`Sender::send`] fails; a later [`subscribe`](Sender::subscribe) opens the channel again.

pub mod error;
mod receiver;
mod ring;
mod sender;

pub use self::receiver::{Receiver, Recv};
pub use self::sender::{Closed, Sender, WeakSender};

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use self::ring::Ring;
use super::event::Event;

/// A channel that keeps up to `capacity` values for receivers that have not seen them, rounded up to a power of two.
///
/// # Panics
///
/// When the capacity is zero, or larger than `usize::MAX / 2`.
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}

/// What senders and receivers share.
struct Shared<T> {
    ring: RefCell<Ring<T>>,
    senders: Cell<usize>,
    weak_senders: Cell<usize>,
    /// There is a new value, or no sender any more.
    sent: Event,
    /// There is no receiver any more.
    closed: Event,
}

impl<T> Shared<T> {
    /// A channel with one sender and no receiver.
    #[track_caller]
    fn new(capacity: usize) -> Rc<Self> {
        Rc::new(Self {
            ring: RefCell::new(Ring::new(capacity)),
            senders: Cell::new(1),
            weak_senders: Cell::new(0),
            sent: Event::new(),
            closed: Event::new(),
        })
    }
}
