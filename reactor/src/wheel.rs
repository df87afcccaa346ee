//! The timer wheel: any number of deadlines, armed, cancelled and moved in constant time.
//!
//! This is the hierarchical timing wheel of Varghese and Lauck ("Hashed and Hierarchical Timing Wheels", SOSP 1987,
//! scheme 7). A tick is one millisecond. Read a tick as a number in base 64: level 0 has a bucket for each value of
//! its last digit, level 1 for each value of the digit before, and so on. A timer lies on the level of the highest
//! digit in which its deadline differs from the current tick, in the bucket of the deadline's value of that digit. So
//! a bucket of level `n` covers `64^n` ticks, and one of level 0 a single tick. Eleven levels cover every `u64`,
//! which leaves no deadline so far away that it needs a rule of its own.
//!
//! What always holds between two calls:
//!
//! - No occupied bucket of level 0 lies before the current tick, and none of a level above lies at or before the
//!   current tick's digit: [`Wheel::advance`] has emptied those. Every occupied bucket of a level therefore comes
//!   before those of the levels above, and the earliest of all is the lowest bit of the first bitmap that is not
//!   zero.
//! - The bucket of a timer that was never reset follows from its deadline and the current tick alone, so timers with
//!   equal deadlines share a bucket. Buckets are appended to at the tail and emptied from the head. Together that
//!   makes equal deadlines fire in the order in which they were armed, however long before one of them was.
//! - A timer that was reset may lie in a bucket that comes before its deadline, never in a later one.
//! - A deadline that has passed when it is armed counts as the current tick.
//!
//! When the current tick reaches a bucket above level 0, its timers cascade: each that is not due yet moves to a
//! level below, where buckets are narrower. A timer armed `d` ticks ahead cascades at most `1 + floor(log64(d))`
//! times, which is once for 50 ms, three times for a minute, and never more than ten times. So firing a timer costs
//! amortised O(1), its cascades included, and a timer cancelled before its bucket comes up does not cascade at all. A
//! timer reset to a later deadline stays where it is until that bucket comes up and links it anew: one more move,
//! which the reset has saved before.
//!
//! The entries lie in one vector and refer to each other by index. A free list reuses them, so a wheel that has
//! reached its largest population allocates nothing more.

use std::fmt;

#[cfg(test)]
mod tests;

/// How many bits of a tick one level resolves.
const BITS_PER_LEVEL: u32 = 6;

/// One bucket for each value of a level's digit; their occupancy fits one `u64`.
const BUCKETS_PER_LEVEL: usize = 1 << BITS_PER_LEVEL;

/// Enough levels to tell any two ticks apart.
const LEVELS: usize = u64::BITS.div_ceil(BITS_PER_LEVEL) as usize;

/// The index that stands for the end of a list.
const NIL: u32 = u32::MAX;

/// Timers with a value each, handed back in the order of their deadlines.
///
/// A deadline is a tick of 1 ms, counted from wherever the owner likes; [`Ticks`](crate::Ticks) does that for instants.
pub struct Wheel<T> {
    /// The current tick: every timer that was due by it has been fired.
    elapsed: u64,
    /// How many timers are armed.
    len: usize,
    /// The armed timers, between them the vacant entries.
    entries: Vec<Entry<T>>,
    /// The first vacant entry; the others follow through their `next`.
    vacant: u32,
    /// For each level, one bit per bucket: set exactly while the bucket holds a timer.
    occupied: [u64; LEVELS],
    /// The buckets of level 0, then those of level 1, and so on.
    buckets: [Bucket; LEVELS * BUCKETS_PER_LEVEL],
}

/// The name of one armed timer. Once that timer has fired or was cancelled, its key never finds anything again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerKey {
    slot: u32,
    generation: u32,
}

/// One timer or, while `value` is `None`, a vacant place for one. 40 bytes when `T` is a `Waker`.
struct Entry<T> {
    value: Option<T>,
    deadline: u64,
    previous: u32,
    next: u32,
    /// The generation of the key that opens this entry or, while it is vacant, the next one.
    generation: u32,
    /// The bucket in which the timer is linked. After a reset it need not follow from the deadline.
    bucket: u16,
}

