//! The half that changes the value.

use std::fmt;
use std::mem;
use std::panic::Location;
use std::rc::Rc;

use super::error::SendError;
use super::{Closed, Left, Receiver, Ref, Shared, count_down, count_up, new_shared};

/// The sending half of [`channel`](super::channel). When the last one is dropped, the channel is closed for its receivers.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel without receivers, with its first value.
    pub fn new(init: T) -> Self {
        Self { shared: new_shared(init) }
    }

    /// Puts another value into the channel, and wakes who waits for a change. The old value is dropped at last.
    ///
    /// References to the old value keep it.
    ///
    /// # Errors
    ///
    /// When there are no receivers. The value is given back, and the one in the channel stays.
    /// [`send_replace`](Self::send_replace) does not mind.
    ///
    /// # Panics
    ///
    /// Inside a closure that is changing the value of this channel.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        // It is dropped at the end: it may do anything, or panic.
        let _old = self.shared.value.replace(value);
        self.shared.tell_change();
        Ok(())
    }

    /// Changes the value where it is, and wakes who waits for a change. It needs no receivers.
    ///
    /// A closure that panics may have changed the value, but that does not count as a change.
    ///
    /// ```
    /// use hanol::sync::watch;
    ///
    /// let (connections, mut observer) = watch::channel(0);
    /// connections.send_modify(|count| *count += 1);
    /// connections.send_modify(|count| *count += 1);
    /// assert_eq!(*observer.borrow_and_update(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// When the closure does, or uses this channel's value. While a [`Ref`] to the value lives.
    #[track_caller]
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.shared.value.modify(modify);
        self.shared.tell_change();
    }

    /// As [`send_modify`](Self::send_modify), for a closure that says whether it has changed the value. Only then is anybody
    /// woken. Gives what the closure gave.
    ///
    /// # Panics
    ///
    /// As [`send_modify`](Self::send_modify).
    #[track_caller]
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let modified = self.shared.value.modify(modify);
        if modified {
            self.shared.tell_change();
        }
        modified
    }

    /// Puts another value into the channel, wakes who waits for a change, and gives the old value. It needs no receivers.
    ///
    /// # Panics
    ///
    /// While a [`Ref`] to the value lives, which cannot be given then. Inside a closure that is changing the value.
    #[track_caller]
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|current| mem::swap(current, &mut value));
        value
    }

    /// The value that is there.
    ///
    /// # Panics
    ///
    /// Inside a closure that is changing the value of this channel.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref::new(self.shared.value.get(), false)
    }

    /// Whether there are no receivers.
    pub fn is_closed(&self) -> bool {
        self.shared.receivers.get() == 0
    }

    /// Waits until there are no receivers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        Closed::new(&self.shared, Location::caller())
    }

    /// A new receiver, which has seen the value that is there.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(Rc::clone(&self.shared), self.shared.version.get())
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers.get()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.shared.senders.get()
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        count_up(&self.shared.senders);
        Self { shared: Rc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if let Left::None = count_down(&self.shared.senders) {
            self.shared.changed.wake_all();
        }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("shared", &self.shared).finish()
    }
}
