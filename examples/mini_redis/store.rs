//! The keyspace: what each key holds, and until when.
//!
//! A key whose deadline has passed is gone for whoever asks, even before the expiry task has come to remove it. Every
//! key with a deadline is also in `deadlines`, and nothing else is, so the next key to expire is known at once.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use hanol::sync::Notify;

use crate::failure::{Failure, WRONG_TYPE};
use crate::value::{Kind, Value};

/// Milliseconds since 1970, as Redis counts time.
pub(crate) type Milliseconds = i64;

type Key = Rc<[u8]>;

/// All keys of the server.
#[derive(Default)]
pub(crate) struct Store {
    entries: HashMap<Key, Entry>,
    deadlines: BTreeSet<(Milliseconds, Key)>,
    now: Milliseconds,
    earlier_deadline: Rc<Notify>,
}

struct Entry {
    value: Value,
    deadline: Option<Milliseconds>,
}

impl Entry {
    fn is_expired(&self, now: Milliseconds) -> bool {
        self.deadline.is_some_and(|deadline| deadline < now)
    }
}

/// What becomes of the deadline of a key that gets a new value.
#[derive(Clone, Copy)]
pub(crate) enum Lifetime {
    /// The key stays for good.
    Unlimited,
    /// The key has the deadline it had before.
    Kept,
    /// The key goes after this moment.
    Until(Milliseconds),
}

impl Store {
    /// The time at which the current commands are executed. All commands of one batch see the same.
    pub(crate) fn now(&self) -> Milliseconds {
        self.now
    }

    pub(crate) fn set_now(&mut self, now: Milliseconds) {
        self.now = now;
    }

    /// How many keys there are, with those that are expired and still to be removed.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many keys have a deadline.
    pub(crate) fn deadlines(&self) -> usize {
        self.deadlines.len()
    }

    /// All keys that are not expired, in no order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let alive = self.entries.iter().filter(|(_, entry)| !entry.is_expired(self.now));
        alive.map(|(key, _)| &**key)
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        self.entries = HashMap::new();
        self.deadlines = BTreeSet::new();
    }

    /// The value of a key, whatever its kind.
    pub(crate) fn value(&mut self, key: &[u8]) -> Option<&mut Value> {
        self.entry(key).map(|entry| &mut entry.value)
    }

    /// The value of a key that must be of one kind.
    ///
    /// # Errors
    ///
    /// The key holds another kind of value.
    pub(crate) fn get<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&mut K>, Failure> {
        match self.value(key) {
            Some(value) => K::of(value).map(Some).ok_or(WRONG_TYPE),
            None => Ok(None),
        }
    }

    /// The value of a key that must be of one kind; a missing key gets an empty one. The caller puts something in.
    ///
    /// # Errors
    ///
    /// The key holds another kind of value.
    pub(crate) fn get_or_create<K: Kind>(&mut self, key: &[u8]) -> Result<&mut K, Failure> {
        if self.entry(key).is_none() {
            let entry = Entry { value: K::default().into_value(), deadline: None };
            self.entries.insert(key.into(), entry);
        }
        let entry = self.entries.get_mut(key).expect("the key was put in if it was missing");
        K::of(&mut entry.value).ok_or(WRONG_TYPE)
    }

    /// Gives a key a new value of any kind.
    pub(crate) fn set(&mut self, key: &[u8], value: Value, lifetime: Lifetime) {
        match self.entry(key) {
            Some(entry) => entry.value = value,
            None => {
                self.entries.insert(key.into(), Entry { value, deadline: None });
            }
        }
        match lifetime {
            Lifetime::Unlimited => self.set_deadline(key, None),
            Lifetime::Kept => {}
            Lifetime::Until(deadline) => self.set_deadline(key, Some(deadline)),
        }
    }

    /// Removes a key and gives what it held.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Option<Value> {
        self.entry(key)?;
        self.take(key)
    }

    /// Removes a key whose last element was taken.
    pub(crate) fn remove_if_empty(&mut self, key: &[u8]) {
        if self.entries.get(key).is_some_and(|entry| entry.value.is_empty_collection()) {
            self.take(key);
        }
    }

    /// The deadline of a key, if the key exists and has one.
    pub(crate) fn deadline(&mut self, key: &[u8]) -> Option<Milliseconds> {
        self.entry(key)?.deadline
    }

    /// Changes the deadline of a key that exists.
    pub(crate) fn set_deadline(&mut self, key: &[u8], deadline: Option<Milliseconds>) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let old = std::mem::replace(&mut entry.deadline, deadline);
        if old == deadline {
            return;
        }
        let (shared, _) = self.entries.get_key_value(key).expect("the key was found just now");
        let shared = shared.clone();
        let earliest = self.earliest_deadline();
        if let Some(old) = old {
            self.deadlines.remove(&(old, shared.clone()));
        }
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline, shared));
            if earliest.is_none_or(|earliest| deadline < earliest) {
                self.earlier_deadline.notify_one();
            }
        }
    }

    /// The deadline of the key that expires next.
    pub(crate) fn earliest_deadline(&self) -> Option<Milliseconds> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Notified when a key will expire earlier than all others before it.
    pub(crate) fn earlier_deadline(&self) -> Rc<Notify> {
        self.earlier_deadline.clone()
    }

    /// Removes expired keys, the oldest first, and at most `limit` of them; true if none is left.
    pub(crate) fn remove_expired(&mut self, limit: usize) -> bool {
        for _ in 0..limit {
            match self.deadlines.first() {
                Some((deadline, _)) if *deadline < self.now => {}
                _ => return true,
            }
            let (_, key) = self.deadlines.pop_first().expect("the first one was seen just now");
            self.entries.remove(&key);
        }
        false
    }

    /// The entry of a key that is not expired; an expired one is removed.
    fn entry(&mut self, key: &[u8]) -> Option<&mut Entry> {
        if !self.deadlines.is_empty() && self.entries.get(key)?.is_expired(self.now) {
            self.take(key);
            return None;
        }
        self.entries.get_mut(key)
    }

    fn take(&mut self, key: &[u8]) -> Option<Value> {
        let (shared, entry) = self.entries.remove_entry(key)?;
        if let Some(deadline) = entry.deadline {
            self.deadlines.remove(&(deadline, shared));
        }
        Some(entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Value {
        Value::String(text.into())
    }

    #[test]
    fn a_key_is_gone_after_its_deadline_for_whoever_asks() {
        let mut store = Store::default();
        store.set_now(100);
        store.set(b"a", string("1"), Lifetime::Until(110));
        store.set(b"b", string("2"), Lifetime::Until(120));
        store.set(b"a", string("3"), Lifetime::Kept);
        store.set_now(110);
        assert!(store.value(b"a").is_some());
        store.set_now(111);
        assert_eq!(store.keys().collect::<Vec<_>>(), [b"b"]);
        assert!(store.value(b"a").is_none());
        assert_eq!(store.earliest_deadline(), Some(120));
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn only_keys_with_a_deadline_are_in_the_list_of_deadlines() {
        let mut store = Store::default();
        for (round, key) in [b"a", b"b", b"c"].into_iter().enumerate() {
            store.set(key, string("1"), Lifetime::Until(10 + round as Milliseconds));
        }
        store.set(b"a", string("1"), Lifetime::Unlimited);
        store.remove(b"b");
        store.set_deadline(b"c", Some(50));
        assert_eq!(store.deadlines(), 1);
        store.set_now(51);
        assert!(store.remove_expired(10));
        assert_eq!(store.deadlines(), 0);
        assert_eq!(store.len(), 1);
    }
}
