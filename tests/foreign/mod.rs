//! Wakers of no runtime's: they do as they are told when they are woken and when they are dropped.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// What is done to a waker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    Wake,
    /// The last clone is dropped.
    Drop,
}

type Action = Rc<dyn Fn(Deed)>;

thread_local! {
    /// What the wakers of this thread do. A waker may go to other threads, an action may not.
    static ACTIONS: RefCell<HashMap<u64, Action>> = RefCell::default();
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A waker that calls `action`.
pub(crate) fn waker(action: impl Fn(Deed) + 'static) -> Waker {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    ACTIONS.with_borrow_mut(|actions| actions.insert(number, Rc::new(action)));
    Waker::from(Arc::new(Numbered(number)))
}

/// A waker that calls `action` when it is woken.
pub(crate) fn on_wake(action: impl Fn() + 'static) -> Waker {
    waker(move |deed| {
        if deed == Deed::Wake {
            action();
        }
    })
}

/// A waker that calls `action` when its last clone is dropped.
pub(crate) fn on_drop(action: impl Fn() + 'static) -> Waker {
    waker(move |deed| {
        if deed == Deed::Drop {
            action();
        }
    })
}

/// Polls a future with this waker.
pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

struct Numbered(u64);

impl Numbered {
    fn act(&self, deed: Deed) {
        let action = ACTIONS.with_borrow(|actions| actions.get(&self.0).cloned());
        if let Some(action) = action {
            action(deed);
        }
    }
}

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.act(Deed::Wake);
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        self.act(Deed::Drop);
        let action = ACTIONS.with_borrow_mut(|actions| actions.remove(&self.0));
        drop(action);
    }
}
