//! A value that is set once, and that others wait for.

use std::cell::{OnceCell, RefCell};
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::{budget, waits_for, wake};

use super::holder;
use super::wait_list::{Key, WaitList};
use crate::wait;

/// A value that is set once, and that any number of tasks may wait for.
///
/// ```
/// use std::rc::Rc;
/// use hanol::sync::SetOnce;
///
/// # hanol::block_on(async {
/// let address = Rc::new(SetOnce::new());
/// let waits = hanol::spawn({
///     let address = Rc::clone(&address);
///     async move { *address.wait().await }
/// });
/// address.set(7)?;
/// assert!(address.set(8).is_err());
/// assert_eq!(waits.await.unwrap(), 7);
/// # Ok::<(), hanol::sync::SetOnceError<u32>>(()) }).unwrap();
/// ```
pub struct SetOnce<T> {
    value: OnceCell<T>,
    waiting: RefCell<WaitList<()>>,
}

/// The future of [`SetOnce::wait`].
#[must_use = "futures do nothing unless awaited"]
pub struct WaitSet<'a, T> {
    cell: &'a SetOnce<T>,
    place: Option<Key>,
    location: &'static Location<'static>,
}

impl<T> SetOnce<T> {
    /// Makes one without a value.
    pub const fn new() -> Self {
        Self { value: OnceCell::new(), waiting: RefCell::new(WaitList::new()) }
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

    /// Sets the value, and wakes all who wait for it.
    ///
    /// # Errors
    ///
    /// When it has one. The error has the value that was not taken.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        self.value.set(value).map_err(SetOnceError)?;
        let mut woken = Vec::new();
        self.waiting.borrow_mut().grant_all(&mut woken);
        woken.into_iter().for_each(wake);
        Ok(())
    }

    /// Waits for the value.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing for anybody else.
    #[track_caller]
    pub fn wait(&self) -> WaitSet<'_, T> {
        WaitSet { cell: self, place: None, location: Location::caller() }
    }

    /// The value, without the cell.
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }
}

impl<T> WaitSet<'_, T> {
    /// Waits, where there is no value.
    fn wait(&mut self, cx: &Context<'_>) {
        if let Some(key) = &self.place {
            // It is granted when the value is there, which every poll looks for itself.
            WaitList::poll_granted(&self.cell.waiting, key, cx);
            return;
        }
        let waker = cx.waker().clone();
        // The clone may have set the value.
        if !self.cell.initialized() {
            self.place = Some(self.cell.waiting.borrow_mut().push((), waker));
        }
    }
}

impl<'a, T> Future for WaitSet<'a, T> {
    type Output = &'a T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let this = &mut *self;
        ready!(budget::poll_proceed(cx, this.location));
        if !this.cell.initialized() {
            this.wait(cx);
        }
        // The wakers that were cloned or dropped meanwhile may have set it.
        if let Some(value) = this.cell.get() {
            return Poll::Ready(value);
        }
        budget::give_back();
        waits_for(wait::INITIALIZED, holder::UNKNOWN, this.location);
        Poll::Pending
    }
}

impl<T> Drop for WaitSet<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.place.take() {
            let removed = self.cell.waiting.borrow_mut().remove(key);
            // Its waker is dropped here, with no borrow.
            drop(removed);
        }
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        Self { value: OnceCell::from(value), waiting: RefCell::new(WaitList::new()) }
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce").field("value", &self.get()).finish()
    }
}

impl<T> fmt::Debug for WaitSet<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitSet").field("waits", &self.place.is_some()).finish_non_exhaustive()
    }
}

/// A [`SetOnce`] has a value already. This is the one that it did not take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetOnceError<T>(pub T);

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has been set already")
    }
}

impl<T: fmt::Debug> Error for SetOnceError<T> {}
