//! A set of byte strings, each with a score, in the order of the scores.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The scores by member, and the members by score; those of one score are in the order of their bytes.
#[derive(Default)]
pub(crate) struct SortedSet {
    scores: HashMap<Rc<[u8]>, f64>,
    order: BTreeSet<(Score, Rc<[u8]>)>,
}

impl SortedSet {
    pub(crate) fn len(&self) -> usize {
        self.scores.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    pub(crate) fn score(&self, member: &[u8]) -> Option<f64> {
        self.scores.get(member).copied()
    }

    /// Gives a member its score, and adds it if there is none yet. The score must be a number.
    pub(crate) fn insert(&mut self, member: &[u8], score: f64) {
        // Redis keeps no negative zero, and adding zero takes its sign away.
        let score = score + 0.0;
        match self.scores.get_key_value(member) {
            Some((shared, &old)) => {
                let shared = shared.clone();
                self.order.remove(&(Score(old), shared.clone()));
                self.order.insert((Score(score), shared.clone()));
                self.scores.insert(shared, score);
            }
            None => {
                let shared: Rc<[u8]> = member.into();
                self.order.insert((Score(score), shared.clone()));
                self.scores.insert(shared, score);
            }
        }
    }

    /// Removes the member with the lowest score.
    pub(crate) fn pop_lowest(&mut self) -> Option<(Rc<[u8]>, f64)> {
        let (Score(score), member) = self.order.pop_first()?;
        self.scores.remove(&member);
        Some((member, score))
    }
}

/// A score that can be ordered, since it is never "not a number". Both zeros are equal.
struct Score(f64);

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.partial_cmp(&other.0).expect("a score is a number")
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Score {}
