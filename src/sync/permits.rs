//! A number of permits, and those who wait for some: the inside of the semaphore and of every lock.
//!
//! A lock is a number of permits too. One that excludes all others takes every permit there is, one that shares takes a
//! single one.
//!
//! It is fair. Permits that come back go to the first who waits, who collects them until it has all that it asked for, and
//! only then is woken. So **there are permits for the taking only while nobody waits**: what is available never passes
//! anyone by, and whether somebody waits need not be asked on the short way.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

use hanol_executor::{Id, try_task_id, wake};

use super::holder::{self, Holder};
use super::semaphore::TryAcquireError;
use super::wait_list::{Key, WaitList};
use super::wakers::Wakers;

/// What stands for all permits where nobody is said to hold them. More than anyone can ask for.
const NEVER_ALL: usize = usize::MAX;

/// Something that has permits.
pub(super) trait HasPermits {
    fn permits(&self) -> &Permits;
}

/// See the description of the module.
pub(super) struct Permits {
    available: Cell<usize>,
    is_closed: Cell<bool>,
    waiting: RefCell<WaitList<Applicant>>,
    /// Who asks for so many asks for all of them, and is the holder when it has them.
    all: usize,
    holder: Holder,
}

/// One who waits.
struct Applicant {
    asked: usize,
    /// How many of those it asked for it has not got. While it is in the line there is at least one.
    missing: usize,
    task: Option<Id>,
}

impl Permits {
    /// A lock: whoever takes `all` permits holds it alone.
    pub(super) const fn lock(all: usize) -> Self {
        Self::new(all, all)
    }

    /// A semaphore, which no single task holds.
    pub(super) const fn semaphore(permits: usize) -> Self {
        Self::new(permits, NEVER_ALL)
    }

    const fn new(available: usize, all: usize) -> Self {
        Self {
            available: Cell::new(available),
            is_closed: Cell::new(false),
            waiting: RefCell::new(WaitList::new()),
            all,
            holder: Holder::new(),
        }
    }

    #[inline]
    pub(super) fn available(&self) -> usize {
        self.available.get()
    }

    /// How many permits a lock has.
    #[inline]
    pub(super) fn all(&self) -> usize {
        self.all
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// The number under which the task list finds who holds all permits of a lock.
    pub(super) fn holder_number(&self) -> u32 {
        if self.all == NEVER_ALL { holder::UNKNOWN } else { self.holder.number() }
    }

    /// Takes permits, if there are so many and nobody waits for them.
    #[inline]
    pub(super) fn try_take(&self, count: usize) -> Result<(), TryAcquireError> {
        self.check(count)?;
        self.available.set(self.available.get() - count);
        if count == self.all {
            self.holder.set(try_task_id());
        }
        Ok(())
    }

    /// Whether [`try_take`](Self::try_take) would take so many permits.
    #[inline]
    pub(super) fn check(&self, count: usize) -> Result<(), TryAcquireError> {
        if self.is_closed.get() {
            return Err(TryAcquireError::Closed);
        }
        if self.available.get() < count {
            return Err(TryAcquireError::NoPermits);
        }
        Ok(())
    }

    /// Takes permits out of circulation, as many of those as are available. Returns how many.
    pub(super) fn forget(&self, count: usize) -> usize {
        let available = self.available.get();
        let forgotten = count.min(available);
        self.available.set(available - forgotten);
        forgotten
    }

    /// Puts permits into circulation: those that were taken, or new ones. Wakes who has all that it asked for.
    #[inline]
    pub(super) fn release(&self, count: usize) {
        if count == self.all {
            self.holder.set(None);
        }
        self.hand_out(count);
    }

    /// Keeps one of all permits and puts the others into circulation.
    pub(super) fn keep_one(&self) {
        self.holder.set(None);
        self.hand_out(self.all - 1);
    }

    /// Gives out no permits any more, and wakes all who wait, to tell them.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        let mut woken = Vec::new();
        self.waiting.borrow_mut().grant_all(&mut woken);
        woken.into_iter().for_each(wake);
    }

    /// Joins the line, where `asked` permits are not to be had, with those that are.
    pub(super) fn wait(&self, asked: usize, waker: Waker) -> Key {
        debug_assert!(self.available.get() < asked);
        let missing = asked - self.available.take();
        self.waiting.borrow_mut().push(Applicant { asked, missing, task: try_task_id() }, waker)
    }

    /// Whether one who waits need not wait any longer: it has its permits, or there are none any more.
    #[inline]
    pub(super) fn poll_granted(&self, key: &Key, cx: &Context<'_>) -> bool {
        WaitList::poll_granted(&self.waiting, key, cx)
    }

    /// Ends the wait of one that has been granted its permits.
    pub(super) fn take_granted(&self, key: Key) {
        let removed = self.waiting.borrow_mut().remove(key);
        debug_assert!(removed.waker.is_none() && removed.wanted.missing == 0);
    }

    /// Ends the wait of one that goes without, and passes on what it has got.
    pub(super) fn abandon(&self, key: Key) {
        let removed = self.waiting.borrow_mut().remove(key);
        let Applicant { asked, missing, .. } = removed.wanted;
        if missing < asked {
            self.release(asked - missing);
        }
        // Its waker, if it still has one, is dropped here: with no borrow, and when all is done.
    }

    #[inline]
    fn hand_out(&self, count: usize) {
        if self.waiting.borrow().is_empty() {
            self.available.set(self.available.get().saturating_add(count));
        } else {
            self.hand_to_waiting(count);
        }
    }

    fn hand_to_waiting(&self, mut count: usize) {
        let mut woken = Wakers::default();
        {
            let mut waiting = self.waiting.borrow_mut();
            while let Some(first) = waiting.first_mut() {
                if first.missing > count {
                    first.missing -= count;
                    count = 0;
                    break;
                }
                count -= first.missing;
                first.missing = 0;
                if first.asked == self.all {
                    self.holder.set(first.task);
                }
                waiting.grant_first().into_iter().for_each(|waker| woken.push(waker));
            }
        }
        self.available.set(self.available.get() + count);
        woken.wake();
    }
}
