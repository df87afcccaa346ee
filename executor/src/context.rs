//! Which executor this thread is in.
//!
//! The only state outside an executor. Free functions such as [`spawn`](crate::spawn()) find their executor here, and a
//! waker finds out whether it is at home.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::rc::{Rc, Weak};

use crate::core::Core;
use crate::id::{Id, RuntimeId};
use crate::waker::TaskRef;

struct Context {
    /// The executor that was entered last.
    current: RefCell<Option<Rc<Core>>>,
    /// Every executor of this thread, for handles that are used outside its context.
    all: RefCell<Vec<Weak<Core>>>,
    /// Whether an executor is polling tasks on this thread.
    driving: Cell<bool>,
}

thread_local! {
    static CONTEXT: Context = const {
        Context { current: RefCell::new(None), all: RefCell::new(Vec::new()), driving: Cell::new(false) }
    };
}

/// The identity of the task that is being polled, or dropped, on this thread.
pub fn try_task_id() -> Option<Id> {
    with_core(|core| core.current()).flatten()
}

/// Keeps a thread in the context of an executor.
///
/// Guards must be dropped in the opposite order of their making, as scopes do it.
#[must_use = "the context is left when the guard is dropped"]
pub struct EnterGuard {
    previous: Option<Rc<Core>>,
    not_send: PhantomData<*const ()>,
}

impl fmt::Debug for EnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}

impl Drop for EnterGuard {
    fn drop(&mut self) {
        let previous = self.previous.take();
        // The core that is left may be dropped here, after the borrow has ended.
        let _left = CONTEXT.try_with(|context| context.current.replace(previous));
    }
}

/// Enters an executor's context. At the exit of the thread, when its locals are gone, this does nothing.
pub(crate) fn enter(core: &Rc<Core>) -> EnterGuard {
    let previous = CONTEXT.try_with(|context| context.current.replace(Some(Rc::clone(core)))).ok().flatten();
    EnterGuard { previous, not_send: PhantomData }
}

/// Calls `f` with the current executor. `f` must not run foreign code.
#[inline]
pub(crate) fn with_core<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    CONTEXT.try_with(|context| context.current.borrow().as_ref().map(f)).ok().flatten()
}

/// The executor with this number, if it lives on this thread.
#[inline]
pub(crate) fn find(id: RuntimeId) -> Option<Rc<Core>> {
    match with_core(|core| (core.id() == id).then(|| Rc::clone(core))) {
        Some(Some(current)) => Some(current),
        _ => find_other(id),
    }
}

#[cold]
fn find_other(id: RuntimeId) -> Option<Rc<Core>> {
    let of_thread =
        |context: &Context| context.all.borrow().iter().filter_map(Weak::upgrade).find(|core| core.id() == id);
    CONTEXT.try_with(of_thread).ok().flatten()
}

/// Wakes a task of the current executor. `false` means that it belongs to another one.
#[inline]
pub(crate) fn wake_local(task: TaskRef) -> bool {
    let woken = with_core(|core| {
        let at_home = core.id().index() == task.runtime_index();
        if at_home {
            core.wake(task);
        }
        at_home
    });
    woken.unwrap_or(false)
}

/// Makes an executor known to the handles of its thread.
pub(crate) fn register(core: &Rc<Core>) {
    let weak = Rc::downgrade(core);
    CONTEXT.with(|context| {
        let mut all = context.all.borrow_mut();
        all.retain(|core| core.strong_count() > 0);
        all.push(weak);
    });
}

/// Marks this thread as driving an executor, until it is dropped.
pub(crate) struct Driving(PhantomData<*const ()>);

impl Driving {
    /// # Panics
    ///
    /// When the thread drives one already.
    #[track_caller]
    pub(crate) fn begin() -> Self {
        let nested = CONTEXT.with(|context| context.driving.replace(true));
        assert!(
            !nested,
            "this thread already runs a hanol runtime, which cannot be blocked from inside: await the future, or spawn \
             it as a task, instead of calling block_on"
        );
        Self(PhantomData)
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        crate::budget::lift();
        let _ = CONTEXT.try_with(|context| context.driving.set(false));
    }
}
