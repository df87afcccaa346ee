//! A channel for one value, such as the answer to a request.
//!
//! The [`Sender`] is used up by sending. The [`Receiver`] is a future.
//!
//! ```
//! # hanol::block_on(async {
//! use hanol::sync::oneshot;
//!
//! let (sender, receiver) = oneshot::channel();
//! hanol::spawn(async move {
//!     sender.send(6 * 7).unwrap();
//! });
//! assert_eq!(receiver.await, Ok(42));
//! # });
//! ```
//!
//! It stays on its thread. See [`sync`](super) for channels that do not.
//!
//! ```compile_fail
//! let (sender, _receiver) = hanol::sync::oneshot::channel::<u8>();
//! std::thread::spawn(move || sender.send(1));
//! ```

pub mod error;

mod receiver;
mod sender;
mod shared;

use std::panic::Location;
use std::rc::Rc;

pub use self::receiver::Receiver;
pub use self::sender::{Closed, Sender};
use self::shared::Shared;

/// Makes a channel for one value. A task list names the line of this call for the task that awaits the receiver.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(Shared::new());
    (Sender::new(Rc::clone(&shared)), Receiver::new(shared, Location::caller()))
}
