//! A list of tasks that wait for the same thing, in the order of their arrival.
//!
//! A task that waits has an entry, and whoever made the entry removes it: when it has what it waited for, or when its
//! future is dropped. To grant is to take the entry out of the order and hand out its waker; the entry stays until its
//! owner looks, so a grant is never lost: a future that is dropped with one passes it on.
//!
//! Entries are linked by index in one slab, so joining and leaving cost O(1), and nothing is allocated once the slab has
//! grown. Wakers are foreign: they are cloned before the list is borrowed, and those that leave it are handed out, to be
//! woken or dropped when the borrow has ended.

use std::cell::RefCell;
use std::task::{Context, Waker};

use slab::Slab;

const NONE: u32 = u32::MAX;

/// Entries with what each of them wants.
#[derive(Debug)]
pub(super) struct WaitList<W> {
    entries: Slab<Entry<W>>,
    first: u32,
    last: u32,
}

/// An entry's number. It is given up to [`WaitList::remove`], and to nothing else.
#[derive(Debug)]
pub(super) struct Key(u32);

#[derive(Debug)]
struct Entry<W> {
    /// `None` once it is granted.
    waker: Option<Waker>,
    wanted: W,
    previous: u32,
    next: u32,
}

/// What an entry was when it was removed.
#[derive(Debug)]
#[must_use = "a grant that is not used has to be passed on"]
pub(super) struct Removed<W> {
    pub(super) wanted: W,
    /// The waker of an entry that still waited. `None` means that it had been granted.
    pub(super) waker: Option<Waker>,
}

impl<W> WaitList<W> {
    pub(super) const fn new() -> Self {
        Self { entries: Slab::new(), first: NONE, last: NONE }
    }

    /// Whether nobody waits. Those who were granted wait no longer.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// Appends an entry.
    pub(super) fn push(&mut self, wanted: W, waker: Waker) -> Key {
        let previous = self.last;
        let index = self.entries.insert(Entry { waker: Some(waker), wanted, previous, next: NONE });
        let index = u32::try_from(index).ok().filter(|&index| index != NONE).expect("fewer than 2³² tasks wait");
        match previous {
            NONE => self.first = index,
            _ => self.entry(previous).next = index,
        }
        self.last = index;
        Key(index)
    }

    /// What the first in the order wants.
    #[inline]
    pub(super) fn first_mut(&mut self) -> Option<&mut W> {
        let first = self.first;
        (first != NONE).then(|| &mut self.entry(first).wanted)
    }

    /// Grants the first in the order what it wants, and hands out its waker.
    #[inline]
    #[must_use = "the waker is to be woken"]
    pub(super) fn grant_first(&mut self) -> Option<Waker> {
        self.grant(self.first)
    }

    /// What the last in the order wants.
    #[inline]
    pub(super) fn last_mut(&mut self) -> Option<&mut W> {
        let last = self.last;
        (last != NONE).then(|| &mut self.entry(last).wanted)
    }

    /// Grants the last in the order what it wants, and hands out its waker.
    #[must_use = "the waker is to be woken"]
    pub(super) fn grant_last(&mut self) -> Option<Waker> {
        self.grant(self.last)
    }

    /// Grants all who wait, in their order.
    pub(super) fn grant_all(&mut self, woken: &mut Vec<Waker>) {
        while let Some(waker) = self.grant_first() {
            woken.push(waker);
        }
    }

    /// Whether an entry has been granted. If not, it wakes the task of `cx` from now on.
    ///
    /// It is given the cell, since it may clone and drop wakers.
    #[inline]
    pub(super) fn poll_granted(list: &RefCell<Self>, key: &Key, cx: &Context<'_>) -> bool {
        {
            let list = list.borrow();
            if list.is_granted(key) {
                return true;
            }
            if list.waits_with(key, cx.waker()) {
                return false;
            }
        }
        let waker = cx.waker().clone();
        let replaced = list.borrow_mut().set_waker(key, waker);
        drop(replaced);
        // Either waker may have granted it.
        list.borrow().is_granted(key)
    }

