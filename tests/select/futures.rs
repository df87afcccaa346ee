//! Futures that tell what happens to them.

use std::cell::RefCell;
use std::fmt::Debug;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// What has happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, event: impl ToString) {
        self.0.borrow_mut().push(event.to_string());
    }

    /// What has happened since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }

    #[track_caller]
    pub(crate) fn assert<E: Debug>(&self, expected: E)
    where
        Vec<String>: PartialEq<E>,
    {
        assert_eq!(self.take(), expected);
    }

    /// A future that logs its polls and its drop, and is done after so many polls that were pending.
    pub(crate) fn future(&self, name: &'static str, pending: usize) -> Logged {
        Logged { log: self.clone(), name, pending }
    }

    /// A value that logs its drop.
    pub(crate) fn value(&self, name: &'static str) -> Value {
        Value { log: self.clone(), name }
    }
}

/// See [`Log::future`].
#[derive(Debug)]
pub(crate) struct Logged {
    log: Log,
    name: &'static str,
    pending: usize,
}

/// The `pending` of a future that is never done.
pub(crate) const FOR_EVER: usize = usize::MAX;

impl Future for Logged {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.log.add(format!("poll {}", self.name));
        if self.pending == 0 {
            return Poll::Ready(self.name);
        }
        if self.pending != FOR_EVER {
            self.pending -= 1;
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        self.log.add(format!("drop {}", self.name));
    }
}

/// See [`Log::value`].
#[derive(Debug)]
pub(crate) struct Value {
    log: Log,
    pub(crate) name: &'static str,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.log.add(format!("drop {}", self.name));
    }
}
