//! Channels from many senders to one receiver.
//!
//! [`channel`] makes one that holds so many values and lets senders wait for room; [`unbounded_channel`] one that grows
//! with what is sent. Values arrive in the order in which they were sent. Whoever waits for room gets it in the order of
//! arrival, so that no sender starves and nobody overtakes.
//!
//! ```
//! # hanol::block_on(async {
//! use hanol::sync::mpsc;
//!
//! let (sender, mut receiver) = mpsc::channel(4);
//! for peer in 0..3 {
//!     let sender = sender.clone();
//!     hanol::spawn(async move { sender.send(peer).await });
//! }
//! drop(sender);
//!
//! let mut sum = 0;
//! while let Some(peer) = receiver.recv().await {
//!     sum += peer;
//! }
//! assert_eq!(sum, 0 + 1 + 2);
//! # });
//! ```
//!
//! # Closing
//!
//! When the last sender is dropped, the receiver gets what is queued and then `None`. When the receiver is
//! [closed](Receiver::close), sending fails; the receiver gets what is queued, and what is sent with permits that were
//! given before, and then `None`. When the receiver is dropped, what is queued is dropped.
//!
//! # Memory
//!
//! A channel's queue grows when it is needed, up to its capacity if it has one. One that has held more than 16 KiB gives the
//! memory back when it is empty.
//!
//! # Other threads
//!
//! These channels stay on their thread. See [`sync`](super) for channels that do not.
//!
//! ```compile_fail
//! let (sender, _receiver) = hanol::sync::mpsc::unbounded_channel::<u8>();
//! std::thread::spawn(move || sender.send(1));
//! ```

pub mod error;

mod bounded;
mod channel;
mod closed;
mod ends;
mod permit;
mod place;
mod recv;
mod reserve;
mod send;
mod state;
mod unbounded;
mod weak;

use std::panic::Location;

use self::ends::ends;

pub use self::bounded::{Receiver, Sender};
pub use self::closed::Closed;
pub use self::permit::{OwnedPermit, Permit, PermitIterator};
pub use self::recv::{Recv, RecvMany};
pub use self::reserve::{Reserve, ReserveMany, ReserveOwned};
pub use self::send::{Send, SendTimeout};
pub use self::unbounded::{UnboundedReceiver, UnboundedSender};
pub use self::weak::{WeakSender, WeakUnboundedSender};

/// Makes a channel that holds at most `capacity` values, with those for which permits are given. Senders wait while there
/// is no room.
///
/// # Panics
///
/// When `capacity` is 0.
#[track_caller]
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a bounded channel has room for at least one value");
    let (sender, receiver) = ends(capacity, Location::caller());
    (Sender::new(sender), Receiver::new(receiver))
}

/// Makes a channel that takes whatever is sent, without waiting.
///
/// Nothing but memory limits it. Where a sender can be faster than the receiver for long, [`channel`] makes it wait.
#[track_caller]
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    // Room that no queue can use up is no bound.
    let (sender, receiver) = ends(usize::MAX, Location::caller());
    (UnboundedSender::new(sender), UnboundedReceiver::new(receiver))
}
