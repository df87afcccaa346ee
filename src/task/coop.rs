//! The budget of a poll: how a task that never has to wait gives way all the same.
//!
//! Each operation of this crate takes one from the budget of the current poll, which is
//! [`OPERATIONS_PER_POLL`](crate::runtime::OPERATIONS_PER_POLL). The operation after the last one wakes its task and is
//! pending, so that the others have their turn. Futures of one's own take part through what is here.
//!
//! ```
//! use std::pin::Pin;
//! use std::task::{Context, Poll, ready};
//! use hanol::task::coop;
//!
//! /// Gives the numbers from 1 on, and is never pending for want of one.
//! struct Next(u64);
//!
//! impl Future for Next {
//!     type Output = u64;
//!
//!     fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
//!         let proceed = ready!(coop::poll_proceed(cx));
//!         self.0 += 1;
//!         proceed.made_progress();
//!         Poll::Ready(self.0)
//!     }
//! }
//!
//! # hanol::block_on(async {
//! let mut next = Next(0);
//! while (&mut next).await < 1000 {}
//! # let task = hanol::runtime::Handle::current().tasks();
//! # assert_eq!(task[0].polls, 8);
//! # });
//! ```

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::budget;
use pin_project_lite::pin_project;

/// Whether the current poll may complete another operation before its task has to give way. Outside a poll it always may.
#[inline]
pub fn has_budget_remaining() -> bool {
    budget::has_remaining()
}

/// Takes one operation from the budget of the current poll.
///
/// `Pending` means that the task has had its share: it was woken already, and goes on after the others. The guard gives the
/// operation back when it is dropped, unless [`made_progress`](RestoreOnPending::made_progress) was called.
#[inline]
#[track_caller]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    budget::poll_proceed(cx, Location::caller())
        .map(|()| RestoreOnPending { pending: Cell::new(true), not_send: PhantomData })
}

/// Gives an operation back to the budget when it is dropped, unless the operation has made progress.
#[derive(Debug)]
#[must_use = "an operation that is not marked as progress is given back at once"]
pub struct RestoreOnPending {
    pending: Cell<bool>,
    not_send: PhantomData<*const ()>,
}

impl RestoreOnPending {
    /// Says that the operation has done something, and so counts.
    #[inline]
    pub fn made_progress(&self) {
        self.pending.set(false);
    }
}

impl Drop for RestoreOnPending {
    #[inline]
    fn drop(&mut self) {
        if self.pending.get() {
            budget::give_back();
        }
    }
}

/// Takes one operation from the budget of the current poll, and gives way if there is none left.
///
/// For loops that compute a lot between operations:
///
/// ```
/// # hanol::block_on(async {
/// let mut sum = 0;
/// for number in 0_u64..10_000 {
///     sum += number;
///     hanol::task::consume_budget().await;
/// }
/// # assert_eq!(sum, 49_995_000);
/// # });
/// ```
///
/// # Cancel safety
///
/// Dropping the future early has no effect.
#[track_caller]
pub fn consume_budget() -> ConsumeBudget {
    ConsumeBudget { location: Location::caller() }
}

/// The future of [`consume_budget`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ConsumeBudget {
    location: &'static Location<'static>,
}

impl Future for ConsumeBudget {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        budget::poll_proceed(cx, self.location)
    }
}

/// Lets a future complete as many operations in one poll as it likes.
///
/// Nothing else runs meanwhile, no timer fires and no event is seen: it has to come to a wait of its own accord.
///
/// # Cancel safety
///
/// That of the future.
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

pin_project! {
    /// The future of [`unconstrained`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _lifted = budget::lift_for_now();
        self.project().future.poll(cx)
    }
}

/// Makes each completed poll of a future count as one operation, for futures that know nothing of the budget.
///
/// ```
/// # hanol::block_on(async {
/// use hanol::task::coop::cooperative;
///
/// for _ in 0..1000 {
///     cooperative(std::future::ready(())).await;
/// }
/// # });
/// ```
///
/// # Cancel safety
///
/// That of the future.
#[track_caller]
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future, location: Location::caller() }
}

pin_project! {
    /// The future of [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct Coop<F> {
        #[pin]
        future: F,
        location: &'static Location<'static>,
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        ready!(budget::poll_proceed(cx, self.location));
        let polled = self.project().future.poll(cx);
        if polled.is_pending() {
            budget::give_back();
        }
        polled
    }
}
