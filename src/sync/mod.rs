//! Channels and locks between the tasks of one thread.
//!
//! They use no atomics and no operating system locks, and are `!Send` or `!Sync` where that is what makes them cheap.
//!
//! Tasks of one thread take turns, and only at an `.await`. So what they share needs no lock, but for what must not change
//! while somebody awaits: an `Rc` of a `Cell` or a `RefCell` will do.
//!
//! | to | take | which keeps |
//! |---|---|---|
//! | give one value to one task | [`oneshot`] | the value until it is taken |
//! | hand values to one task, from one or many | [`mpsc`] | every value, up to its capacity or without limit |
//! | tell every value to many tasks | [`broadcast`] | the last values; who is slower misses some, and is told |
//! | let many tasks see how something stands | [`watch`] | the latest value only |
//! | ask tasks to end | [`CancellationToken`] | that it was cancelled |
//! | wait until they have | [`TaskTracker`](crate::task::TaskTracker), or a [`JoinSet`](crate::task::JoinSet) for their results | how many are left |
//! | wake a task that looks for itself | [`Notify`] | one permit at most |
//! | let so many at a time do something | [`Semaphore`] | permits |
//! | keep others out across an `.await` | [`Mutex`], or [`RwLock`] for many who only look | a value |
//! | wait until so many have come | [`Barrier`] | how many have |
//! | make a value once, when it is first wanted | [`OnceCell`] | the value |
//! | wait for a value that is set once | [`SetOnce`] | the value |
//!
//! What it means to drop a future half-way, each says under *Cancel safety*. Who waits is in the
//! [task list](crate::runtime::TaskList), with the line of the call.
//!
//! # Other threads
//!
//! A value that comes from another thread, or goes to one, takes a channel that is made for it. Those of the
//! [`async-channel`](https://docs.rs/async-channel) crate and of
//! [`tokio::sync`](https://docs.rs/tokio/latest/tokio/sync/) depend on no runtime and work here: whoever sends wakes the
//! task through its runtime's inbox.

mod barrier;
pub mod broadcast;
mod cancellation_token;
mod claim;
pub(crate) mod event;
mod held;
mod holder;
pub mod mpsc;
mod mutex;
mod notify;
mod once_cell;
pub mod oneshot;
mod permits;
mod rw_lock;
mod semaphore;
mod set_once;
mod wait_list;
mod waker_cell;
mod wakers;
pub mod watch;

pub use self::barrier::{Barrier, BarrierWait, BarrierWaitResult};
pub use self::cancellation_token::{
    CancellationToken, DropGuard, DropGuardRef, RunUntilCancelled, RunUntilCancelledOwned, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
pub(crate) use self::holder::task_that_holds;
pub use self::mutex::{Lock, LockOwned, MappedMutexGuard, Mutex, MutexGuard, OwnedMutexGuard, TryLockError};
pub use self::notify::{Notified, Notify, OwnedNotified};
pub use self::once_cell::{OnceCell, SetError};
pub use self::rw_lock::{
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, ReadLock, ReadLockOwned, RwLock, RwLockMappedWriteGuard,
    RwLockReadGuard, RwLockWriteGuard, WriteLock, WriteLockOwned,
};
pub use self::semaphore::{
    Acquire, AcquireError, AcquireOwned, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};
pub use self::set_once::{SetOnce, SetOnceError, WaitSet};
