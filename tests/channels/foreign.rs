//! Values and wakers that do something when they are dropped or woken.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Does something when it is dropped, once.
pub(crate) struct OnDrop(Option<Box<dyn FnOnce()>>);

impl OnDrop {
    pub(crate) fn new(action: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(action)))
    }

    /// Counts its drop.
    pub(crate) fn counted(drops: &Rc<Cell<u32>>) -> Self {
        let drops = Rc::clone(drops);
        Self::new(move || drops.set(drops.get() + 1))
    }
}

impl fmt::Debug for OnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnDrop")
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        if let Some(action) = self.0.take() {
            action();
        }
    }
}

thread_local! {
    /// What wakers of this thread do. A waker must be `Send`, and what it is to do here is not, so it has a number.
    static ACTIONS: RefCell<HashMap<u64, Box<dyn FnOnce()>>> = RefCell::default();
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

struct Numbered {
    number: u64,
    acts_on: ActsOn,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ActsOn {
    Wake,
    Drop,
}

impl Numbered {
    fn waker(acts_on: ActsOn, action: impl FnOnce() + 'static) -> Waker {
        let number = NEXT.replace(NEXT.get() + 1);
        ACTIONS.with_borrow_mut(|actions| actions.insert(number, Box::new(action)));
        Arc::new(Self { number, acts_on }).into()
    }

    fn act(&self, event: ActsOn) {
        if self.acts_on == event {
            let action = ACTIONS.with_borrow_mut(|actions| actions.remove(&self.number));
            action.into_iter().for_each(|action| action());
        }
    }
}

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.act(ActsOn::Wake);
    }
}

impl Drop for Numbered {
    fn drop(&mut self) {
        self.act(ActsOn::Drop);
    }
}

/// A waker that does something when it is woken, once.
pub(crate) fn on_wake(action: impl FnOnce() + 'static) -> Waker {
    Numbered::waker(ActsOn::Wake, action)
}

/// A waker that does something when its last copy is dropped.
pub(crate) fn on_last_drop(action: impl FnOnce() + 'static) -> Waker {
    Numbered::waker(ActsOn::Drop, action)
}

/// The payload of the panic in which `f` ends.
#[track_caller]
pub(crate) fn panics<R>(f: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Err(payload) => payload,
        Ok(_) => panic!("it did not panic"),
    }
}
