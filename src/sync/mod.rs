//! Channels and locks between the tasks of one thread.
//!
//! They use no atomics and no operating system locks, and are `!Send` or `!Sync` where that is what makes them cheap.
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
