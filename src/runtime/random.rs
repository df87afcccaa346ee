//! Random numbers of a runtime: which branch `select!` polls first.
//!
//! They make a choice fair and have no other purpose, least of all a secret one. A thread has one generator at a time:
//! that of the runtime that runs, or one of its own outside any.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU64;

/// Where a runtime's random numbers start, for runs that can be repeated.
///
/// The same seed gives the same choices in every version of Rust; another version of this crate may make others.
///
/// ```
/// use hanol::runtime::{Builder, RngSeed};
///
/// let seed = RngSeed::from_bytes(b"the failure of Tuesday");
/// let runtime = Builder::new().rng_seed(seed).build()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RngSeed(u64);

impl RngSeed {
    /// The seed that belongs to some bytes, of any number.
    pub const fn from_bytes(bytes: &[u8]) -> Self {
        Self(fnv_1a(bytes))
    }

    /// The seed with this number.
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }
}

/// A random number below `bound`, from the generator of this thread.
#[inline]
pub(crate) fn random_below(bound: u32) -> u32 {
    let mut generator = CURRENT.get().unwrap_or_else(Generator::unpredictable);
    let number = generator.below(bound);
    CURRENT.set(Some(generator));
    number
}

/// The generator of a runtime while it does not run.
#[derive(Debug)]
pub(super) struct Random(Cell<Generator>);

impl Random {
    /// A generator that starts at a seed, or anywhere.
    pub(super) fn new(seed: Option<RngSeed>) -> Self {
        Self(Cell::new(seed.map_or_else(Generator::unpredictable, |RngSeed(seed)| Generator::new(seed))))
    }

    /// Makes this the generator of the thread, until the guard is dropped.
    pub(super) fn enter(&self) -> EnteredRandom<'_> {
        EnteredRandom { random: self, previous: CURRENT.replace(Some(self.0.get())) }
    }
}

/// The time for which a runtime's generator is that of the thread.
#[must_use = "the generator is taken back when the guard is dropped"]
pub(super) struct EnteredRandom<'a> {
    random: &'a Random,
    previous: Option<Generator>,
}

impl Drop for EnteredRandom<'_> {
    fn drop(&mut self) {
        if let Some(generator) = CURRENT.replace(self.previous) {
            self.random.0.set(generator);
        }
    }
}

thread_local! {
    /// `None` until a thread outside any runtime asks.
    static CURRENT: Cell<Option<Generator>> = const { Cell::new(None) };
}

/// Marsaglia's xorshift generator with 64 bits of state and the shifts 13, 7 and 17, from "Xorshift RNGs", Journal of
/// Statistical Software 8 (14), 2003. Its numbers repeat after 2⁶⁴ − 1.
///
/// A number is the state that the one before has left. So it is there when it is asked for, which matters because a jump
/// that no processor can predict depends on it.
#[derive(Clone, Copy, Debug)]
struct Generator {
    state: NonZeroU64,
}

impl Generator {
    /// A generator that starts where the seed says. Seeds that differ in one bit give states that differ in about half of
    /// theirs.
    fn new(seed: u64) -> Self {
        let state = NonZeroU64::new(mix(seed)).unwrap_or(NonZeroU64::MAX);
        Self { state }
    }

    /// A generator with the randomness that the standard library has for its hash maps.
    #[cold]
    fn unpredictable() -> Self {
        Self::new(RandomState::new().hash_one(()))
    }

    #[inline]
    fn next(&mut self) -> u64 {
        let number = self.state.get();
        let mut state = number;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Only zero leads to zero.
        self.state = NonZeroU64::new(state).unwrap_or(NonZeroU64::MAX);
        number
    }

    /// A number below `bound`: the upper half of a random number, taken as a fraction of `bound`. For the few branches of
    /// a `select!` the unevenness of this is below one in 2²⁶.
    #[inline]
    fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }
}

/// The mixing step of SplitMix64, by Steele, Lea and Flood, with the constants of Vigna's version:
/// <https://prng.di.unimi.it/splitmix64.c>.
fn mix(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The hash FNV-1a, 64 bits wide, by Fowler, Noll and Vo: <http://www.isthe.com/chongo/tech/comp/fnv/>. Unlike the standard
/// library's hash, it is the same for ever.
const fn fnv_1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::{Generator, Random, RngSeed, fnv_1a, mix, random_below};

    #[test]
    fn seeds_are_mixed_as_in_splitmix64() {
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
        assert_eq!(mix(1_234_567_u64.wrapping_add(0x9e37_79b9_7f4a_7c15)), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_numbers_are_those_of_xorshift() {
        let mut generator = Generator { state: NonZeroU64::new(88_172_645_463_325_252).unwrap() };
        let numbers = [(); 4].map(|()| generator.next());
        let published =
            [88_172_645_463_325_252, 8_748_534_153_485_358_512, 3_040_900_993_826_735_515, 3_453_997_556_048_239_312];
        assert_eq!(numbers, published);
    }

    #[test]
    fn no_seed_leads_to_zero() {
        // The one that is mixed to zero.
        let seed = 0_u64.wrapping_sub(0x9e37_79b9_7f4a_7c15);
        assert_eq!(mix(seed), 0);
        let mut generator = Generator::new(seed);
        assert_ne!(generator.next(), generator.next());
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn each_number_below_the_bound_comes_about_as_often() {
        let mut generator = Generator::new(0);
        for bound in [1, 2, 3, 7, 64] {
            let mut counts = vec![0_u32; bound as usize];
            for _ in 0..bound * 10_000 {
                counts[generator.below(bound) as usize] += 1;
            }
            assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{bound}: {counts:?}");
        }
    }

    #[test]
    fn a_runtime_goes_on_where_it_was_and_so_does_the_thread_around_it() {
        let numbers = |count| (0..count).map(|_| random_below(1 << 20)).collect::<Vec<_>>();
        let seed = Some(RngSeed::from_u64(7));
        let expected = {
            let random = Random::new(seed);
            let _entered = random.enter();
            numbers(4)
        };
        let outer = Random::new(Some(RngSeed::from_u64(8)));
        let inner = Random::new(seed);
        let _outer = outer.enter();
        let mut seen = Vec::new();
        for _ in 0..2 {
            numbers(1);
            let _inner = inner.enter();
            seen.extend(numbers(2));
        }
        assert_eq!(seen, expected);
        let around = Random::new(Some(RngSeed::from_u64(8)));
        let rest = numbers(1);
        let _around = around.enter();
        assert_eq!(numbers(3)[2..], rest);
    }

    #[test]
    fn two_runtimes_without_a_seed_choose_differently() {
        let numbers = || {
            let random = Random::new(None);
            let _entered = random.enter();
            [(); 4].map(|()| random_below(u32::MAX))
        };
        assert_ne!(numbers(), numbers());
    }
}
