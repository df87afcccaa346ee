//! Which reactor this thread is in.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use crate::clock;
use crate::reactor::Reactor;

thread_local! {
    static CURRENT: RefCell<Option<Reactor>> = const { RefCell::new(None) };
}

/// Keeps a thread in the context of a reactor.
///
/// Guards must be dropped in the opposite order of their making, as scopes do it.
#[must_use = "the context is left when the guard is dropped"]
pub struct EnterGuard {
    previous: Option<Reactor>,
    not_send: PhantomData<*const ()>,
}

impl fmt::Debug for EnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}

impl Drop for EnterGuard {
    fn drop(&mut self) {
        // The reactor that is left may be dropped here, after the borrow has ended.
        let _left = switch(self.previous.take());
    }
}

/// At the exit of the thread, when its locals are gone, this does nothing.
pub(crate) fn enter(reactor: &Reactor) -> EnterGuard {
    EnterGuard { previous: switch(Some(reactor.clone())), not_send: PhantomData }
}

/// Makes another reactor, or none, the thread's, with its clock. Hands out the one that was.
fn switch(to: Option<Reactor>) -> Option<Reactor> {
    let has_own_course = to.as_ref().is_some_and(Reactor::has_own_course);
    let left = CURRENT.try_with(|current| current.replace(to)).ok()?;
    clock::set_has_own_course(has_own_course);
    left
}

/// The reactor of this number, if this thread is in it.
#[inline]
pub fn get(number: u32) -> Option<Reactor> {
    let current = |current: &RefCell<Option<Reactor>>| {
        current.borrow().as_ref().filter(|reactor| reactor.number() == number).cloned()
    };
    CURRENT.try_with(current).ok().flatten()
}

/// Calls `f` with the reactor that this thread is in.
///
/// The context is not borrowed meanwhile: a waker that `f` clones or drops is foreign code, which may enter a runtime.
#[inline]
pub fn current<R>(f: impl FnOnce(&Reactor) -> R) -> Option<R> {
    let reactor = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()?;
    Some(f(&reactor))
}

/// Calls `f` with the reactor of this number, if this thread is in it.
#[inline]
pub fn with<R>(number: u32, f: impl FnOnce(&Reactor) -> R) -> Option<R> {
    get(number).map(|reactor| f(&reactor))
}
