//! A slab whose keys carry a generation, so that an outdated key finds nothing.

use slab::Slab;

/// A place in a slab and the number of the insertion that filled it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    slot: u32,
    number: u32,
}

impl Key {
    const MAX_SLOT: usize = u32::MAX as usize - 1;

    /// The place alone. It is used again after the value is removed.
    pub fn slot(self) -> u32 {
        self.slot
    }

    /// The key in one word, for the selector's token. The largest word is never a key.
    pub(crate) fn to_token(self) -> usize {
        (self.number as usize) << 32 | self.slot as usize
    }

    pub(crate) fn from_token(token: usize) -> Self {
        Self { slot: token as u32, number: (token >> 32) as u32 }
    }
}

#[derive(Debug)]
pub(crate) struct Slots<T> {
    entries: Slab<Entry<T>>,
    next_number: u32,
}

#[derive(Debug)]
struct Entry<T> {
    number: u32,
    value: T,
}

impl<T> Slots<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: Slab::new(), next_number: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn insert(&mut self, value: T) -> Key {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        let slot = self.entries.insert(Entry { number, value });
        assert!(slot <= Key::MAX_SLOT, "more than 2^32 entries");
        Key { slot: slot as u32, number }
    }

    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let entry = self.entries.get(key.slot as usize)?;
        (entry.number == key.number).then_some(&entry.value)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.slot as usize)?;
        (entry.number == key.number).then_some(&mut entry.value)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        Some(self.entries.remove(key.slot as usize).value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outdated_key_finds_nothing() {
        let mut slots = Slots::new();
        let first = slots.insert('a');
        assert_eq!(slots.remove(first), Some('a'));
        let second = slots.insert('b');
        assert_eq!(first.slot(), second.slot());
        assert_eq!(slots.get(first), None);
        assert_eq!(slots.get_mut(first), None);
        assert_eq!(slots.remove(first), None);
        assert_eq!(slots.get(second), Some(&'b'));
        assert_eq!(slots.len(), 1);
    }

    #[test]
    fn a_key_survives_the_way_through_a_token() {
        let key = Key { slot: u32::MAX - 1, number: u32::MAX };
        assert_eq!(Key::from_token(key.to_token()), key);
        assert_ne!(key.to_token(), usize::MAX);
    }
}
