//! A mailbox: some tasks put lines in, one task takes them out.
//!
//! It shows what a channel is made of: a queue, and the waker of the task that waits for it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// How many lines may wait. A member who lets it fill up has stopped reading.
const CAPACITY: usize = 1000;

#[derive(Default)]
pub(crate) struct Mailbox {
    lines: RefCell<VecDeque<Rc<str>>>,
    closed: Cell<bool>,
    taker: RefCell<Option<Waker>>,
}

impl Mailbox {
    /// Puts a line in. A mailbox that is full is closed instead.
    pub(crate) fn put(&self, line: Rc<str>) {
        if self.closed.get() {
            return;
        }
        if self.lines.borrow().len() == CAPACITY {
            self.close();
            return;
        }
        self.lines.borrow_mut().push_back(line);
        self.wake_taker();
    }

    /// Takes no more lines. Those that are in it can still be taken out.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        self.wake_taker();
    }

    /// Takes the next line out, and waits for one. `None` when the mailbox is closed and empty.
    pub(crate) async fn take(&self) -> Option<Rc<str>> {
        poll_fn(|cx| {
            if let Some(line) = self.lines.borrow_mut().pop_front() {
                return Poll::Ready(Some(line));
            }
            if self.closed.get() {
                return Poll::Ready(None);
            }
            self.taker.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await
    }

    fn wake_taker(&self) {
        if let Some(taker) = self.taker.take() {
            taker.wake();
        }
    }
}
