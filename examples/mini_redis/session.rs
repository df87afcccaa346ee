//! What the server remembers of one client between two requests.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::channels::{Channels, ClientId, Outbox};

/// The state of one client. The connection ends it with [`Session::end`].
pub(crate) struct Session {
    id: ClientId,
    outbox: Rc<Outbox>,
    subscriptions: BTreeSet<Vec<u8>>,
    closing: bool,
}

impl Session {
    /// A client that has said nothing yet. Up to `backlog` bytes of messages may wait for it.
    pub(crate) fn new(id: ClientId, backlog: usize) -> Self {
        Self { id, outbox: Rc::new(Outbox::new(backlog)), subscriptions: BTreeSet::new(), closing: false }
    }

    pub(crate) fn outbox(&self) -> &Rc<Outbox> {
        &self.outbox
    }

    /// Whether the connection must be closed once the answers so far are written.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Nothing more will be read from the client.
    pub(crate) fn close(&mut self) {
        self.closing = true;
    }

    /// How many channels the client listens to. While it is any, few commands are allowed.
    pub(crate) fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    pub(crate) fn subscribe(&mut self, channels: &mut Channels, channel: &[u8]) {
        if self.subscriptions.insert(channel.to_vec()) {
            channels.subscribe(channel, self.id, &self.outbox);
        }
    }

    pub(crate) fn unsubscribe(&mut self, channels: &mut Channels, channel: &[u8]) {
        if self.subscriptions.remove(channel) {
            channels.unsubscribe(channel, self.id);
        }
    }

    /// One of the channels that the client listens to.
    pub(crate) fn any_subscription(&self) -> Option<Vec<u8>> {
        self.subscriptions.first().cloned()
    }

    /// Takes the client off all channels.
    pub(crate) fn end(&mut self, channels: &mut Channels) {
        while let Some(channel) = self.any_subscription() {
            self.unsubscribe(channels, &channel);
        }
    }
}
