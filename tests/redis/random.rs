//! Commands by chance, from a seed: combinations of kinds and options that nobody thought of writing down.

use crate::cases::Order;

/// A command and how its answers are compared.
pub(crate) type RandomCommand = (Order, Vec<String>);

/// An endless row of commands, always the same for the same seed.
pub(crate) struct RandomCommands {
    state: u64,
}

/// Commands with the kinds of their arguments: `k`ey, `v`alue, `m`ember, `f`loat, `i`nteger, `c`ount, life`t`ime, or
/// words to choose from. An argument in brackets may be missing.
const SHAPES: &[&str] = &[
    "SET k v",
    "SET k i",
    "SET k v [NX|XX] [GET] [KEEPTTL]",
    "SET k v [EX|PX] [t] [NX|XX|GET|KEEPTTL]",
    "SETEX k t v",
    "GET k",
    "GETSET k v",
    "GETDEL k",
    "MGET k k k",
    "MSET k v k i",
    "APPEND k i",
    "STRLEN k",
    "INCR k",
    "INCRBY k i",
    "DECR k",
    "DECRBY k i",
    "DEL k [k]",
    "EXISTS k k",
    "TYPE k",
    "DBSIZE",
    "EXPIRE k t [NX|XX|GT|LT] [GT|LT]",
    "PERSIST k",
    "KEYS *",
    "LPUSH k v [i] [m]",
    "RPUSH k v [i] [m]",
    "LPOP k [c]",
    "RPOP k [c]",
    "LLEN k",
    "LRANGE k i i",
    "LRANGE k c c",
    "SADD k m [m] [m]",
    "SREM k m [m]",
    "SMEMBERS k",
    "SISMEMBER k m",
    "HSET k m v [m] [v]",
    "HGET k m",
    "HDEL k m [m]",
    "HGETALL k",
    "ZADD k f m [f] [m]",
    "ZADD k [NX|XX|GT|LT] [CH] [INCR] f m",
    "ZPOPMIN k [c]",
];

const KEYS: &[&str] = &["a", "b", "c", "d", "e", "f"];
const VALUES: &[&str] = &["", "x", "hello", "1.5", "two words", "\r\n"];
const MEMBERS: &[&str] = &["m1", "m2", "m3", "m4", ""];
const FLOATS: &[&str] = &["0", "1", "-1", "0.1", "2.5", "1e17", "inf", "-inf", "x", "3"];
const INTEGERS: &[&str] =
    &["0", "1", "-1", "1000000", "9223372036854775807", "-9223372036854775808", "x", "", "500000", "3"];
const COUNTS: &[&str] = &["0", "1", "2", "-2", "-1", "100"];
const ODD_LIFETIMES: &[&str] = &["0", "-1", "9223372036854775807", "-9223372036854775808", "x", ""];

impl RandomCommands {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn choose<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[(self.number() % choices.len() as u64) as usize]
    }

    /// The generator SplitMix64, by Steele, Lea and Flood.
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A lifetime that is not over before the commands are, and not near to any other: two servers never agree on the
    /// very moment, neither of an end nor of a beginning.
    fn lifetime(&mut self) -> String {
        match self.number() % 4 {
            0 => self.choose(ODD_LIFETIMES).to_owned(),
            _ => (1_000_000 + (self.number() >> 24)).to_string(),
        }
    }

    fn argument(&mut self, kind: &str) -> String {
        let chosen = match kind {
            "k" => self.choose(KEYS),
            "v" => self.choose(VALUES),
            "m" => self.choose(MEMBERS),
            "f" => self.choose(FLOATS),
            "i" => self.choose(INTEGERS),
            "c" => self.choose(COUNTS),
            "t" => return self.lifetime(),
            words => self.choose(&words.split('|').collect::<Vec<_>>()),
        };
        chosen.to_owned()
    }
}

impl Iterator for RandomCommands {
    type Item = RandomCommand;

    fn next(&mut self) -> Option<RandomCommand> {
        let mut shape = self.choose(SHAPES).split(' ');
        let name = shape.next().expect("a shape begins with a name");
        let mut words = vec![name.to_owned()];
        for kind in shape {
            let optional = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']'));
            if optional.is_none() || self.number() % 2 == 0 {
                words.push(self.argument(optional.unwrap_or(kind)));
            }
        }
        let order = match name {
            "KEYS" | "SMEMBERS" => Order::Any,
            "HGETALL" => Order::AnyPairs,
            _ => Order::Exact,
        };
        Some((order, words))
    }
}
