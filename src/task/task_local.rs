//! Values that belong to a task, as a thread's local values belong to it.
//!
//! A value lies in its future while that is not polled, and in a place of the thread while it is: each poll swaps it in,
//! and out again. So tasks never see each other's values, and scopes nest. The swap is undone also by a panic.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

/// Declares task-local keys, each a static of type [`LocalKey`](crate::task::LocalKey).
///
/// ```
/// hanol::task_local! {
///     /// Whom the current request is for.
///     static PEER: String;
///     pub static DEPTH: u32;
/// }
///
/// # hanol::block_on(async {
/// let serve = PEER.scope("alice".to_string(), async {
///     hanol::task::yield_now().await;
///     PEER.with(|peer| format!("hello, {peer}"))
/// });
/// assert_eq!(serve.await, "hello, alice");
/// assert!(PEER.try_get().is_err());
/// # });
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty) => {
        $(#[$attribute])*
        $visibility static $name: $crate::task::LocalKey<$type> = {
            ::std::thread_local! {
                static PLACE: ::std::cell::RefCell<::core::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::core::option::Option::None) };
            }
            $crate::task::LocalKey::__new(PLACE)
        };
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty; $($rest:tt)*) => {
        $crate::task_local!($(#[$attribute])* $visibility static $name: $type);
        $crate::task_local!($($rest)*);
    };
}

/// The key of a value that belongs to a task, declared by [`task_local!`](crate::task_local).
///
/// A value is set for the polls of one future, by [`scope`](Self::scope), or for one call, by
/// [`sync_scope`](Self::sync_scope). A task that is spawned inside does not inherit it.
pub struct LocalKey<T: 'static> {
    /// The value of the innermost scope that this thread is in.
    place: thread::LocalKey<RefCell<Option<T>>>,
}

impl<T: 'static> LocalKey<T> {
    /// For [`task_local!`](crate::task_local) alone.
    #[doc(hidden)]
    pub const fn __new(place: thread::LocalKey<RefCell<Option<T>>>) -> Self {
        Self { place }
    }

    /// Runs a future with the value set, in each of its polls and in its drop. The value is dropped with the future.
    ///
    /// # Panics
    ///
    /// The future panics when it is polled inside a [`with`](Self::with) of this key.
    ///
    /// # Cancel safety
    ///
    /// That of the future.
    pub fn scope<F: Future>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F> {
        TaskLocalFuture { key: self, value: Some(value), future: Some(future) }
    }

    /// Calls `f` with the value set.
    ///
    /// # Panics
    ///
    /// Inside a [`with`](Self::with) of this key, and when `f` panics.
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        match self.enter(&mut value) {
            Ok(_scope) => f(),
            Err(error) => panic!("{error}"),
        }
    }

    /// Calls `f` with the value of the innermost scope.
    ///
    /// `f` may use this key again, but enter no scope of it.
    ///
    /// # Panics
    ///
    /// Outside a scope of this key. [`try_with`](Self::try_with) does not.
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(returned) => returned,
            Err(error) => panic!("{error}"),
        }
    }

    /// Calls `f` with the value of the innermost scope.
    ///
    /// # Errors
    ///
    /// Outside a scope of this key; `f` is not called then.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        // The borrow is a shared one, and nobody takes the other kind but to swap: so `f` may come here again.
        let called = self.place.try_with(|place| place.borrow().as_ref().map(f));
        called.ok().flatten().ok_or(AccessError(()))
    }

    /// Swaps the value in, until the guard is dropped.
    fn enter<'a>(&'static self, value: &'a mut Option<T>) -> Result<Scope<'a, T>, EnterError> {
        self.swap(value)?;
        Ok(Scope { key: self, value })
    }

    fn swap(&'static self, value: &mut Option<T>) -> Result<(), EnterError> {
        let swap = |place: &RefCell<Option<T>>| {
            let mut place = place.try_borrow_mut().map_err(|_borrowed| EnterError::InsideWith)?;
            mem::swap(&mut *place, value);
            Ok(())
        };
        self.place.try_with(swap).unwrap_or(Err(EnterError::ThreadEnds))
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// A copy of the value of the innermost scope.
    ///
    /// # Panics
    ///
    /// Outside a scope of this key. [`try_get`](Self::try_get) does not.
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// A copy of the value of the innermost scope.
    ///
    /// # Errors
    ///
    /// Outside a scope of this key.
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

pin_project! {
    /// The future of [`LocalKey::scope`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        key: &'static LocalKey<T>,
        value: Option<T>,
        // Gone once it is done, so that it is dropped in the scope.
        #[pin]
        future: Option<F>,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_none() {
                return;
            }
            // Inside a `with`, or at the end of the thread, the future is dropped outside its scope rather than not at all.
            let _scope = this.key.enter(this.value);
            this.future.set(None);
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out: from then on the future runs without one. `None` if it was taken before.
    ///
    /// ```
    /// # hanol::task_local! { static KEY: u32; }
    /// # hanol::block_on(async {
    /// let mut future = Box::pin(KEY.scope(7, async {}));
    /// future.as_mut().await;
    /// assert_eq!(future.as_mut().take_value(), Some(7));
    /// # });
    /// ```
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let scope = match this.key.enter(this.value) {
            Ok(scope) => scope,
            Err(error) => panic!("{error}"),
        };
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("a TaskLocalFuture was polled after it had given its output");
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        drop(scope);
        polled
    }
}

/// The time for which a value is in the thread's place.
struct Scope<'a, T: 'static> {
    key: &'static LocalKey<T>,
    /// What was in the place before.
    value: &'a mut Option<T>,
}

impl<T: 'static> Drop for Scope<'_, T> {
    fn drop(&mut self) {
        // What can fail is entering: the place that was there then is there now, and every `with` since then has ended.
        let _ = self.key.swap(self.value);
    }
}

/// The value of a [`LocalKey`] was asked for outside its scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessError(());

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a task-local value was asked for where none is set: await this inside a `scope` of its key")
    }
}

impl Error for AccessError {}

/// Why no scope can be entered.
enum EnterError {
    InsideWith,
    ThreadEnds,
}

impl fmt::Display for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsideWith => "a scope of a task-local key cannot be entered inside a `with` of the same key",
            Self::ThreadEnds => "a scope of a task-local key cannot be entered while the thread's locals are dropped",
        })
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture").field("value", &self.value).finish_non_exhaustive()
    }
}
