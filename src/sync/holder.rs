//! Which task holds a lock, so that the task list can say whom the others wait for.
//!
//! A lock is no number, and the record of a wait has room for nothing else. So a lock gets a number when somebody waits for
//! it for the first time, and keeps it until it is dropped; under that number the list finds who holds it now, not who
//! held it when the wait began.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use hanol_executor::Id;
use slab::Slab;

/// The number of what is not held by one task, or cannot be looked up.
pub(super) const UNKNOWN: u32 = 0x00ff_ffff;

type Task = Cell<Option<Id>>;

thread_local! {
    /// The locks of this thread that somebody has waited for.
    static LOCKS: RefCell<Slab<Rc<Task>>> = const { RefCell::new(Slab::new()) };
}

/// The task that holds the lock with this number, as [`Holder::number`] gave it.
pub(crate) fn task_that_holds(number: u32) -> Option<Id> {
    LOCKS.try_with(|locks| locks.borrow().get(number as usize)?.get()).ok().flatten()
}

/// What a lock knows of its holder.
pub(super) struct Holder {
    task: Task,
    /// A copy that can be looked up, once somebody has waited.
    shown: OnceCell<Shown>,
}

struct Shown {
    number: u32,
    task: Rc<Task>,
}

impl Holder {
    pub(super) const fn new() -> Self {
        Self { task: Cell::new(None), shown: OnceCell::new() }
    }

    /// Notes who holds the lock from now on.
    #[inline]
    pub(super) fn set(&self, task: Option<Id>) {
        self.task.set(task);
        if let Some(shown) = self.shown.get() {
            shown.task.set(task);
        }
    }

    /// The lock's number, for the record of one who waits.
    pub(super) fn number(&self) -> u32 {
        self.shown.get_or_init(|| Shown::new(self.task.get())).number
    }
}

impl Shown {
    #[cold]
    fn new(task: Option<Id>) -> Self {
        let task = Rc::new(Cell::new(task));
        let listed = |locks: &RefCell<Slab<_>>| locks.borrow_mut().insert(Rc::clone(&task));
        // A number that is too large for a record finds nothing, and is given back all the same.
        let number = LOCKS.try_with(listed).ok().and_then(|number| u32::try_from(number).ok()).unwrap_or(UNKNOWN);
        Self { number, task }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let number = self.number as usize;
        let _ = LOCKS.try_with(|locks| locks.borrow_mut().try_remove(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_back_with_its_lock() {
        let (first, second) = (Holder::new(), Holder::new());
        assert_eq!((first.number(), second.number(), first.number()), (0, 1, 0));
        drop(first);
        let third = Holder::new();
        assert_eq!((third.number(), second.number()), (0, 1));
        drop((second, third));
        assert!(LOCKS.with_borrow(Slab::is_empty));
    }
}
