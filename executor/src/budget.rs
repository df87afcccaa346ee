//! The budget of a poll: how many leaf operations a task may complete before it has to give way.

use std::cell::Cell;
use std::panic::Location;
use std::task::{Context, Poll};

use crate::wait::{WaitKind, waits_for};

/// How many leaf operations one poll of a task may complete, unless the executor is configured otherwise.
///
/// The figure is tokio's (<https://docs.rs/tokio/latest/tokio/task/coop/>): enough that a batch of work is done in one
/// go, few enough that a peer who always has data cannot keep the thread.
pub const OPERATIONS_PER_POLL: u32 = 128;

const UNLIMITED: u32 = u32::MAX;

thread_local! {
    static LEFT: Cell<u32> = const { Cell::new(UNLIMITED) };
    /// What the current poll began with.
    static LIMIT: Cell<u32> = const { Cell::new(0) };
}

/// Takes one operation from the budget of the current poll.
///
/// A leaf operation calls it first. `Ready` means go on. `Pending` means that the task has had its share: it has been
/// woken already and goes on after the others. Outside a poll of this executor there is no budget.
#[inline]
pub fn poll_proceed(cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<()> {
    match LEFT.get() {
        0 => exhausted(cx, location),
        UNLIMITED => Poll::Ready(()),
        left => {
            LEFT.set(left - 1);
            Poll::Ready(())
        }
    }
}

/// Whether there is an operation left in the budget of the current poll, without taking it. `Pending` is as in
/// [`poll_proceed`].
///
/// For a future that polls several others: the leaves below it take what they need, and once nothing is left, it is of no
/// use to go on with those that count nothing.
#[inline]
pub fn poll_has_left(cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<()> {
    match LEFT.get() {
        0 => exhausted(cx, location),
        _ => Poll::Ready(()),
    }
}

/// Gives back the operation that `poll_proceed` took, for one that did not complete.
#[inline]
pub fn give_back() {
    let left = LEFT.get();
    if left < LIMIT.get() {
        LEFT.set(left + 1);
    }
}

/// Wakes a task that has had its share, so that it goes on after the others.
fn exhausted(cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<()> {
    waits_for(WaitKind::BUDGET, 0, location);
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Starts a poll's budget.
#[inline]
pub(crate) fn begin_poll(operations: u32) {
    LEFT.set(operations);
    LIMIT.set(operations);
}

/// Lifts the limit when the executor stops polling.
pub(crate) fn lift() {
    LEFT.set(UNLIMITED);
}
