//! A channel that keeps one value, and tells its receivers when it has changed.
//!
//! For state that tasks look at and wait for: a configuration, a phase, the number of open connections. A receiver sees the
//! latest value; values that were replaced before it looked are skipped.
//!
//! ```
//! # hanol::block_on(async {
//! use hanol::sync::watch;
//!
//! let (sender, mut receiver) = watch::channel("starting");
//! let observer = hanol::spawn(async move {
//!     let mut seen = vec![*receiver.borrow_and_update()];
//!     while receiver.changed().await.is_ok() {
//!         seen.push(*receiver.borrow_and_update());
//!     }
//!     seen
//! });
//! hanol::task::yield_now().await;
//! sender.send("overwritten before anybody looks")?;
//! sender.send("running")?;
//! drop(sender);
//! assert_eq!(observer.await.unwrap(), ["starting", "running"]);
//! # Ok::<(), watch::error::SendError<&str>>(()) }).unwrap();
//! ```
//!
//! # Seen and unseen
//!
//! Every change of the value makes a new version, and every [`Receiver`] remembers the version that it has seen last.
//! [`changed`](Receiver::changed) waits for an unseen one. A new receiver, of [`channel`] or [`Sender::subscribe`], has seen
//! the value that is there; a cloned one has seen what the original has seen.
//!
//! # References
//!
//! [`borrow`](Receiver::borrow) gives a [`Ref`] to the value that is there at that time. It locks nothing: `send` puts
//! another value into the channel, and the reference keeps the one that it has. So a `Ref` may be held across an `.await`.
//!
//! What changes or takes the value itself needs it alone: [`send_modify`](Sender::send_modify),
//! [`send_if_modified`](Sender::send_if_modified) and [`send_replace`](Sender::send_replace) panic while a `Ref` to the
//! latest value lives. References to values that were replaced do not count.
//!
//! # Closing
//!
//! Without senders the value can change no more. Receivers learn of it from [`changed`](Receiver::changed), once they have
//! seen the last value, and can look at that value for as long as they live. Without receivers
//! [`Sender::send`] fails, and [`Sender::closed`] is over; a later [`subscribe`](Sender::subscribe) opens the channel again.

mod changed;
pub mod error;
mod receiver;
mod sender;
mod value;

pub use self::changed::{Changed, Closed, WaitFor};
pub use self::receiver::Receiver;
pub use self::sender::Sender;
pub use self::value::Ref;

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use self::value::Value;
use super::event::Event;

/// A channel with its first value, which the receiver has seen.
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}

/// What senders and receivers share.
struct Shared<T> {
    value: Value<T>,
    /// How often the value was changed.
    version: Cell<u64>,
    senders: Cell<usize>,
    receivers: Cell<usize>,
    /// There is a new version, or no sender any more.
    changed: Event,
    /// There is no receiver any more.
    closed: Event,
}

impl<T> Shared<T> {
    /// Makes a change known. The value has been changed already.
    fn tell_change(&self) {
        self.version.set(self.version.get().wrapping_add(1));
        self.changed.wake_all();
    }

    /// Whether there are no senders.
    fn is_closed(&self) -> bool {
        self.senders.get() == 0
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("value", &self.value)
            .field("version", &self.version.get())
            .field("senders", &self.senders.get())
            .field("receivers", &self.receivers.get())
            .finish_non_exhaustive()
    }
}

/// Counts a handle more.
fn count_up(handles: &Cell<usize>) {
    handles.set(handles.get() + 1);
}

/// Counts a handle less, and says what that means.
fn count_down(handles: &Cell<usize>) -> Left {
    handles.set(handles.get() - 1);
    if handles.get() == 0 { Left::None } else { Left::Some }
}

/// Whether there are handles left of a kind.
#[must_use]
enum Left {
    None,
    Some,
}

/// Shared state with the handles of a new channel: one sender, no receiver.
fn new_shared<T>(init: T) -> Rc<Shared<T>> {
    Rc::new(Shared {
        value: Value::new(init),
        version: Cell::new(0),
        senders: Cell::new(1),
        receivers: Cell::new(0),
        changed: Event::new(),
        closed: Event::new(),
    })
}
