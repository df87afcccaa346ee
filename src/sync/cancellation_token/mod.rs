//! Asking tasks to end.

mod guard;
mod node;
mod run;
mod waiting;

pub use self::guard::{DropGuard, DropGuardRef};
pub use self::run::{RunUntilCancelled, RunUntilCancelledOwned};
pub use self::waiting::{WaitForCancellationFuture, WaitForCancellationFutureOwned};

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use self::node::Node;

/// Asks tasks to end, and tells them.
///
/// Clones are the same token. Cancelling it cancels also every token that [`child_token`](Self::child_token) made from it,
/// and their children. Cancelling a child leaves its parent alone. It cannot be taken back.
///
/// A task is not stopped from outside: it looks for itself, with [`is_cancelled`](Self::is_cancelled),
/// [`cancelled`](Self::cancelled) or [`run_until_cancelled`](Self::run_until_cancelled), and may tidy up.
///
/// ```
/// # hanol::block_on(async {
/// use hanol::sync::CancellationToken;
/// use hanol::time::sleep;
/// use std::time::Duration;
///
/// let shutdown = CancellationToken::new();
/// let worker = hanol::spawn({
///     let shutdown = shutdown.clone();
///     async move {
///         match shutdown.run_until_cancelled(sleep(Duration::from_secs(3600))).await {
///             Some(()) => "slept well",
///             None => "was asked to end",
///         }
///     }
/// });
/// hanol::task::yield_now().await;
/// shutdown.cancel();
/// assert_eq!(worker.await.unwrap(), "was asked to end");
/// # });
/// ```
///
/// # Memory
///
/// A parent knows its children and does not keep them: one that is dropped leaves nothing behind, so a token that lives as
/// long as the program may have a child for every request. When a token in the middle is dropped, its children become those
/// of its parent. No chain of tokens is too long to be cancelled or dropped.
pub struct CancellationToken {
    node: Rc<Node>,
}

impl CancellationToken {
    /// A token that is not cancelled and has no parent.
    pub fn new() -> Self {
        Self { node: Rc::new(Node::new()) }
    }

    /// A token that is cancelled with this one. It is cancelled from the start if this one is.
    ///
    /// ```
    /// use hanol::sync::CancellationToken;
    ///
    /// let server = CancellationToken::new();
    /// let (first, second) = (server.child_token(), server.child_token());
    /// first.cancel();
    /// assert!(first.is_cancelled() && !server.is_cancelled() && !second.is_cancelled());
    /// server.cancel();
    /// assert!(second.is_cancelled());
    /// ```
    #[must_use = "a child that is dropped at once has no effect"]
    pub fn child_token(&self) -> Self {
        Self { node: Node::child_of(&self.node) }
    }

    /// Cancels this token, its clones and all that come from it, and wakes who waits for that.
    ///
    /// When the first is woken, all of them are cancelled.
    pub fn cancel(&self) {
        Node::cancel(&self.node);
    }

    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }

    /// Waits until it is cancelled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self, Location::caller())
    }

    /// Waits until it is cancelled, with a future that has the token.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost but the token.
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self, Location::caller())
    }

    /// Runs a future until it is ready or the token is cancelled, which gives `None`. Then the future is dropped with the one
    /// that this gives.
    ///
    /// A token that is cancelled already has the future never polled. Else the future is polled first, so if both come at the
    /// same time, its output is given.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future. It is as cancel safe as that is.
    #[track_caller]
    pub fn run_until_cancelled<F>(&self, future: F) -> RunUntilCancelled<'_, F>
    where
        F: Future,
    {
        RunUntilCancelled::new(self, future, Location::caller())
    }

    /// As [`run_until_cancelled`](Self::run_until_cancelled), with a future that has the token.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future. It is as cancel safe as that is.
    #[track_caller]
    pub fn run_until_cancelled_owned<F>(self, future: F) -> RunUntilCancelledOwned<F>
    where
        F: Future,
    {
        RunUntilCancelledOwned::new(self, future, Location::caller())
    }

    /// Cancels the token when the guard is dropped, however the scope is left that has it.
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// As [`drop_guard`](Self::drop_guard), for a token that others go on using.
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }
}

impl Clone for CancellationToken {
    /// The same token again.
    fn clone(&self) -> Self {
        Self { node: Rc::clone(&self.node) }
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

// Whatever a panic interrupts, the state of a token is complete before any foreign code runs.
impl UnwindSafe for CancellationToken {}
impl RefUnwindSafe for CancellationToken {}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}
