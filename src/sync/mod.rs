//! Channels and locks between the tasks of one thread.
//!
//! They use no atomics and no operating system locks, and are `!Send` or `!Sync` where that is what makes them cheap.

mod claim;
mod held;
mod holder;
mod mutex;
mod notify;
mod permits;
mod semaphore;
mod wait_list;
mod wakers;

pub(crate) use self::holder::task_that_holds;
pub use self::mutex::{Lock, LockOwned, MappedMutexGuard, Mutex, MutexGuard, OwnedMutexGuard, TryLockError};
pub use self::notify::{Notified, Notify, OwnedNotified};
pub use self::semaphore::{
    Acquire, AcquireError, AcquireOwned, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};
