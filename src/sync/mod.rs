//! Channels and locks between the tasks of one thread.
//!
//! They use no atomics and no operating system locks, and are `!Send` or `!Sync` where that is what makes them cheap.

pub mod broadcast;
mod cancellation_token;
pub(crate) mod event;
mod wait_list;
pub mod watch;

pub use self::cancellation_token::{
    CancellationToken, DropGuard, DropGuardRef, RunUntilCancelled, RunUntilCancelledOwned, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
