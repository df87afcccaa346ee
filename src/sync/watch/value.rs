//! The value of a watch channel, and references to it.
//!
//! The value is behind an [`Rc`] that each [`Ref`] shares. While nobody shares it, it is changed where it is; else a new one
//! takes its place. It is out of the channel while the user's code changes it, so nothing is borrowed then, and whoever
//! looks finds out.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::Deref;
use std::rc::Rc;

/// A reference to a value of a channel.
///
/// It keeps its value, also when another one is sent meanwhile: a value that was replaced is dropped with the last reference
/// to it.
pub struct Ref<'a, T> {
    value: Rc<T>,
    has_changed: bool,
    channel: PhantomData<&'a T>,
}

impl<T> Ref<'_, T> {
    pub(super) fn new(value: Rc<T>, has_changed: bool) -> Self {
        Self { value, has_changed, channel: PhantomData }
    }

    /// Whether the receiver had not seen this value when it was borrowed. For a sender it is always `false`.
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref").field("value", &self.value).field("has_changed", &self.has_changed).finish()
    }
}

/// The place of the value.
pub(super) struct Value<T> {
    /// `None` while the user's code changes it.
    current: Cell<Option<Rc<T>>>,
}

impl<T> Value<T> {
    pub(super) fn new(init: T) -> Self {
        Self { current: Cell::new(Some(Rc::new(init))) }
    }

    /// The value that is there.
    #[track_caller]
    pub(super) fn get(&self) -> Rc<T> {
        let current = self.take();
        let value = Rc::clone(&current);
        self.current.set(Some(current));
        value
    }

    /// Puts another value into the channel. The old one is handed out, or a share of it if there are references to it: it
    /// is to be dropped when all is done that belongs to the change.
    #[track_caller]
    pub(super) fn replace(&self, value: T) -> Result<T, Rc<T>> {
        let mut current = self.take();
        let old = match Rc::get_mut(&mut current) {
            Some(alone) => Ok(mem::replace(alone, value)),
            None => Err(mem::replace(&mut current, Rc::new(value))),
        };
        self.current.set(Some(current));
        old
    }

    /// Lets `change` change the value.
    #[track_caller]
    pub(super) fn modify<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut taken = Taken { value: Some(self.take()), place: &self.current };
        match taken.value.as_mut().and_then(Rc::get_mut) {
            Some(value) => change(value),
            None => panic!(
                "the value of a watch channel was to be changed while a `Ref` to it lives: drop the `Ref` first, or use \
                 `send`, which does not need the old value"
            ),
        }
    }

    #[track_caller]
    fn take(&self) -> Rc<T> {
        match self.current.take() {
            Some(value) => value,
            None => panic!("the value of a watch channel was used by the closure that is changing it"),
        }
    }
}

/// Puts the value back that was taken out of its place, also when changing it panics.
struct Taken<'a, T> {
    value: Option<Rc<T>>,
    place: &'a Cell<Option<Rc<T>>>,
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        self.place.set(self.value.take());
    }
}

impl<T: fmt::Debug> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.current.take();
        let shown = current.clone();
        self.current.set(current);
        match shown {
            Some(value) => value.fmt(f),
            None => f.write_str("<being changed>"),
        }
    }
}
