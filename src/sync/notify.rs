//! Telling tasks that something has happened, without saying what.

mod notified;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use hanol_executor::wake;

pub use self::notified::{Notified, OwnedNotified};
use super::wait_list::WaitList;

/// Notifies one task, or all that wait, of an event.
///
/// It carries no data: what has changed is somewhere else, in a `Cell` for example, and the notified task looks there.
/// Think of a [`Semaphore`](super::Semaphore) that starts with no permit and never has more than one:
/// [`notified`](Self::notified) waits for the permit and takes it, [`notify_one`](Self::notify_one) makes it available.
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
/// use hanol::sync::Notify;
///
/// # hanol::block_on(async {
/// let (jobs, added) = (Rc::new(RefCell::new(Vec::new())), Rc::new(Notify::new()));
/// let worker = hanol::spawn({
///     let (jobs, added) = (Rc::clone(&jobs), Rc::clone(&added));
///     async move {
///         loop {
///             if let Some(job) = jobs.borrow_mut().pop() {
///                 return job;
///             }
///             added.notified().await;
///         }
///     }
/// });
/// jobs.borrow_mut().push("job");
/// added.notify_one();
/// assert_eq!(worker.await?, "job");
/// # Ok::<(), hanol::task::JoinError>(()) }).unwrap();
/// ```
pub struct Notify {
    /// A `notify_one` has found nobody who waits, so the next one need not. Never set while somebody waits.
    has_permit: Cell<bool>,
    /// How often `notify_waiters` was called: a [`Notified`] that was made before the last call is due.
    broadcasts: Cell<u64>,
    /// With each entry who is to be notified in its place when it is dropped after its grant.
    waiting: RefCell<WaitList<Heir>>,
}

/// Who gets the notification of a [`Notified`] that is dropped without having seen it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heir {
    /// Nobody: it has none, or everybody has got one.
    Nobody,
    /// The task that has waited for the longest time.
    First,
    /// The task that has waited for the shortest time.
    Last,
}

impl Notify {
    /// Makes one without a permit.
    pub const fn new() -> Self {
        Self { has_permit: Cell::new(false), broadcasts: Cell::new(0), waiting: RefCell::new(WaitList::new()) }
    }

    /// Waits for a notification.
    ///
    /// If [`notify_one`](Self::notify_one) has left its permit, this takes it and is done at once. A call to
    /// [`notify_waiters`](Self::notify_waiters) reaches each `Notified` that exists, even if it has not been polled. The
    /// place in the line for `notify_one` is taken by the first poll, or by [`Notified::enable`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place in the line. A notification of `notify_one` or `notify_last` that it has got
    /// and not returned goes to the next one, so none is lost.
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self, Location::caller())
    }

    /// As [`notified`](Self::notified), with a future that keeps the `Notify` alive.
    ///
    /// # Cancel safety
    ///
    /// As of [`notified`](Self::notified).
    #[track_caller]
    pub fn notified_owned(self: Rc<Self>) -> OwnedNotified {
        OwnedNotified::new(self, Location::caller())
    }

    /// Notifies the task that has waited for the longest time.
    ///
    /// If nobody waits, the permit is left for the next to come. There is at most one: two calls that find nobody leave
    /// one permit.
    pub fn notify_one(&self) {
        self.notify(Heir::First);
    }

    /// Notifies the task that has waited for the shortest time. If nobody waits, it does what
    /// [`notify_one`](Self::notify_one) does.
    ///
    /// The one that came last has its data in the cache. Those who came first may wait for ever.
    pub fn notify_last(&self) {
        self.notify(Heir::Last);
    }

    /// Notifies every [`Notified`] that exists now. No permit is left for others, and one that was left stays.
    pub fn notify_waiters(&self) {
        self.broadcasts.set(self.broadcasts.get().wrapping_add(1));
        let mut woken = Vec::new();
        self.waiting.borrow_mut().grant_all(&mut woken);
        woken.into_iter().for_each(wake);
    }

    #[inline]
    fn notify(&self, order: Heir) {
        let granted = {
            let mut waiting = self.waiting.borrow_mut();
            let next = if order == Heir::Last { waiting.last_mut() } else { waiting.first_mut() };
            if let Some(heir) = next {
                *heir = order;
            }
            if order == Heir::Last { waiting.grant_last() } else { waiting.grant_first() }
        };
        match granted {
            Some(waker) => wake(waker),
            None => self.has_permit.set(true),
        }
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").field("has_permit", &self.has_permit.get()).finish_non_exhaustive()
    }
}
