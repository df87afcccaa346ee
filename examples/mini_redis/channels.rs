//! Publish and subscribe: who listens to which channel, and the messages on their way.
//!
//! A publisher never waits for a subscriber. It leaves the message in the subscriber's [`Outbox`], whose connection
//! comes to fetch it; one that falls too far behind is disconnected, so that its backlog stays bounded.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use hanol::sync::Notify;

use crate::reply::Reply;

/// The number of a connection; none is used twice.
pub(crate) type ClientId = u64;

/// The subscribers of all channels. A channel without any is not in the table.
#[derive(Default)]
pub(crate) struct Channels {
    subscribers: HashMap<Vec<u8>, BTreeMap<ClientId, Rc<Outbox>>>,
}

impl Channels {
    pub(crate) fn subscribe(&mut self, channel: &[u8], client: ClientId, outbox: &Rc<Outbox>) {
        let subscribers = match self.subscribers.get_mut(channel) {
            Some(subscribers) => subscribers,
            None => self.subscribers.entry(channel.to_vec()).or_default(),
        };
        subscribers.insert(client, outbox.clone());
    }

    pub(crate) fn unsubscribe(&mut self, channel: &[u8], client: ClientId) {
        if let Some(subscribers) = self.subscribers.get_mut(channel) {
            subscribers.remove(&client);
            if subscribers.is_empty() {
                self.subscribers.remove(channel);
            }
        }
    }

    /// Leaves a message for every subscriber of `channel`; gives how many there are.
    pub(crate) fn publish(&mut self, channel: &[u8], payload: &[u8]) -> usize {
        let Some(subscribers) = self.subscribers.get(channel) else {
            return 0;
        };
        let mut message = Reply::default();
        message.bulks([b"message", channel, payload].into_iter());
        for outbox in subscribers.values() {
            outbox.put(message.bytes());
        }
        subscribers.len()
    }

    /// How many channels have subscribers.
    pub(crate) fn len(&self) -> usize {
        self.subscribers.len()
    }
}

/// The messages that wait until the connection of a subscriber writes them.
pub(crate) struct Outbox {
    messages: RefCell<Vec<u8>>,
    limit: usize,
    overflowed: Cell<bool>,
    /// Notified when a message was put in, and at the overflow. Only the subscriber's connection waits for it.
    changed: Notify,
}

impl Outbox {
    /// An empty outbox that holds up to `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { messages: RefCell::default(), limit, overflowed: Cell::new(false), changed: Notify::new() }
    }

    /// Moves all messages behind the answers in `reply`.
    pub(crate) fn move_into(&self, reply: &mut Reply) {
        reply.bytes_mut().append(&mut self.messages.borrow_mut());
    }

    /// Whether the subscriber fell so far behind that it must be disconnected.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflowed.get()
    }

    /// Waits for messages, or for the overflow.
    pub(crate) async fn filled(&self) {
        while self.messages.borrow().is_empty() && !self.has_overflowed() {
            self.changed.notified().await;
        }
    }

    /// Waits for the overflow alone.
    pub(crate) async fn overflow(&self) {
        while !self.has_overflowed() {
            self.changed.notified().await;
        }
    }

    fn put(&self, message: &[u8]) {
        if self.has_overflowed() {
            return;
        }
        let mut messages = self.messages.borrow_mut();
        if messages.len() + message.len() > self.limit {
            self.overflowed.set(true);
            *messages = Vec::new();
        } else {
            messages.extend_from_slice(message);
        }
        drop(messages);
        self.changed.notify_one();
    }
}
