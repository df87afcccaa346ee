//! A lock that may be held while its task waits.

mod guard;
mod lock;
mod owned;

use std::cell::{RefCell, RefMut};
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

pub use self::guard::{MappedMutexGuard, MutexGuard};
pub use self::lock::{Lock, LockOwned};
pub use self::owned::OwnedMutexGuard;
use super::permits::{HasPermits, Permits};

/// A value that one task at a time may use, even across an `.await`.
///
/// Between two awaits a task has the thread for itself, and needs no lock: a `Cell` or a `RefCell` is enough. This lock is
/// for what has to stay as it is while the task that uses it waits for something else, such as a connection on which one
/// request is answered before the next one is sent.
///
/// It is fair: tasks get it in the order in which they asked. Locking it while it is free costs a few instructions and no
/// memory. A panic of the task that holds it frees it and does not poison it: the next one finds the value as it was
/// left.
///
/// While tasks wait for it, the [task list](crate::runtime::TaskList) says which task holds it, as in `lock (held by task
/// 3)`. That is the one that locked it, even if its guard has moved elsewhere. A task that locks it twice waits for itself
/// for ever, and is shown to do so.
///
/// ```
/// use std::rc::Rc;
/// use hanol::sync::Mutex;
/// use hanol::task::yield_now;
///
/// # hanol::block_on(async {
/// let pair = Rc::new(Mutex::new((0, 0)));
/// let writer = hanol::spawn({
///     let pair = Rc::clone(&pair);
///     async move {
///         let mut pair = pair.lock().await;
///         pair.0 += 1;
///         yield_now().await;
///         pair.1 += 1;
///     }
/// });
/// yield_now().await;
/// // The writer is between the two lines.
/// assert_eq!(*pair.lock().await, (1, 1));
/// # writer.await.unwrap();
/// # });
/// ```
pub struct Mutex<T> {
    permits: Permits,
    /// Borrowed by a [`MutexGuard`], `None` while an [`OwnedMutexGuard`] has the value.
    value: RefCell<Option<T>>,
}

const IS_THERE: &str = "the value is in its place, or the lock would be held";

impl<T> Mutex<T> {
    /// Makes a lock that is free.
    pub const fn new(value: T) -> Self {
        Self { permits: Permits::lock(1), value: RefCell::new(Some(value)) }
    }

    /// Locks it, and waits for that if need be.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. If it had got the lock already, the next one gets it.
    #[track_caller]
    pub fn lock(&self) -> Lock<'_, T> {
        Lock::new(self, Location::caller())
    }

    /// Locks it, if it is free.
    ///
    /// # Errors
    ///
    /// When it is held.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.permits.try_take(1).map_err(|_| TryLockError(()))?;
        Ok(MutexGuard::new(self))
    }

    /// As [`lock`](Self::lock), with a guard that keeps the lock alive and so can move into a task.
    ///
    /// The value itself moves into the guard and back: put a large one into a `Box`.
    ///
    /// # Cancel safety
    ///
    /// As of [`lock`](Self::lock).
    #[track_caller]
    pub fn lock_owned(self: Rc<Self>) -> LockOwned<T> {
        LockOwned::new(self, Location::caller())
    }

    /// As [`try_lock`](Self::try_lock), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// When it is held.
    pub fn try_lock_owned(self: Rc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.permits.try_take(1).map_err(|_| TryLockError(()))?;
        Ok(OwnedMutexGuard::new(self))
    }

    /// The value. Nobody else has the lock, so it need not be locked.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut().as_mut().expect(IS_THERE)
    }

    /// The value, without the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner().expect(IS_THERE)
    }

    /// Borrows the value for one who has just locked it.
    #[inline]
    fn borrow(&self) -> RefMut<'_, T> {
        RefMut::map(self.value.borrow_mut(), |value| value.as_mut().expect(IS_THERE))
    }
}

impl<T> HasPermits for Mutex<T> {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(value) => debug.field("value", &*value),
            Err(_) => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

/// The lock is held in a way that excludes this one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TryLockError(pub(super) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lock is held")
    }
}

impl Error for TryLockError {}
