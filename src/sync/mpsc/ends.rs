//! The ends of a channel, as the public types hold them: they count themselves, and closing is their drop.

use std::ops::Deref;
use std::panic::Location;
use std::rc::Rc;

use super::channel::Channel;

/// Makes a channel.
pub(super) fn ends<T>(max_capacity: usize, made_at: &'static Location<'static>) -> (SenderEnd<T>, ReceiverEnd<T>) {
    let channel = Rc::new(Channel::new(max_capacity));
    (SenderEnd(Rc::clone(&channel)), ReceiverEnd { channel, made_at })
}

/// A sender. The last one closes the channel for the receiver.
pub(super) struct SenderEnd<T>(Rc<Channel<T>>);

impl<T> SenderEnd<T> {
    pub(super) fn is_of_same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn downgrade(&self) -> WeakEnd<T> {
        WeakEnd::new(Rc::clone(&self.0))
    }
}

impl<T> Clone for SenderEnd<T> {
    fn clone(&self) -> Self {
        self.add_sender();
        Self(Rc::clone(&self.0))
    }
}

impl<T> Deref for SenderEnd<T> {
    type Target = Channel<T>;

    #[inline]
    fn deref(&self) -> &Channel<T> {
        &self.0
    }
}

impl<T> Drop for SenderEnd<T> {
    fn drop(&mut self) {
        self.remove_sender();
    }
}

/// A sender that does not keep the channel open.
pub(super) struct WeakEnd<T>(Rc<Channel<T>>);

impl<T> WeakEnd<T> {
    fn new(channel: Rc<Channel<T>>) -> Self {
        channel.add_weak_sender();
        Self(channel)
    }

    pub(super) fn upgrade(&self) -> Option<SenderEnd<T>> {
        if self.senders() == 0 {
            return None;
        }
        self.add_sender();
        Some(SenderEnd(Rc::clone(&self.0)))
    }
}

impl<T> Clone for WeakEnd<T> {
    fn clone(&self) -> Self {
        Self::new(Rc::clone(&self.0))
    }
}

impl<T> Deref for WeakEnd<T> {
    type Target = Channel<T>;

    fn deref(&self) -> &Channel<T> {
        &self.0
    }
}

impl<T> Drop for WeakEnd<T> {
    fn drop(&mut self) {
        self.remove_weak_sender();
    }
}

/// The receiver.
pub(super) struct ReceiverEnd<T> {
    channel: Rc<Channel<T>>,
    /// The line that made the channel, for operations that do not know who called them.
    pub(super) made_at: &'static Location<'static>,
}

impl<T> Deref for ReceiverEnd<T> {
    type Target = Channel<T>;

    #[inline]
    fn deref(&self) -> &Channel<T> {
        &self.channel
    }
}

impl<T> Drop for ReceiverEnd<T> {
    fn drop(&mut self) {
        self.abandon();
    }
}
