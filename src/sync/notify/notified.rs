//! The futures that wait for a notification.

use std::fmt;
use std::mem;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use hanol_executor::{WaitKind, budget, waits_for};

use super::{Heir, Notify};
use crate::sync::wait_list::{Key, WaitList};
use crate::wait;

const KIND: WaitKind = wait::NOTIFIED;

/// The future of [`Notify::notified`].
#[must_use = "futures do nothing unless awaited"]
pub struct Notified<'a>(Waiting<&'a Notify>);

/// The future of [`Notify::notified_owned`].
#[must_use = "futures do nothing unless awaited"]
pub struct OwnedNotified(Waiting<Rc<Notify>>);

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify, location: &'static Location<'static>) -> Self {
        Self(Waiting::new(notify, location))
    }

    /// Takes a place in the line without waiting, and says whether the notification has come already.
    ///
    /// Between looking whether there is something to do and the first poll of a `Notified`, a `notify_one` may reach
    /// another task. Who enables it before looking misses nothing:
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::pin::pin;
    /// use hanol::sync::Notify;
    ///
    /// async fn wait_until_open(open: &Cell<bool>, opened: &Notify) {
    ///     let mut notified = pin!(opened.notified());
    ///     loop {
    ///         notified.as_mut().enable();
    ///         if open.get() {
    ///             return;
    ///         }
    ///         notified.as_mut().await;
    ///         notified.set(opened.notified());
    ///     }
    /// }
    /// # let (open, opened) = (Cell::new(false), Notify::new());
    /// # let open_it = async { open.set(true); opened.notify_one() };
    /// # hanol::block_on(async { futures_util::join!(wait_until_open(&open, &opened), open_it) });
    /// ```
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        self.0.enable()
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Rc<Notify>, location: &'static Location<'static>) -> Self {
        Self(Waiting::new(notify, location))
    }

    /// As [`Notified::enable`].
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        self.0.enable()
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }
}

/// What the two futures have in common.
struct Waiting<N: Deref<Target = Notify>> {
    notify: N,
    /// The broadcasts at the time when it was made.
    broadcasts: u64,
    state: State,
    location: &'static Location<'static>,
}

enum State {
    /// It has no place in the line.
    Made,
    Enabled(Key),
    Notified,
}

impl<N: Deref<Target = Notify>> Waiting<N> {
    fn new(notify: N, location: &'static Location<'static>) -> Self {
        let broadcasts = notify.broadcasts.get();
        Self { notify, broadcasts, state: State::Made, location }
    }

    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(budget::poll_proceed(cx, self.location));
        if self.is_notified(cx) {
            return Poll::Ready(());
        }
        budget::give_back();
        waits_for(KIND, 0, self.location);
        Poll::Pending
    }

    #[inline]
    fn is_notified(&mut self, cx: &Context<'_>) -> bool {
        loop {
            match &self.state {
                State::Notified => return true,
                State::Enabled(key) => {
                    let granted = WaitList::poll_granted(&self.notify.waiting, key, cx);
                    if granted {
                        self.leave();
                    }
                    return granted;
                }
                State::Made if self.is_due() => self.take(),
                State::Made => {
                    let waker = cx.waker().clone();
                    // The clone may have notified us. Then its drop, which may do as much, comes before anything is taken.
                    if !self.is_due() {
                        self.enter(waker);
                        return false;
                    }
                }
            }
        }
    }

    fn enable(&mut self) -> bool {
        match &self.state {
            State::Notified => true,
            State::Enabled(key) => {
                let granted = self.notify.waiting.borrow().is_granted(key);
                if granted {
                    self.leave();
                }
                granted
            }
            State::Made if self.is_due() => {
                self.take();
                true
            }
            State::Made => {
                self.enter(Waker::noop().clone());
                false
            }
        }
    }

    /// Whether it need not wait, although it has no place in the line.
    fn is_due(&self) -> bool {
        self.notify.broadcasts.get() != self.broadcasts || self.notify.has_permit.get()
    }

    /// Takes the notification that is due. A broadcast leaves the permit to others.
    fn take(&mut self) {
        if self.notify.broadcasts.get() == self.broadcasts {
            self.notify.has_permit.set(false);
        }
        self.state = State::Notified;
    }

    fn enter(&mut self, waker: Waker) {
        self.state = State::Enabled(self.notify.waiting.borrow_mut().push(Heir::Nobody, waker));
    }

    /// Gives up the place, and says who is to have the notification that came with it.
    fn leave(&mut self) -> Heir {
        let State::Enabled(key) = mem::replace(&mut self.state, State::Notified) else { return Heir::Nobody };
        let removed = self.notify.waiting.borrow_mut().remove(key);
        // Its waker, if it still has one, is dropped here: with no borrow, and when all is done.
        removed.wanted
    }
}

impl<N: Deref<Target = Notify>> Drop for Waiting<N> {
    #[inline]
    fn drop(&mut self) {
        match self.leave() {
            Heir::Nobody => {}
            heir => self.notify.notify(heir),
        }
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified").finish_non_exhaustive()
    }
}

impl fmt::Debug for OwnedNotified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedNotified").finish_non_exhaustive()
    }
}
