//! Limiting how many tasks do something at once.

mod acquire;
mod permit;

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

pub use self::acquire::{Acquire, AcquireOwned};
pub use self::permit::{OwnedSemaphorePermit, SemaphorePermit};
use super::permits::{HasPermits, Permits};

/// A number of permits that tasks take and give back.
///
/// It is fair: permits are given in the order in which tasks asked, also to one that asks for many, and nobody overtakes
/// those who wait. Taking and giving back a permit that is available costs a few instructions and no memory.
///
/// ```
/// use std::rc::Rc;
/// use hanol::sync::Semaphore;
///
/// # hanol::block_on(async {
/// let two_at_once = Rc::new(Semaphore::new(2));
/// for _ in 0..10 {
///     let permit = Rc::clone(&two_at_once).acquire_owned().await?;
///     hanol::spawn(async move {
///         // The work. The permit goes back when it is dropped.
///         drop(permit);
///     });
/// }
/// # Ok::<(), hanol::sync::AcquireError>(()) }).unwrap();
/// ```
pub struct Semaphore {
    permits: Permits,
}

impl Semaphore {
    /// The largest number of permits: 2⁶¹ − 1, as in tokio.
    pub const MAX_PERMITS: usize = usize::MAX >> 3;

    /// Makes a semaphore with so many permits.
    ///
    /// # Panics
    ///
    /// With more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    #[track_caller]
    pub const fn new(permits: usize) -> Self {
        assert!(permits <= Self::MAX_PERMITS, "a semaphore has at most MAX_PERMITS permits");
        Self { permits: Permits::semaphore(permits) }
    }

    /// How many permits are available now. Those that one who waits has got already are not.
    pub fn available_permits(&self) -> usize {
        self.permits.available()
    }

    /// Adds permits. Those who wait get them first.
    ///
    /// # Panics
    ///
    /// When more than [`MAX_PERMITS`](Self::MAX_PERMITS) would be available.
    #[track_caller]
    pub fn add_permits(&self, count: usize) {
        let fits = count <= Self::MAX_PERMITS.saturating_sub(self.permits.available());
        assert!(fits, "a semaphore has at most MAX_PERMITS permits");
        self.permits.release(count);
    }

    /// Takes up to so many of the available permits away for good, and returns how many those were.
    pub fn forget_permits(&self, count: usize) -> usize {
        self.permits.forget(count)
    }

    /// Takes a permit, and waits for it if need be.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. A permit that it has got and not returned goes to the next.
    #[track_caller]
    pub fn acquire(&self) -> Acquire<'_> {
        Acquire::new(self, 1, Location::caller())
    }

    /// Takes so many permits at once, and waits for them if need be.
    ///
    /// Who waits for many collects them: meanwhile those who came later wait too, even if they ask for less.
    ///
    /// # Errors
    ///
    /// When the semaphore is [closed](Self::close), before or while it waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. The permits that it has got by then go to the next.
    #[track_caller]
    pub fn acquire_many(&self, count: u32) -> Acquire<'_> {
        Acquire::new(self, count as usize, Location::caller())
    }

    /// Takes a permit, if one is available.
    ///
    /// # Errors
    ///
    /// When there is none, or the semaphore is closed.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes so many permits, if they are available.
    ///
    /// # Errors
    ///
    /// When there are fewer, or the semaphore is closed. Then it takes none.
    pub fn try_acquire_many(&self, count: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permits.try_take(count as usize)?;
        Ok(SemaphorePermit::new(self, count as usize))
    }

    /// As [`acquire`](Self::acquire), with a permit that keeps the semaphore alive and so can move into a task.
    ///
    /// # Errors
    ///
    /// As of [`acquire`](Self::acquire).
    ///
    /// # Cancel safety
    ///
    /// As of [`acquire`](Self::acquire).
    #[track_caller]
    pub fn acquire_owned(self: Rc<Self>) -> AcquireOwned {
        AcquireOwned::new(self, 1, Location::caller())
    }

    /// As [`acquire_many`](Self::acquire_many), with permits that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// As of [`acquire_many`](Self::acquire_many).
    ///
    /// # Cancel safety
    ///
    /// As of [`acquire_many`](Self::acquire_many).
    #[track_caller]
    pub fn acquire_many_owned(self: Rc<Self>, count: u32) -> AcquireOwned {
        AcquireOwned::new(self, count as usize, Location::caller())
    }

    /// As [`try_acquire`](Self::try_acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As of [`try_acquire`](Self::try_acquire).
    pub fn try_acquire_owned(self: Rc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Self::try_acquire_many), with permits that keep the semaphore alive.
    ///
    /// # Errors
    ///
    /// As of [`try_acquire_many`](Self::try_acquire_many).
    pub fn try_acquire_many_owned(self: Rc<Self>, count: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.permits.try_take(count as usize)?;
        Ok(OwnedSemaphorePermit::new(self, count as usize))
    }

    /// Gives out no more permits, for good: those who wait are woken and get an error, and so does everybody after them.
    ///
    /// Permits that are out stay valid.
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }
}

impl HasPermits for Semaphore {
    #[inline]
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// There is no permit, since the semaphore was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AcquireError(pub(super) ());

/// Why there was no permit at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TryAcquireError {
    /// The semaphore was closed.
    Closed,
    /// Not so many permits are available.
    NoPermits,
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the semaphore is closed")
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the semaphore is closed",
            Self::NoPermits => "the semaphore has not enough permits",
        })
    }
}

impl Error for AcquireError {}

impl Error for TryAcquireError {}
