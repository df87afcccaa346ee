//! What the two ends of a channel for one value share.
//!
//! All of it is cells: a value and a waker are taken out before anything foreign is done with them.

use std::cell::Cell;
use std::task::{Context, Poll};

use hanol_executor::wake;

use super::error::RecvError;
use crate::sync::waker_cell::{Registered, WakerCell};

pub(super) struct Shared<T> {
    value: Cell<Option<T>>,
    /// Whether the sender has sent or was dropped: no value will come but the one that is there.
    complete: Cell<bool>,
    /// Whether the receiver was closed or dropped: no value will be taken but the one that is there.
    closed: Cell<bool>,
    receiver: WakerCell,
    sender: WakerCell,
}

impl<T> Shared<T> {
    pub(super) fn new() -> Self {
        Self {
            value: Cell::new(None),
            complete: Cell::new(false),
            closed: Cell::new(false),
            receiver: WakerCell::new(),
            sender: WakerCell::new(),
        }
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Leaves the value for the receiver. [`complete`](Self::complete) tells it.
    #[inline]
    pub(super) fn put(&self, value: T) {
        self.value.set(Some(value));
    }

    /// The sender is done. This drops its waker and wakes the receiver.
    #[inline]
    pub(super) fn complete(&self) {
        self.complete.set(true);
        if let Some(receiver) = self.receiver.take() {
            wake(receiver);
        }
        drop(self.sender.take());
    }

    /// Takes no value from now on, and wakes whoever waits.
    pub(super) fn close(&self) {
        self.closed.set(true);
        // Who closes the receiver need not be the task that waits with it.
        for waiting in [&self.sender, &self.receiver] {
            if let Some(waker) = waiting.take() {
                wake(waker);
            }
        }
    }

    pub(super) fn has_value(&self) -> bool {
        let value = self.value.take();
        let has_value = value.is_some();
        self.value.set(value);
        has_value
    }

    /// The value, or that there will be none.
    #[inline]
    pub(super) fn receive(&self) -> Poll<Result<T, RecvError>> {
        match self.value.take() {
            Some(value) => Poll::Ready(Ok(value)),
            None if self.complete.get() || self.closed.get() => Poll::Ready(Err(RecvError(()))),
            None => Poll::Pending,
        }
    }

    /// As [`receive`](Self::receive), and the receiver's task is woken when there is an answer.
    #[inline]
    pub(super) fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        let received = self.receive();
        if received.is_pending() && self.receiver.register(cx.waker()) == Registered::Anew {
            return self.receive();
        }
        received
    }

    /// Waits until the receiver is closed or dropped.
    pub(super) fn poll_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let closed = self.is_closed() || self.sender.register(cx.waker()) == Registered::Anew && self.is_closed();
        if closed { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The sender's task waits no longer.
    pub(super) fn forget_sender(&self) {
        drop(self.sender.take());
    }

    /// The receiver's task waits no longer.
    pub(super) fn forget_receiver(&self) {
        drop(self.receiver.take());
    }
}
