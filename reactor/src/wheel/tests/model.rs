//! The wheel against a sorted map, through long pseudo-random runs of every operation.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::{BITS_PER_LEVEL, LEVELS, TimerKey, Wheel};
use super::advance;

#[test]
fn the_wheel_behaves_like_a_sorted_map() {
    for seed in 1..=64 {
        let mut run = ModelRun::new(seed);
        for _ in 0..4_000 {
            run.step();
        }
        run.advance(u64::MAX);
        assert!(run.wheel.is_empty());
    }
}

/// A wheel and a model of it, driven by the same pseudo-random operations and compared after each.
struct ModelRun {
    random: u64,
    now: u64,
    wheel: Wheel<u64>,
    /// Every armed timer by the tick at which it must fire and the order in which it was armed.
    model: BTreeMap<(u64, u64), TimerKey>,
    /// Each armed timer's tick, by the number that is its value.
    ticks: HashMap<u64, u64>,
    /// The timers whose place among equal deadlines is not promised.
    were_reset: HashSet<u64>,
    armed_so_far: u64,
    stale: Vec<TimerKey>,
}

impl ModelRun {
    fn new(seed: u64) -> Self {
        ModelRun {
            random: seed,
            now: 0,
            wheel: Wheel::new(),
            model: BTreeMap::new(),
            ticks: HashMap::new(),
            were_reset: HashSet::new(),
            armed_so_far: 0,
            stale: Vec::new(),
        }
    }

    fn step(&mut self) {
        match self.below(100) {
            0..50 => self.insert(),
            50..65 => self.cancel(),
            65..80 => self.reset(),
            80..85 => self.use_a_stale_key(),
            85..92 => {
                let distance = self.below(100);
                self.advance_by(distance);
            }
            92..98 => self.advance(self.wheel.next_wake().unwrap_or(self.now)),
            98 => {
                let distance = self.some_magnitude() % (1 << 30);
                self.advance_by(distance);
            }
            _ => {
                let boundary = self.near_a_boundary();
                // Most runs stay in the first years, since the end of time leaves little to test.
                let is_rare = self.below(8) == 0;
                self.advance(if is_rare { boundary } else { self.now.max(boundary % (1 << 38)) });
            }
        }
        self.compare();
    }

    fn insert(&mut self) {
        let deadline = self.some_deadline();
        let number = self.armed_so_far;
        self.armed_so_far += 1;
        let key = self.wheel.insert(deadline, number);
        assert_eq!(self.wheel.get_mut(key), Some(&mut number.clone()));
        assert_eq!(self.wheel.deadline(key), Some(deadline));
        self.expect(number, deadline, key);
    }

    fn cancel(&mut self) {
        let Some((number, key)) = self.some_timer() else {
            return;
        };
        assert_eq!(self.wheel.cancel(key), Some(number));
        self.forget(number);
    }

    fn reset(&mut self) {
        let Some((number, key)) = self.some_timer() else {
            return;
        };
        let deadline = self.some_deadline();
        assert!(self.wheel.reset(key, deadline));
        assert_eq!(self.wheel.deadline(key), Some(deadline));
        self.forget(number);
        self.stale.pop();
        self.expect(number, deadline, key);
        self.were_reset.insert(number);
    }

    fn use_a_stale_key(&mut self) {
        if self.stale.is_empty() {
            return;
        }
        let index = self.below(self.stale.len() as u64) as usize;
        let key = self.stale[index];
        assert_eq!(self.wheel.get_mut(key), None);
        assert_eq!(self.wheel.deadline(key), None);
        assert!(!self.wheel.reset(key, 0));
        assert_eq!(self.wheel.cancel(key), None);
    }

    fn advance(&mut self, now: u64) {
        self.now = now;
        let fired = if self.below(2) == 0 { advance(&mut self.wheel, now) } else { self.pop_all(now) };
        let order: Vec<(u64, u64)> = fired.iter().map(|number| (self.ticks[number], *number)).collect();
        assert!(order.is_sorted_by_key(|&(tick, _)| tick), "ticks out of order: {order:?}");
        let never_reset = order.iter().filter(|(_, number)| !self.were_reset.contains(number));
        assert!(never_reset.is_sorted(), "not in the order armed: {order:?}");
        for (tick, number) in order {
            assert!(tick <= now, "timer {number} of tick {tick} fired early, at {now}");
            self.forget(number);
        }
        let late = self.model.first_key_value().filter(|((tick, _), _)| *tick <= now);
        assert_eq!(late, None, "not fired by {now}");
        assert!(self.wheel.next_wake().is_none_or(|tick| tick > now));
    }