    /// Whether an entry has been granted.
    #[inline]
    pub(super) fn is_granted(&self, key: &Key) -> bool {
        self.entries[key.0 as usize].waker.is_none()
    }

    /// Whether an entry that waits would wake the same task as `waker`.
    #[inline]
    pub(super) fn waits_with(&self, key: &Key, waker: &Waker) -> bool {
        self.entries[key.0 as usize].waker.as_ref().is_some_and(|known| known.will_wake(waker))
    }

    /// Gives an entry that waits another waker; the old one is handed out to be dropped.
    #[must_use = "a waker is dropped when no borrow is held"]
    pub(super) fn set_waker(&mut self, key: &Key, waker: Waker) -> Option<Waker> {
        match &mut self.entry(key.0).waker {
            Some(known) => Some(std::mem::replace(known, waker)),
            None => Some(waker),
        }
    }

    /// Removes an entry, which may have been granted.
    pub(super) fn remove(&mut self, key: Key) -> Removed<W> {
        if !self.is_granted(&key) {
            self.unlink(key.0);
        }
        let entry = self.entries.remove(key.0 as usize);
        Removed { wanted: entry.wanted, waker: entry.waker }
    }

    #[inline]
    fn grant(&mut self, index: u32) -> Option<Waker> {
        if index == NONE {
            return None;
        }
        self.unlink(index);
        self.entry(index).waker.take()
    }

    fn unlink(&mut self, index: u32) {
        let entry = self.entry(index);
        let (previous, next) = (entry.previous, entry.next);
        match previous {
            NONE => self.first = next,
            _ => self.entry(previous).next = next,
        }
        match next {
            NONE => self.last = previous,
            _ => self.entry(next).previous = previous,
        }
    }

    fn entry(&mut self, index: u32) -> &mut Entry<W> {
        &mut self.entries[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waker() -> Waker {
        Waker::noop().clone()
    }

    fn order(list: &mut WaitList<u32>) -> Vec<u32> {
        std::iter::from_fn(|| {
            let first = *list.first_mut()?;
            list.grant_first().map(|_| first)
        })
        .collect()
    }

    #[test]
    fn entries_leave_from_anywhere_and_the_rest_keep_their_order() {
        for leaves in 0..3 {
            let mut list = WaitList::new();
            let mut keys: Vec<_> = (0..3).map(|number| list.push(number, waker())).collect();
            let removed = list.remove(keys.remove(leaves));
            assert_eq!(removed.wanted, leaves as u32);
            assert!(removed.waker.is_some());
            let rest: Vec<u32> = (0..3).filter(|&number| number != leaves as u32).collect();
            assert_eq!(order(&mut list), rest);
            assert!(list.is_empty());
        }
    }

    #[test]
    fn the_last_is_granted_before_the_others() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (0..3).map(|number| list.push(number, waker())).collect();
        assert_eq!(list.last_mut().copied(), Some(2));
        assert!(list.grant_last().is_some());
        assert!(list.is_granted(&keys[2]) && !list.is_granted(&keys[1]));
        assert_eq!(order(&mut list), [0, 1]);
        assert!(list.grant_last().is_none() && list.last_mut().is_none());
    }

    #[test]
    fn a_grant_stays_until_its_owner_takes_it() {
        let mut list = WaitList::new();
        let (first, second) = (list.push(1, waker()), list.push(2, waker()));
        assert!(list.grant_first().is_some());
        assert!(list.is_granted(&first) && !list.is_granted(&second));
        let removed = list.remove(first);
        assert!(removed.waker.is_none());
        assert_eq!(order(&mut list), [2]);
        assert!(list.remove(second).waker.is_none());
        assert!(list.is_empty() && list.grant_first().is_none());
    }
}
