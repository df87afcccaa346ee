//! Tasks: coroutines that the runtime schedules.
//!
//! A task is a future on the heap, with its own place in the run queue. [`spawn`] makes one; its [`JoinHandle`] awaits
//! the output, aborts it, or is dropped and lets it go on. A panic ends the task alone and arrives at the handle.
//!
//! ```
//! # hanol::block_on(async {
//! let answer = hanol::spawn(async { 6 * 7 });
//! assert_eq!(answer.await?, 42);
//!
//! let stuck = hanol::spawn(std::future::pending::<()>());
//! stuck.abort();
//! assert!(stuck.await.unwrap_err().is_cancelled());
//! # Ok::<(), hanol::task::JoinError>(()) }).unwrap();
//! ```
//!
//! # Which to take
//!
//! | to | take |
//! |---|---|
//! | have the outputs of many tasks, as they come | [`JoinSet`] |
//! | do work in several tasks that succeeds or fails as a whole | [`group`], [`TaskGroup`] |
//! | wait for tasks that others have spawned, and keep none of their outputs | [`TaskTracker`] |
//! | end a task with the scope that holds its handle | [`AbortOnDropHandle`] |
//! | call what blocks, or computes for long | [`spawn_blocking`], [`unblock`] |
//! | spawn from another thread | [`Handle::spawn`](crate::runtime::Handle::spawn) |
//! | keep a value for a task and all that it calls | [`task_local!`](crate::task_local) |
//! | give way in a loop that never waits | [`yield_now`], [`consume_budget`], [`coop`] |

mod abort_on_drop;
pub mod coop;
mod group;
mod task_local;
mod tracker;

pub use hanol_executor::{
    AbortHandle, Builder, Id, JoinError, JoinHandle, JoinNext, JoinNextWithId, JoinSet, RemoteJoinHandle, YieldNow,
    join_set, spawn, try_task_id as try_id, yield_now,
};
#[cfg(feature = "blocking")]
pub use hanol_executor::{Unblock, spawn_blocking, unblock};

pub use self::abort_on_drop::AbortOnDropHandle;
pub use self::coop::{Unconstrained, consume_budget, unconstrained};
pub use self::group::{GroupHandle, GroupWait, Outcome, TaskGroup, group};
pub use self::task_local::{AccessError, LocalKey, TaskLocalFuture};
pub use self::tracker::{TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture};

/// The identity of the task that calls this. The future of `block_on` is 0.
///
/// # Panics
///
/// Outside a task. [`try_id`] does not.
#[track_caller]
pub fn id() -> Id {
    try_id().expect("task::id is called from inside a task of a hanol runtime")
}