/// A list of timers in the order in which they were linked.
#[derive(Clone, Copy)]
struct Bucket {
    head: u32,
    tail: u32,
}

impl<T> Wheel<T> {
    /// An empty wheel at tick 0.
    pub fn new() -> Self {
        Wheel {
            elapsed: 0,
            len: 0,
            entries: Vec::new(),
            vacant: NIL,
            occupied: [0; LEVELS],
            buckets: [Bucket::EMPTY; LEVELS * BUCKETS_PER_LEVEL],
        }
    }

    /// How many timers are armed.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no timer is armed.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Arms a timer, in O(1). One whose deadline has passed fires at the next [`advance`](Wheel::advance).
    ///
    /// # Panics
    ///
    /// If 2^32 - 1 timers are armed already.
    pub fn insert(&mut self, deadline: u64, value: T) -> TimerKey {
        let key = self.occupy(deadline, value);
        self.link(key.slot);
        key
    }

    /// The value of a timer, as long as it is armed.
    pub fn get(&self, key: TimerKey) -> Option<&T> {
        let entry = self.entries.get(key.slot as usize).filter(|entry| entry.generation == key.generation)?;
        entry.value.as_ref()
    }

    /// The value of a timer, as long as it is armed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.entry_mut(key)?.value.as_mut()
    }

    /// The tick at which a timer is to fire, as it was armed or last reset.
    #[cfg(test)]
    pub(crate) fn deadline(&self, key: TimerKey) -> Option<u64> {
        let entry = self.entries.get(key.slot as usize)?;
        (entry.generation == key.generation).then_some(entry.deadline)
    }

    /// Disarms a timer and gives its value back, in O(1).
    pub fn cancel(&mut self, key: TimerKey) -> Option<T> {
        self.entry_mut(key)?;
        self.unlink(key.slot);
        self.release(key.slot)
    }

    /// Moves a timer to another deadline, in O(1). Says whether the key found one.
    ///
    /// A later deadline is only written down, so a timeout that is pushed back again and again and hardly ever fires
    /// costs one store each time. The place of a timer that was reset among others with the same deadline is
    /// unspecified.
    pub fn reset(&mut self, key: TimerKey, deadline: u64) -> bool {
        let Some(entry) = self.entry_mut(key) else {
            return false;
        };
        let is_earlier = deadline < entry.deadline;
        entry.deadline = deadline;
        if is_earlier {
            self.unlink(key.slot);
            self.link(key.slot);
        }
        true
    }

    /// Makes `now` the current tick and appends the values of all timers due by it to `fired`: in the order of their
    /// ticks and, within one tick, in the order in which they were armed.
    ///
    /// The cost depends on the timers that fire or cascade, not on the number of ticks that have passed. Time does
    /// not run backwards: a tick before the current one is taken for the current one.
    #[inline]
    pub fn advance(&mut self, now: u64, fired: &mut Vec<T>) {
        let now = now.max(self.elapsed);
        while let Some((bucket, tick)) = self.earliest_bucket() {
            if tick > now {
                break;
            }
            self.elapsed = tick;
            self.drain(bucket, fired);
        }
        self.elapsed = now;
    }

    /// Takes the first timer out that is due by `now`, in the order of [`advance`](Self::advance). When there is none,
    /// `now` is the current tick.
    ///
    /// Those that are due and have not been taken out can still be cancelled and reset.
    pub fn pop(&mut self, now: u64) -> Option<(TimerKey, T)> {
        let now = now.max(self.elapsed);
        while let Some((bucket, tick)) = self.earliest_bucket() {
            if tick > now {
                break;
            }
            self.elapsed = tick;
            if bucket >= BUCKETS_PER_LEVEL {
                self.cascade(bucket);
                continue;
            }
            let slot = self.buckets[bucket].head;
            self.unlink(slot);
            let Entry { deadline, generation, .. } = self.entries[slot as usize];
            if deadline > tick {
                // It was reset to a later deadline.
                self.link(slot);
                continue;
            }
            return self.release(slot).map(|value| (TimerKey { slot, generation }, value));
        }
        self.elapsed = now;
        None
    }

    /// Disarms all timers and gives their values back, in no particular order.
    pub fn clear(&mut self) -> Vec<T> {
        self.occupied = [0; LEVELS];
        self.buckets = [Bucket::EMPTY; LEVELS * BUCKETS_PER_LEVEL];
        let slots = 0..self.entries.len() as u32;
        slots.filter_map(|slot| self.entries[slot as usize].value.is_some().then(|| self.release(slot))?).collect()
    }

    /// How many timers can be armed before memory is allocated.
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Allocates memory for so many more timers than are armed.
    pub fn reserve(&mut self, additional: usize) {
        let vacant = self.entries.len() - self.len;
        self.entries.reserve(additional.saturating_sub(vacant));
    }

    /// The next tick at which [`advance`](Wheel::advance) has something to do, be it only to cascade; `None` without
    /// any timer. It is never before the current tick, nor after the earliest deadline that is yet to come. It is
    /// that deadline itself if both lie in the same row of 64 ticks, unless a reset timer still lies in an earlier
    /// bucket.
    pub fn next_wake(&self) -> Option<u64> {
        self.earliest_bucket().map(|(_, tick)| tick)
    }

    /// The timer that fires first, and the tick at which it does: its deadline, or the current tick if that has passed.
    ///
    /// It looks through the first bucket that is occupied, and through the next ones while timers that were reset leave
    /// open which timer is the first.
    pub fn earliest(&self) -> Option<(TimerKey, u64)> {
        let mut earliest: Option<(u32, u64)> = None;
        for (bucket, first_tick) in self.occupied_buckets() {
            if earliest.is_some_and(|(_, tick)| tick < first_tick) {
                break;
            }
            let mut slot = self.buckets[bucket].head;
            while slot != NIL {
                let entry = &self.entries[slot as usize];
                let tick = entry.deadline.max(self.elapsed);
                if earliest.is_none_or(|(_, known)| tick < known) {
                    earliest = Some((slot, tick));
                }
                slot = entry.next;
            }
        }
        let (slot, tick) = earliest?;
        Some((TimerKey { slot, generation: self.entries[slot as usize].generation }, tick))
    }

    /// The bucket that is due first, and the first tick that it covers.
    #[inline]
    fn earliest_bucket(&self) -> Option<(usize, u64)> {
        let level = self.occupied.iter().position(|&bits| bits != 0)?;
        Some(self.bucket_of(level, self.occupied[level].trailing_zeros()))
    }

    /// The buckets that hold timers, in the order in which they are due, with the first tick that each covers.
    fn occupied_buckets(&self) -> impl Iterator<Item = (usize, u64)> {
        self.occupied.iter().enumerate().flat_map(move |(level, &bits)| {
            let digits = (0..BUCKETS_PER_LEVEL as u32).filter(move |digit| bits & (1 << digit) != 0);
            digits.map(move |digit| self.bucket_of(level, digit))
        })
    }

    /// The bucket for a digit of a level, and the first tick that it covers.
    #[inline]
    fn bucket_of(&self, level: usize, digit: u32) -> (usize, u64) {
        let shift = level as u32 * BITS_PER_LEVEL;
        // The tick has the current one's digits above this level, this digit, and zeros below.
        let above = (self.elapsed >> shift) & !(BUCKETS_PER_LEVEL as u64 - 1);
        let tick = (above | u64::from(digit)) << shift;
        (level * BUCKETS_PER_LEVEL + digit as usize, tick)
    }

    /// Takes every timer out of a bucket whose first tick is the current one: those due now fire, the others are
    /// linked anew. None of these comes back to this bucket, since it stands for the current tick's own digit and
    /// they differ from the current tick.
    fn drain(&mut self, bucket: usize, fired: &mut Vec<T>) {
        let mut slot = self.buckets[bucket].head;
        self.buckets[bucket] = Bucket::EMPTY;
        self.mark_empty(bucket);
        while slot != NIL {
            let entry = &self.entries[slot as usize];
            let next = entry.next;
            if entry.deadline <= self.elapsed {
                fired.extend(self.release(slot));
            } else {
                self.link(slot);
            }
            slot = next;
        }
    }

    /// Links every timer of a bucket above level 0 anew whose first tick is the current one. Those that are due come into
    /// the bucket of that tick.
    fn cascade(&mut self, bucket: usize) {
        let mut slot = self.buckets[bucket].head;
        self.buckets[bucket] = Bucket::EMPTY;
        self.mark_empty(bucket);
        while slot != NIL {
            let next = self.entries[slot as usize].next;
            self.link(slot);
            slot = next;
        }
    }

    /// The bucket in which a timer belongs at the current tick.
    fn bucket_for(&self, deadline: u64) -> usize {
        let tick = deadline.max(self.elapsed);
        // The highest bit that differs tells the level; if none does, that is level 0 as well.
        let differing = (tick ^ self.elapsed) | 1;
        let level = differing.ilog2() / BITS_PER_LEVEL;
        let digit = (tick >> (level * BITS_PER_LEVEL)) as usize % BUCKETS_PER_LEVEL;
        level as usize * BUCKETS_PER_LEVEL + digit
    }

    /// Appends a timer to the bucket in which it belongs.
    fn link(&mut self, slot: u32) {
        let bucket = self.bucket_for(self.entries[slot as usize].deadline);
        let tail = self.buckets[bucket].tail;
        let entry = &mut self.entries[slot as usize];
        entry.bucket = bucket as u16;
        entry.previous = tail;
        entry.next = NIL;
        self.buckets[bucket].tail = slot;
        if tail == NIL {
            self.buckets[bucket].head = slot;
            self.occupied[bucket / BUCKETS_PER_LEVEL] |= 1 << (bucket % BUCKETS_PER_LEVEL);
        } else {
            self.entries[tail as usize].next = slot;
        }
    }

    /// Takes a timer out of its bucket, wherever in the list it is.
    fn unlink(&mut self, slot: u32) {
        let Entry { previous, next, bucket, .. } = self.entries[slot as usize];
        let bucket = usize::from(bucket);
        if previous == NIL {
            self.buckets[bucket].head = next;
        } else {
            self.entries[previous as usize].next = next;
        }
        if next == NIL {
            self.buckets[bucket].tail = previous;
        } else {
            self.entries[next as usize].previous = previous;
        }
        if previous == NIL && next == NIL {
            self.mark_empty(bucket);
        }
    }

    fn mark_empty(&mut self, bucket: usize) {
        self.occupied[bucket / BUCKETS_PER_LEVEL] &= !(1 << (bucket % BUCKETS_PER_LEVEL));
    }

    /// The entry of an armed timer. Vacating an entry changes its generation, so that alone tells a stale key.
    fn entry_mut(&mut self, key: TimerKey) -> Option<&mut Entry<T>> {
        self.entries.get_mut(key.slot as usize).filter(|entry| entry.generation == key.generation)
    }

    /// Puts a timer that is not linked yet into a vacant entry, or into a new one if there is none.
    #[inline]
    fn occupy(&mut self, deadline: u64, value: T) -> TimerKey {
        self.len += 1;
        if let Some(entry) = self.entries.get_mut(self.vacant as usize) {
            let key = TimerKey { slot: self.vacant, generation: entry.generation };
            self.vacant = entry.next;
            entry.deadline = deadline;
            entry.value = Some(value);
            return key;
        }
        assert!(self.entries.len() < NIL as usize, "a timer wheel holds at most 2^32 - 1 timers");
        let key = TimerKey { slot: self.entries.len() as u32, generation: 0 };
        self.entries.push(Entry {
            value: Some(value),
            deadline,
            previous: NIL,
            next: NIL,
            generation: key.generation,
            bucket: 0,
        });
        key
    }

    /// Vacates the entry of a timer that is in no list any more.
    ///
    /// An entry that has used up its generations is not offered again, so that no key ever finds another timer than
    /// its own. The loss is one entry for each 2^32 - 1 timers.
    fn release(&mut self, slot: u32) -> Option<T> {
        let entry = &mut self.entries[slot as usize];
        entry.generation += 1;
        if entry.generation != u32::MAX {
            entry.next = self.vacant;
            self.vacant = slot;
        }
        self.len -= 1;
        entry.value.take()
    }
}

impl<T> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wheel")
            .field("elapsed", &self.elapsed)
            .field("len", &self.len)
            .field("next_wake", &self.next_wake())
            .finish_non_exhaustive()
    }
}

impl Bucket {
    const EMPTY: Bucket = Bucket { head: NIL, tail: NIL };
}