    fn pop_all(&mut self, now: u64) -> Vec<u64> {
        let mut popped = Vec::new();
        while let Some((key, number)) = self.wheel.pop(now) {
            let tick = self.ticks[&number];
            assert_eq!(self.model[&(tick, number)], key);
            assert_eq!(self.wheel.cancel(key), None);
            popped.push(number);
        }
        popped
    }

    fn advance_by(&mut self, distance: u64) {
        self.advance(self.now.saturating_add(distance));
    }

    fn compare(&self) {
        assert_eq!(self.wheel.len(), self.model.len());
        assert_eq!(self.wheel.is_empty(), self.model.is_empty());
        let first = self.model.first_key_value();
        assert_eq!(self.wheel.earliest().map(|(_, tick)| tick), first.map(|(&(tick, _), _)| tick));
        if self.were_reset.is_empty() {
            assert_eq!(self.wheel.earliest().map(|(key, _)| key), first.map(|(_, &key)| key));
        }
        match (self.wheel.next_wake(), self.model.first_key_value()) {
            (None, None) => {}
            (Some(wake), Some(((earliest, _), _))) => {
                assert!(wake >= self.now, "wakes at {wake}, before the current tick {}", self.now);
                assert!(wake <= *earliest, "wakes at {wake}, after the deadline {earliest}");
                let same_row = wake >> BITS_PER_LEVEL == self.now >> BITS_PER_LEVEL;
                if same_row && self.were_reset.is_empty() {
                    assert_eq!(wake, *earliest, "not exact on level 0");
                }
            }
            (wake, earliest) => panic!("wakes at {wake:?} for the earliest timer {earliest:?}"),
        }
    }

    /// Notes a timer. A deadline that has passed counts as the current tick.
    fn expect(&mut self, number: u64, deadline: u64, key: TimerKey) {
        let tick = deadline.max(self.now);
        self.ticks.insert(number, tick);
        self.model.insert((tick, number), key);
    }

    fn forget(&mut self, number: u64) {
        let tick = self.ticks.remove(&number).expect("the timer was armed");
        let key = self.model.remove(&(tick, number)).expect("the timer was armed");
        self.were_reset.remove(&number);
        self.stale.push(key);
    }

    /// Any armed timer, as its number and its key.
    fn some_timer(&mut self) -> Option<(u64, TimerKey)> {
        let pivot = (self.some_deadline(), 0);
        let ((_, number), key) = self.model.range(pivot..).next().or_else(|| self.model.first_key_value())?;
        Some((*number, *key))
    }

    fn some_deadline(&mut self) -> u64 {
        match self.below(16) {
            0..5 => self.now.saturating_add(self.below(70)),
            5..8 => self.now.saturating_add(self.below(5_000)),
            8..10 => self.model.first_key_value().map_or(0, |((tick, _), _)| *tick),
            10..13 => self.near_a_boundary(),
            13 => self.now.saturating_sub(self.below(100)),
            14 => self.now.saturating_add(self.some_magnitude()),
            _ => u64::MAX - self.below(3),
        }
    }

    /// A number of any length in bits.
    fn some_magnitude(&mut self) -> u64 {
        let shift = self.below(64);
        self.below(u64::MAX) >> shift
    }

    /// The next tick at which some level's digit changes, one less or one more.
    fn near_a_boundary(&mut self) -> u64 {
        let width = 1 << (self.below(LEVELS as u64) as u32 * BITS_PER_LEVEL);
        let boundary = self.now.saturating_add(width) / width * width;
        boundary.saturating_add(self.below(3)).saturating_sub(1).max(self.now)
    }

    fn below(&mut self, limit: u64) -> u64 {
        // Marsaglia's xorshift64, 2003.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % limit
    }
}
