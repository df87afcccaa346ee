//! A set of byte strings out of which any member can be drawn by chance, in constant time.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::rc::Rc;

/// The members stand in a row, in no order; a table says where each one stands.
#[derive(Default)]
pub(crate) struct Set {
    members: Vec<Rc<[u8]>>,
    positions: HashMap<Rc<[u8]>, usize>,
}

impl Set {
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn contains(&self, member: &[u8]) -> bool {
        self.positions.contains_key(member)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.members.iter().map(|member| &**member)
    }

    /// Adds a member; false if it was there already.
    pub(crate) fn insert(&mut self, member: &[u8]) -> bool {
        if self.contains(member) {
            return false;
        }
        let member: Rc<[u8]> = member.into();
        self.positions.insert(member.clone(), self.members.len());
        self.members.push(member);
        true
    }

    /// Removes a member; false if there was none.
    pub(crate) fn remove(&mut self, member: &[u8]) -> bool {
        let position = self.positions.get(member).copied();
        position.map(|position| self.take(position)).is_some()
    }

    /// Removes any one of the members.
    pub(crate) fn pop(&mut self, chance: &mut Chance) -> Option<Rc<[u8]>> {
        if self.is_empty() {
            return None;
        }
        let position = chance.below(self.members.len());
        Some(self.take(position))
    }

    /// Takes the member at `position` and puts the last one in its place.
    fn take(&mut self, position: usize) -> Rc<[u8]> {
        let member = self.members.swap_remove(position);
        self.positions.remove(&member);
        if let Some(moved) = self.members.get(position) {
            *self.positions.get_mut(moved).expect("each member has a position") = position;
        }
        member
    }
}

/// Random numbers that are good enough to draw lots, from Marsaglia's xorshift.
pub(crate) struct Chance(u64);

impl Chance {
    /// Numbers that differ from one run of the program to the next.
    pub(crate) fn new() -> Self {
        Self(RandomState::new().build_hasher().finish() | 1)
    }

    /// A number below `bound`, which must not be zero.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_drawn_once() {
        let (mut set, mut chance) = (Set::default(), Chance::new());
        for number in 0..100_u32 {
            assert!(set.insert(&number.to_le_bytes()));
            assert!(!set.insert(&number.to_le_bytes()));
        }
        assert!(set.remove(&7_u32.to_le_bytes()));
        assert!(!set.remove(&7_u32.to_le_bytes()));
        let mut drawn: Vec<_> = std::iter::from_fn(|| set.pop(&mut chance)).collect();
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), 99);
        assert!(set.is_empty());
    }
}
