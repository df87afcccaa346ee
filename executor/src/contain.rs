//! Panics of foreign code that must not reach the loop.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Calls foreign code whose panic has nobody to go to: the drop of a detached task's output, a waker's `wake`.
///
/// The panic hook has reported it by then; what is left of it is dropped.
pub fn contain(foreign: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(foreign)) {
        discard(payload);
    }
}

/// Wakes a waker that may be foreign. A panic in it is contained, so that the next one is woken too.
#[inline]
pub fn wake(waker: Waker) {
    contain(|| waker.wake());
}

/// Drops a panic's payload. A payload that panics when it is dropped is leaked: dropping it again would not help.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(payload);
    }
}
