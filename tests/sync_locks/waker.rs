//! Wakers of no runtime's, which do something when they are woken or dropped.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

thread_local! {
    /// A waker must be `Send`, and what it does here is not. So it has a number, and the rest stays on the thread.
    static ACTIONS: RefCell<HashMap<usize, Box<dyn FnOnce()>>> = RefCell::default();
}

struct OnWake(usize);

struct OnDrop(usize);

/// A waker whose first wake does this.
pub(crate) fn on_wake(action: impl FnOnce() + 'static) -> Waker {
    Arc::new(OnWake(keep(action))).into()
}

/// A waker whose last drop does this.
pub(crate) fn on_drop(action: impl FnOnce() + 'static) -> Waker {
    Arc::new(OnDrop(keep(action))).into()
}

/// Waits with a future that is polled again inside the wake, and goes to `then` with its output.
pub(crate) fn poll_in_wake<F>(future: F, then: impl FnOnce(F::Output) + 'static)
where
    F: Future + Unpin + 'static,
{
    let waiting = Rc::new(Cell::new(None));
    let in_wake = Rc::clone(&waiting);
    let waker = on_wake(move || {
        let mut future: F = in_wake.take().expect("it was put there before it was woken");
        match poll_with(&mut future, Waker::noop().clone()) {
            Poll::Ready(output) => then(output),
            Poll::Pending => panic!("it was woken for nothing"),
        }
    });
    let mut future = future;
    assert!(poll_with(&mut future, waker).is_pending());
    waiting.set(Some(future));
}

/// Polls with a waker, which is dropped then.
pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(&waker))
}

impl Wake for OnWake {
    fn wake(self: Arc<Self>) {
        act(self.0);
    }
}

impl Wake for OnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        act(self.0);
    }
}

fn keep(action: impl FnOnce() + 'static) -> usize {
    ACTIONS.with_borrow_mut(|actions| {
        let number = actions.len();
        actions.insert(number, Box::new(action));
        number
    })
}

fn act(number: usize) {
    // The entry stays, with nothing to do, so that its number is not used again.
    let action = ACTIONS.with_borrow_mut(|actions| actions.insert(number, Box::new(|| {})));
    action.into_iter().for_each(|action| action());
}
