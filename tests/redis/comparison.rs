//! mini_redis beside the real server: the same bytes go to both, and the same bytes must come back.

use libtest_mimic::Failed;

use crate::cases::{self, Order};
use crate::malformed;
use crate::random::RandomCommands;
use crate::servers::Server;
use crate::wire::{Client, encode, sorted};

/// How many commands by chance are compared, and how many of them are sent at once.
const RANDOM_COMMANDS: usize = 20_000;
const PIPELINE: usize = 50;
/// Where the commands by chance begin. Any number will do; a fixed one makes a failure come again.
const SEED: u64 = 7;

/// Requests to which the two answer differently, each with the reason. Everything else is the same, byte for byte.
const DIFFERENCES: &[(&str, &str)] = &[
    ("COMMAND COUNT", "mini_redis has fewer commands"),
    ("COMMAND", "mini_redis has fewer commands, and tells neither flags nor key specifications"),
    ("COMMAND DOCS get", "mini_redis carries no documentation; clients do without"),
    ("CONFIG SET maxclients 10", "the limits are given when mini_redis starts"),
    ("CONFIG GET databases", "mini_redis has one database"),
    ("CONFIG GET *", "mini_redis has fewer parameters"),
    ("INFO server", "mini_redis tells less of itself"),
    ("INFO", "mini_redis tells less of itself"),
    ("RESET", "not among the commands of mini_redis, although an error message names it, as in Redis"),
    ("ZADD z 0x10 a", "scores in hexadecimal are read by C's strtod, and by nothing in Rust's library"),
];

/// The two servers of one comparison.
struct Both {
    redis: Server,
    mini_redis: Server,
}

impl Both {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(options: &[&str]) -> Self {
        Self { redis: Server::redis(options), mini_redis: Server::mini_redis(options) }
    }

    fn connect(&self) -> (Client, Client) {
        (self.redis.connect(), self.mini_redis.connect())
    }
}

/// One group of `cases`, command by command over one connection.
pub(crate) fn group(lines: &'static str) -> Result<(), Failed> {
    let both = Both::start();
    let (mut redis, mut mini_redis) = both.connect();
    let mut differences = Vec::new();
    for (order, words) in cases::parse(lines) {
        let (expected, found) = (redis.command(&words), mini_redis.command(&words));
        let shown = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
        differences.extend(compare(&shown, order, &expected, &found));
    }
    report(differences)
}

/// Bytes that break the protocol: what is answered until the end of the connection.
pub(crate) fn malformed_requests() -> Result<(), Failed> {
    let both = Both::start();
    let converse = |server: &Server, bytes: &[u8]| {
        let mut client = server.connect();
        // A server that refuses the first bytes does not read the others.
        client.try_send(bytes);
        client.finish();
        client.rest()
    };
    let mut differences = Vec::new();
    for (name, bytes) in malformed::conversations() {
        let (expected, found) = (converse(&both.redis, &bytes), converse(&both.mini_redis, &bytes));
        differences.extend(compare(&name, Order::Exact, &expected, &found));
    }
    report(differences)
}

/// Requests that arrive in two pieces, cut at every place.
pub(crate) fn split_frames() -> Result<(), Failed> {
    const END: &str = "the-end";
    let both = Both::start();
    let frames = malformed::frames_to_split();
    let converse = |server: &Server, cut: usize| {
        let mut client = server.connect();
        // The answer to this command shows that the piece behind it, sent with it, has arrived as well.
        client.send(&[b"PING\r\n", &frames[..cut]].concat());
        let mut answers = client.answer();
        client.send(&[&frames[cut..], &encode(&["ECHO", END])].concat());
        while !answers.ends_with(format!("{END}\r\n").as_bytes()) {
            answers.extend(client.answer());
        }
        answers
    };
    let mut differences = Vec::new();
    for cut in 0..=frames.len() {
        let (expected, found) = (converse(&both.redis, cut), converse(&both.mini_redis, cut));
        differences.extend(compare(&format!("cut at {cut}"), Order::Exact, &expected, &found));
    }
    report(differences)
}

