//! What a group knows of its children, and what they tell it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

use hanol_executor::{AbortHandle, Ended, Watch, Watched, contain, spawn, wake};
use slab::Slab;

use super::Outcome;

/// What the group, its handles and its children have in common.
pub(super) struct Shared<T> {
    /// The children that have not ended. One is without its handle while it is being spawned.
    children: RefCell<Slab<Option<AbortHandle>>>,
    /// The first failure, until it is given.
    pub(super) failure: Cell<Option<Failure<T>>>,
    /// Children that are spawned from now on are cancelled at once.
    pub(super) is_closed: Cell<bool>,
    /// Who waits for the group.
    waker: RefCell<Option<Waker>>,
}

pub(super) enum Failure<T> {
    Returned(T),
    Panicked(Box<dyn Any + Send + 'static>),
}

impl<T: Outcome> Shared<T> {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            children: RefCell::new(Slab::new()),
            failure: Cell::new(None),
            is_closed: Cell::new(false),
            waker: RefCell::new(None),
        })
    }

    /// How many children have not ended.
    pub(super) fn len(&self) -> usize {
        self.children.borrow().len()
    }

    #[track_caller]
    pub(super) fn spawn<F>(self: &Rc<Self>, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let key = self.children.borrow_mut().insert(None);
        let child = spawn(Watched::new(future, Child { group: Rc::clone(self), key }));
        let abort = child.abort_handle();
        // A runtime that has shut down has dropped the child already, and the key may be another's.
        if !child.is_finished() {
            self.children.borrow_mut()[key] = Some(abort.clone());
        }
        if self.is_closed.get() {
            child.abort();
        }
        abort
    }

    /// Aborts all children, and those that are spawned from now on. Whoever waits for the group looks again.
    pub(super) fn cancel(&self) {
        self.is_closed.set(true);
        let children: Vec<AbortHandle> = self.children.borrow().iter().filter_map(|(_, child)| child.clone()).collect();
        // Each drops its future, which may do anything, so nothing is borrowed.
        children.iter().for_each(AbortHandle::abort);
        self.wake();
    }

    /// Takes note of what a child, or the closure of a group, has returned.
    pub(super) fn take_note_of(&self, output: T) {
        if output.is_failure() {
            self.fail(Failure::Returned(output));
        }
    }

    /// The first failure is kept, and ends the others.
    fn fail(&self, failure: Failure<T>) {
        match self.failure.take() {
            Some(first) => {
                self.failure.set(Some(first));
                contain(|| drop(failure));
            }
            None => {
                self.failure.set(Some(failure));
                self.cancel();
            }
        }
    }

    pub(super) fn set_waker(&self, cx: &Context<'_>) {
        let known = self.waker.borrow().as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if !known {
            let waker = cx.waker().clone();
            let replaced = self.waker.replace(Some(waker));
            drop(replaced);
        }
    }

    fn wake(&self) {
        let waker = self.waker.take();
        if let Some(waker) = waker {
            wake(waker);
        }
    }
}

/// Tells the group that a child has ended.
struct Child<T: Outcome> {
    group: Rc<Shared<T>>,
    key: usize,
}

impl<T: Outcome> Watch<T> for Child<T> {
    fn ended(self, ended: Ended<T>) {
        self.group.children.borrow_mut().remove(self.key);
        match ended {
            // What counts is that the group is woken, whatever the output does.
            Ended::Completed(output) => contain(|| self.group.take_note_of(output)),
            Ended::Panicked(payload) => self.group.fail(Failure::Panicked(payload)),
            Ended::Dropped => {}
        }
        if self.group.is_closed.get() || self.group.len() == 0 {
            self.group.wake();
        }
    }
}
