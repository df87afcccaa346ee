//! A value that is made once, by an asynchronous operation.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::claim::Claim;
use super::held::Held;
use super::permits::{HasPermits, Permits};
use super::semaphore::TryAcquireError;
use crate::wait;

/// A value that is made when it is first asked for.
///
/// Many may ask at once: one makes the value, and the others wait for it. If that one fails, panics or is dropped, the next
/// one tries. The [task list](crate::runtime::TaskList) says which task makes it, as in `once cell (initialized by task
/// 3)`.
///
/// ```
/// use hanol::sync::OnceCell;
///
/// async fn connect() -> String {
///     "the connection".to_owned()
/// }
///
/// # hanol::block_on(async {
/// let connection = OnceCell::new();
/// assert_eq!(connection.get(), None);
/// assert_eq!(connection.get_or_init(connect).await, "the connection");
/// // It is not made again.
/// assert_eq!(connection.get_or_init(async || unreachable!()).await, "the connection");
/// # });
/// ```
pub struct OnceCell<T> {
    value: std::cell::OnceCell<T>,
    /// The permit to make the value. Closed when it is there.
    permits: Permits,
}

impl<T> OnceCell<T> {
    /// Makes one without a value.
    pub const fn new() -> Self {
        Self { value: std::cell::OnceCell::new(), permits: Permits::lock(1) }
    }

    /// Makes one that has a value, if one is given.
    pub fn new_with(value: Option<T>) -> Self {
        value.map_or_else(Self::new, Self::from)
    }

    /// Whether the value is there.
    pub fn initialized(&self) -> bool {
        self.value.get().is_some()
    }

    /// The value, if it is there.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, if it is there, to change it.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Gives it its value. Those who wait for one go on with this.
    ///
    /// # Errors
    ///
    /// When it has one, or when one is being made. The error has the value that was not taken.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.permits.try_take(1) {
            Ok(()) => {
                self.finish(Held::new(&self.permits, 1), value);
                Ok(())
            }
            Err(TryAcquireError::NoPermits) => Err(SetError::InitializingError(value)),
            Err(TryAcquireError::Closed) => Err(SetError::AlreadyInitializedError(value)),
        }
    }

    /// The value. If it is not there, `make` makes it, or another one that is at it already.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future while it makes the value drops what `make` has returned, and the next one who waits calls its own
    /// `make`.
    #[track_caller]
    pub fn get_or_init<F>(&self, make: F) -> impl Future<Output = &T> + use<'_, T, F>
    where
        F: AsyncFnOnce() -> T,
    {
        let location = Location::caller();
        async move {
            if let Some(value) = self.get() {
                return value;
            }
            match self.begin(location).await {
                Some(held) => {
                    let value = make().await;
                    self.finish(held, value)
                }
                None => self.expect(),
            }
        }
    }

    /// The value. If it is not there, `make` tries to make it, or another one that is at it already.
    ///
    /// # Errors
    ///
    /// The error of `make`. The next one who waits calls its own `make` then.
    ///
    /// # Cancel safety
    ///
    /// As of [`get_or_init`](Self::get_or_init).
    #[track_caller]
    pub fn get_or_try_init<E, F>(&self, make: F) -> impl Future<Output = Result<&T, E>> + use<'_, T, E, F>
    where
        F: AsyncFnOnce() -> Result<T, E>,
    {
        let location = Location::caller();
        async move {
            if let Some(value) = self.get() {
                return Ok(value);
            }
            match self.begin(location).await {
                Some(held) => {
                    let value = make().await?;
                    Ok(self.finish(held, value))
                }
                None => Ok(self.expect()),
            }
        }
    }

    /// The value, without the cell.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out, and leaves the cell as if it were new.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }

    /// Waits for the permit to make the value. `None` when it is there.
    async fn begin(&self, location: &'static Location<'static>) -> Option<Held<'_>> {
        let mut claim = Claim::new(self, 1, wait::INITIALIZED, location);
        let claimed = std::future::poll_fn(|cx| claim.poll(cx)).await;
        claimed.ok().map(|_| Held::new(&self.permits, 1))
    }

    /// Puts the value in its place, for one who may make it, and wakes those who wait for it.
    fn finish(&self, held: Held<'_>, value: T) -> &T {
        let set = self.value.set(value);
        debug_assert!(set.is_ok(), "only the one with the permit makes a value");
        self.permits.close();
        drop(held);
        self.expect()
    }

    fn expect(&self) -> &T {
        self.get().expect("the permits are closed when the value is there")
    }
}

impl<T> HasPermits for OnceCell<T> {
    fn permits(&self) -> &Permits {
        &self.permits
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        let cell = Self { value: std::cell::OnceCell::from(value), permits: Permits::lock(1) };
        cell.permits.close();
        cell
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell").field("value", &self.get()).finish()
    }
}

/// Why [`OnceCell::set`] did not take a value, with that value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetError<T> {
    /// The cell has a value.
    AlreadyInitializedError(T),
    /// A value is being made.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether the cell has a value.
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, Self::AlreadyInitializedError(_))
    }

    /// Whether a value is being made.
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, Self::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyInitializedError(_) => "the cell has a value already",
            Self::InitializingError(_) => "the value of the cell is being made",
        })
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}
