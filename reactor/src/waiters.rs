//! Lists of wakers that wait for the same thing.
//!
//! All lists of a reactor share one slab and are linked by index, so joining and leaving a list costs O(1) and no
//! allocation once the slab has grown. Wakers are foreign: they are cloned before a list is borrowed, and what leaves a
//! list is handed out to be woken or dropped afterwards.

use std::task::Waker;

use crate::slots::{Key, Slots};

/// A list, by its ends.
#[derive(Debug)]
pub(crate) struct List {
    first: Option<Key>,
    last: Option<Key>,
}

/// The entries of all lists.
#[derive(Debug)]
pub(crate) struct Waiters {
    entries: Slots<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    waker: Waker,
    previous: Option<Key>,
    next: Option<Key>,
    /// Nobody holds its key, so it leaves only when the list is woken.
    anonymous: bool,
}

impl List {
    pub(crate) const fn new() -> Self {
        Self { first: None, last: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl Waiters {
    pub(crate) const fn new() -> Self {
        Self { entries: Slots::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Appends a waiter, whoever keeps the key removes it.
    pub(crate) fn push(&mut self, list: &mut List, waker: Waker) -> Key {
        self.append(list, waker, false)
    }

    /// Appends a waiter that stays until the list is woken.
    pub(crate) fn push_anonymous(&mut self, list: &mut List, waker: Waker) {
        self.append(list, waker, true);
    }

    /// Whether a waiter without a key has this waker already.
    pub(crate) fn has_anonymous(&self, list: &List, waker: &Waker) -> bool {
        let mut next = list.first;
        while let Some(waiter) = next.and_then(|key| self.entries.get(key)) {
            if waiter.anonymous && waiter.waker.will_wake(waker) {
                return true;
            }
            next = waiter.next;
        }
        false
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.entries.get(key).is_some()
    }

    /// The waker of a waiter that is still in its list.
    pub(crate) fn waker_mut(&mut self, key: Key) -> Option<&mut Waker> {
        self.entries.get_mut(key).map(|waiter| &mut waiter.waker)
    }

    /// Takes a waiter out of its list.
    #[must_use = "a waker is dropped when no borrow is held"]
    pub(crate) fn remove(&mut self, list: &mut List, key: Key) -> Option<Waker> {
        let waiter = self.entries.remove(key)?;
        match waiter.previous.and_then(|previous| self.entries.get_mut(previous)) {
            Some(previous) => previous.next = waiter.next,
            None => list.first = waiter.next,
        }
        match waiter.next.and_then(|next| self.entries.get_mut(next)) {
            Some(next) => next.previous = waiter.previous,
            None => list.last = waiter.previous,
        }
        Some(waiter.waker)
    }

    /// Empties a list, in the order of arrival.
    pub(crate) fn take_all(&mut self, list: &mut List, into: &mut Vec<Waker>) {
        let mut next = list.first.take();
        list.last = None;
        while let Some(waiter) = next.and_then(|key| self.entries.remove(key)) {
            into.push(waiter.waker);
            next = waiter.next;
        }
    }

    fn append(&mut self, list: &mut List, waker: Waker, anonymous: bool) -> Key {
        let key = self.entries.insert(Waiter { waker, previous: list.last, next: None, anonymous });
        match list.last.and_then(|last| self.entries.get_mut(last)) {
            Some(last) => last.next = Some(key),
            None => list.first = Some(key),
        }
        list.last = Some(key);
        key
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    fn drain(waiters: &mut Waiters, list: &mut List) -> usize {
        let mut wakers = Vec::new();
        waiters.take_all(list, &mut wakers);
        wakers.len()
    }

    #[test]
    fn waiters_leave_from_anywhere() {
        for leaves in 0..3 {
            let mut waiters = Waiters::new();
            let mut list = List::new();
            let keys: Vec<_> = (0..3).map(|_| waiters.push(&mut list, Waker::noop().clone())).collect();
            assert!(waiters.remove(&mut list, keys[leaves]).is_some());
            assert!(waiters.remove(&mut list, keys[leaves]).is_none());
            assert!(!waiters.contains(keys[leaves]));
            assert_eq!(drain(&mut waiters, &mut list), 2);
            assert!(list.is_empty());
            assert_eq!(waiters.len(), 0);
        }
    }

    #[test]
    fn lists_do_not_mix() {
        let mut waiters = Waiters::new();
        let (mut one, mut other) = (List::new(), List::new());
        // A waker with an identity: that of `Waker::noop` is not promised.
        let waker = Waker::from(Arc::new(Nothing));
        waiters.push(&mut one, waker.clone());
        waiters.push_anonymous(&mut other, waker.clone());
        waiters.push(&mut one, waker.clone());
        assert!(waiters.has_anonymous(&other, &waker));
        assert!(!waiters.has_anonymous(&one, &waker));
        assert_eq!(drain(&mut waiters, &mut one), 2);
        assert_eq!(drain(&mut waiters, &mut other), 1);
    }

    struct Nothing;

    impl Wake for Nothing {
        fn wake(self: Arc<Self>) {}
    }
}