/// Commands by chance, sent in pipelines.
pub(crate) fn random_commands() -> Result<(), Failed> {
    let both = Both::start();
    let (mut redis, mut mini_redis) = both.connect();
    let commands: Vec<_> = RandomCommands::new(SEED).take(RANDOM_COMMANDS).collect();
    let mut differences = Vec::new();
    for batch in commands.chunks(PIPELINE) {
        let bytes: Vec<u8> = batch.iter().flat_map(|(_, words)| encode(words)).collect();
        redis.send(&bytes);
        mini_redis.send(&bytes);
        for (order, words) in batch {
            let (expected, found) = (redis.answer(), mini_redis.answer());
            differences.extend(compare(&format!("{words:?}"), *order, &expected, &found));
        }
    }
    report(differences)
}

/// Three connections to each server, among them subscribers: who gets what, and in which order.
pub(crate) fn interleaved_clients() -> Result<(), Failed> {
    let both = Both::start();
    let converse = |server: &Server| {
        let (mut first, mut second, mut third) = (server.connect(), server.connect(), server.connect());
        let mut seen = vec![first.ask("SUBSCRIBE news"), second.ask("SUBSCRIBE news")];
        seen.push(third.ask("PUBLISH news 1"));
        seen.push(third.ask("SET a 1"));
        seen.push(first.ask("PING"));
        seen.push(first.ask("GET a"));
        seen.push(second.ask("UNSUBSCRIBE news"));
        seen.push(second.ask("GET a"));
        seen.push(third.ask("PUBLISH news 2"));
        first.finish();
        for client in [&mut first, &mut second, &mut third] {
            client.finish();
            seen.push(String::from_utf8_lossy(&client.rest()).into_owned());
        }
        seen.join("").into_bytes()
    };
    let (expected, found) = (converse(&both.redis), converse(&both.mini_redis));
    report(compare("interleaved clients", Order::Exact, &expected, &found).into_iter().collect())
}

/// What a client is told for which there is no place.
pub(crate) fn one_client_too_many() -> Result<(), Failed> {
    let both = Both::start_with(&["--maxclients", "1"]);
    let converse = |server: &Server| {
        let mut first = server.connect();
        let answer = first.command(&["PING"]);
        [answer, server.connect().rest(), first.command(&["PING"])].concat()
    };
    let (expected, found) = (converse(&both.redis), converse(&both.mini_redis));
    report(compare("one client too many", Order::Exact, &expected, &found).into_iter().collect())
}

/// The table of differences must not outlive them.
pub(crate) fn known_differences() -> Result<(), Failed> {
    let both = Both::start();
    let (mut redis, mut mini_redis) = both.connect();
    for (line, reason) in DIFFERENCES {
        let words: Vec<&str> = line.split(' ').collect();
        let same = redis.command(&words) == mini_redis.command(&words);
        if same {
            return Err(format!("`{line}` is answered alike by now; it was listed since {reason}").into());
        }
    }
    Ok(())
}

/// The two answers side by side, if they differ.
fn compare(name: &str, order: Order, expected: &[u8], found: &[u8]) -> Option<String> {
    let same = match order {
        Order::Exact => expected == found,
        Order::Any => sorted(expected, 1) == sorted(found, 1),
        Order::AnyPairs => sorted(expected, 2) == sorted(found, 2),
    };
    (!same).then(|| format!("{}\n  redis      {}\n  mini_redis {}", shorten(name), show(expected), show(found)))
}

fn show(bytes: &[u8]) -> String {
    shorten(&bytes.escape_ascii().to_string())
}

fn shorten(text: &str) -> String {
    text.chars().take(200).collect()
}

fn report(differences: Vec<String>) -> Result<(), Failed> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("{} answers differ:\n{}", differences.len(), differences.join("\n")).into())
}
