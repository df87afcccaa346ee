//! A lock that many may hold to read, or one to write.

mod lock;
mod owned;
mod read_guard;
mod write_guard;

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

pub use self::lock::{ReadLock, ReadLockOwned, WriteLock, WriteLockOwned};
pub use self::owned::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
pub use self::read_guard::RwLockReadGuard;
pub use self::write_guard::{RwLockMappedWriteGuard, RwLockWriteGuard};
use super::mutex::TryLockError;
use super::permits::{HasPermits, Permits};

/// A value that many tasks may read at once, or one task may change, even across an `.await`.
///
/// Between two awaits a task has the thread for itself, and needs no lock: see [`Mutex`](super::Mutex), of which this is
/// the kind that lets readers in together.
///
/// It is fair: tasks get it in the order in which they asked. So one that waits to write is not kept waiting by readers who
/// come later: those wait behind it. For the same reason a task that holds it to read and asks for it again may wait for
/// ever, when another one has asked to write in between.
///
/// Reading or writing while it is free costs a few instructions and no memory; the value itself is on the heap. A panic of
/// a task that holds it frees it and does not poison it. While tasks wait, the [task list](crate::runtime::TaskList) says
/// which task holds it to write.
///
/// ```
/// use hanol::sync::RwLock;
///
/// # hanol::block_on(async {
/// let names = RwLock::new(vec!["a"]);
/// {
///     let (one, other) = (names.read().await, names.read().await);
///     assert_eq!(*one, *other);
/// }
/// names.write().await.push("b");
/// assert_eq!(names.into_inner(), ["a", "b"]);
/// # });
/// ```
pub struct RwLock<T> {
    /// One for each reader that there may be. A writer takes all.
    permits: Permits,
    /// Borrowed by the guards that borrow. Owned guards to read share the value, and one to write has it and leaves `None`.
    value: RefCell<Option<Rc<T>>>,
}

const IS_THERE: &str = "the value is in its place, or the lock would be held";
const IS_ALONE: &str = "nobody reads the value, or the lock would be held";

impl<T> RwLock<T> {
    /// Makes a lock that is free. It lets in 2²⁹ − 1 readers at once, as in tokio.
    pub fn new(value: T) -> Self {
        Self::with_max_readers(value, Self::MOST_READERS)
    }

    /// Makes a lock that lets in so many readers at once. Others wait.
    ///
    /// # Panics
    ///
    /// With more than 2²⁹ − 1, or with none.
    #[track_caller]
    pub fn with_max_readers(value: T, readers: u32) -> Self {
        assert!(readers > 0, "a lock has at least one reader");
        assert!(readers <= Self::MOST_READERS, "a lock has at most {} readers", Self::MOST_READERS);
        Self { permits: Permits::lock(readers as usize), value: RefCell::new(Some(Rc::new(value))) }
    }

    const MOST_READERS: u32 = u32::MAX >> 3;

    /// Locks it to read, and waits for that if need be: until nobody writes, and nobody who came earlier waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. If it had got the lock already, it is passed on.
    #[track_caller]
    pub fn read(&self) -> ReadLock<'_, T> {
        ReadLock::new(self, Location::caller())
    }

    /// Locks it to write, and waits for that if need be: until nobody reads or writes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. If it had got the lock already, it is passed on.
    #[track_caller]
    pub fn write(&self) -> WriteLock<'_, T> {
        WriteLock::new(self, Location::caller())
    }

    /// Locks it to read, if nobody writes and nobody waits.
    ///
    /// # Errors
    ///
    /// When it would have to wait.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.try_take(1)?;
        Ok(RwLockReadGuard::new(self))
    }

    /// Locks it to write, if nobody reads or writes.
    ///
    /// # Errors
    ///
    /// When it would have to wait.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        self.try_take(self.permits.all())?;
        Ok(RwLockWriteGuard::new(self))
    }

    /// As [`read`](Self::read), with a guard that keeps the lock alive and so can move into a task.
    ///
    /// # Cancel safety
    ///
    /// As of [`read`](Self::read).
    #[track_caller]
    pub fn read_owned(self: Rc<Self>) -> ReadLockOwned<T> {
        ReadLockOwned::new(self, Location::caller())
    }

    /// As [`write`](Self::write), with a guard that keeps the lock alive and so can move into a task.
    ///
    /// # Cancel safety
    ///
    /// As of [`write`](Self::write).
    #[track_caller]
    pub fn write_owned(self: Rc<Self>) -> WriteLockOwned<T> {
        WriteLockOwned::new(self, Location::caller())
    }

    /// As [`try_read`](Self::try_read), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// When it would have to wait.
    pub fn try_read_owned(self: Rc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        self.try_take(1)?;
        Ok(OwnedRwLockReadGuard::new(self))
    }

    /// As [`try_write`](Self::try_write), with a guard that keeps the lock alive.
    ///
    /// # Errors
    ///
    /// When it would have to wait.
    pub fn try_write_owned(self: Rc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        self.try_take(self.permits.all())?;
        Ok(OwnedRwLockWriteGuard::new(self))
    }

    /// The value. Nobody else has the lock, so it need not be locked.
    pub fn get_mut(&mut self) -> &mut T {
        Rc::get_mut(self.value.get_mut().as_mut().expect(IS_THERE)).expect(IS_ALONE)
    }

    /// The value, without the lock.
    pub fn into_inner(self) -> T {
        Rc::into_inner(self.value.into_inner().expect(IS_THERE)).expect(IS_ALONE)
    }

    fn try_take(&self, permits: usize) -> Result<(), TryLockError> {
        self.permits.try_take(permits).map_err(|_| TryLockError(()))
    }

    /// Borrows the value for one who may read it.
    #[inline]
    fn borrow(&self) -> Ref<'_, T> {
        Ref::map(self.value.borrow(), |value| &**value.as_ref().expect(IS_THERE))
    }

    /// Borrows the value for one who may write it.
    #[inline]
    fn borrow_mut(&self) -> RefMut<'_, T> {
        RefMut::map(self.value.borrow_mut(), |value| Rc::get_mut(value.as_mut().expect(IS_THERE)).expect(IS_ALONE))
    }

    /// Shares the value with one who may read it.
    fn share(&self) -> Rc<T> {
        Rc::clone(self.value.borrow().as_ref().expect(IS_THERE))
    }
}

impl<T> HasPermits for RwLock<T> {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(value) => debug.field("value", &*value),
            Err(_) => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}
