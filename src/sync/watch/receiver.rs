//! The half that looks at the value.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use super::error::RecvError;
use super::{Changed, Left, Ref, Shared, WaitFor, count_down, count_up};

/// The receiving half of [`channel`](super::channel).
pub struct Receiver<T> {
    pub(super) shared: Rc<Shared<T>>,
    /// The version that counts as seen.
    pub(super) seen: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>, seen: u64) -> Self {
        count_up(&shared.receivers);
        Self { shared, seen }
    }

    /// The value that is there, without marking it as seen.
    ///
    /// # Panics
    ///
    /// Inside a closure that is changing the value of this channel.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref::new(self.shared.value.get(), self.is_unseen())
    }

    /// The value that is there, and marks it as seen.
    ///
    /// In a loop around [`changed`](Self::changed) this is the one to use: with `borrow`, a value that comes between the end
    /// of `changed` and the call would be seen twice.
    ///
    /// # Panics
    ///
    /// Inside a closure that is changing the value of this channel.
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.value.get();
        let has_changed = self.is_unseen();
        self.mark_unchanged();
        Ref::new(value, has_changed)
    }

    /// Waits until the value is one that this receiver has not seen, and marks it as seen. If there is one already, it does
    /// not wait.
    ///
    /// # Errors
    ///
    /// When the last value has been seen and there are no senders.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a value counts as seen only when the future is ready.
    #[track_caller]
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed::new(self, Location::caller())
    }

    /// Whether the value is one that this receiver has not seen.
    ///
    /// # Errors
    ///
    /// When there are no senders, whether the last value has been seen or not.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        if self.is_closed() { Err(RecvError(())) } else { Ok(self.is_unseen()) }
    }

    /// Waits for a value for which `condition` holds, and gives a reference to it.
    ///
    /// The value that is there is looked at first, seen or not. Then every new value is, unless it was replaced before this
    /// future was polled. A value that was looked at counts as seen.
    ///
    /// ```
    /// # hanol::block_on(async {
    /// use hanol::sync::watch;
    ///
    /// let (progress, mut receiver) = watch::channel(0);
    /// let half = hanol::spawn(async move { *receiver.wait_for(|percent| *percent >= 50).await.unwrap() });
    /// for percent in [20, 40, 60] {
    ///     progress.send(percent).unwrap();
    ///     hanol::task::yield_now().await;
    /// }
    /// assert_eq!(half.await.unwrap(), 60);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// When there are no senders and the condition does not hold for the last value.
    ///
    /// # Panics
    ///
    /// When the condition does. The channel is not affected.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the last value has been seen by this, the condition did not hold for it.
    #[track_caller]
    pub fn wait_for<F>(&mut self, condition: F) -> WaitFor<'_, T, F>
    where
        F: FnMut(&T) -> bool,
    {
        WaitFor::new(self, condition, Location::caller())
    }

    /// Makes the value count as one that this receiver has not seen.
    pub fn mark_changed(&mut self) {
        self.seen = self.shared.version.get().wrapping_sub(1);
    }

    /// Makes the value count as one that this receiver has seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.version.get();
    }

    /// Whether there are no senders.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Whether both belong to one channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    pub(super) fn is_unseen(&self) -> bool {
        self.seen != self.shared.version.get()
    }
}

impl<T> Clone for Receiver<T> {
    /// A receiver that has seen what this one has seen.
    fn clone(&self) -> Self {
        Self::new(Rc::clone(&self.shared), self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        if let Left::None = count_down(&self.shared.receivers) {
            self.shared.closed.wake_all();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("shared", &self.shared).field("seen", &self.seen).finish()
    }
}
