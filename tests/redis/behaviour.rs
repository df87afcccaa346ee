//! What mini_redis does over time and between connections: expiry, publish and subscribe, and its limits.

use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::servers::Server;
use crate::wire::{Client, encode};

/// The server has so long to do what it does on its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the answer is the `wanted` one.
fn ask_until(client: &mut Client, line: &str, wanted: &str) -> Result<(), Failed> {
    let begin = Instant::now();
    loop {
        let answer = client.ask(line);
        if answer == wanted {
            return Ok(());
        }
        if begin.elapsed() > PATIENCE {
            return Err(format!("`{line}` is still answered with {answer:?}").into());
        }
    }
}

fn expect(found: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) -> Result<(), Failed> {
    let (found, expected) = (found.as_ref(), expected.as_ref());
    if found == expected {
        return Ok(());
    }
    Err(format!("expected {}, found {}", expected.escape_ascii(), found.escape_ascii()).into())
}

/// A key is gone after its time, not before.
pub(crate) fn a_key_expires() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    let begin = Instant::now();
    expect(client.ask("SET a 1 PX 100"), "+OK\r\n")?;
    ask_until(&mut client, "GET a", "$-1\r\n")?;
    let lifetime = begin.elapsed();
    if lifetime < Duration::from_millis(100) {
        return Err(format!("the key was gone after {lifetime:?}").into());
    }
    expect(client.ask("TTL a"), ":-2\r\n")
}

/// Keys are removed though nobody asks for them: `DBSIZE` looks at none.
pub(crate) fn expired_keys_are_removed_unasked() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    expect(client.ask("SET later 1 EX 1000"), "+OK\r\n")?;
    for number in 0..100 {
        expect(client.ask(&format!("SET key-{number} 1 PX {}", 100 - number)), "+OK\r\n")?;
    }
    ask_until(&mut client, "DBSIZE", ":1\r\n")?;
    expect(client.ask("SET sooner 1 PX 1"), "+OK\r\n")?;
    ask_until(&mut client, "DBSIZE", ":1\r\n")
}

/// `TTL` counts down.
pub(crate) fn time_to_live_shrinks() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    expect(client.ask("SET a 1 PX 100000"), "+OK\r\n")?;
    expect(client.ask("TTL a"), ":100\r\n")?;
    let remaining = |answer: String| answer.trim_start_matches(':').trim_end().parse::<i64>();
    let first = remaining(client.ask("PTTL a"))?;
    if !(99_000..=100_000).contains(&first) {
        return Err(format!("PTTL is {first}").into());
    }
    ask_until(&mut client, "TTL a", ":99\r\n")
}

/// A message goes to those who listen, and to nobody else.
pub(crate) fn publish_and_subscribe() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let (mut listener, mut other, mut publisher) = (server.connect(), server.connect(), server.connect());
    expect(listener.ask("SUBSCRIBE news"), "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n")?;
    expect(listener.ask("SUBSCRIBE sport"), "*3\r\n$9\r\nsubscribe\r\n$5\r\nsport\r\n:2\r\n")?;
    expect(other.ask("SUBSCRIBE news"), "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n")?;

    expect(publisher.ask("PUBLISH news hello"), ":2\r\n")?;
    expect(publisher.ask("PUBLISH sport goal"), ":1\r\n")?;
    expect(publisher.ask("PUBLISH weather rain"), ":0\r\n")?;
    expect(listener.answer(), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n")?;
    expect(listener.answer(), "*3\r\n$7\r\nmessage\r\n$5\r\nsport\r\n$4\r\ngoal\r\n")?;
    expect(other.answer(), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n")?;

    expect(listener.ask("PING"), "*2\r\n$4\r\npong\r\n$0\r\n\r\n")?;
    expect(listener.ask("UNSUBSCRIBE news"), "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:1\r\n")?;
    expect(publisher.ask("PUBLISH news again"), ":1\r\n")?;
    expect(listener.ask("UNSUBSCRIBE"), "*3\r\n$11\r\nunsubscribe\r\n$5\r\nsport\r\n:0\r\n")?;
    expect(listener.ask("GET a"), "$-1\r\n")?;

    drop(other);
    ask_until(&mut publisher, "PUBLISH news anybody", ":0\r\n")
}

/// A subscriber that does not read is disconnected, and the others go on.
pub(crate) fn a_slow_subscriber_is_disconnected() -> Result<(), Failed> {
    let server = Server::mini_redis(&["--subscriber-backlog", "1000000"]);
    let (mut slow, mut publisher) = (server.connect(), server.connect());
    slow.ask("SUBSCRIBE news");
    // What the two sockets take comes on top of the limit.
    let message = encode(&["PUBLISH", "news", &"x".repeat(100_000)]);
    let begin = Instant::now();
    loop {
        publisher.send(&message);
        if publisher.answer() == b":0\r\n" {
            break;
        }
        if begin.elapsed() > PATIENCE {
            return Err("the subscriber is still connected".into());
        }
    }
    slow.rest();
    expect(publisher.ask("PING"), "+PONG\r\n")
}

/// `QUIT` is answered, then the connection ends.
pub(crate) fn quit_closes_the_connection() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    client.send(&[encode(&["PING"]), encode(&["QUIT"]), encode(&["PING"])].concat());
    expect(client.rest(), "+PONG\r\n+OK\r\n")
}

/// One client too many is told so; a place that becomes free can be taken.
pub(crate) fn connections_are_limited() -> Result<(), Failed> {
    let server = Server::mini_redis(&["--maxclients", "2"]);
    let (mut first, mut second) = (server.connect(), server.connect());
    expect(first.ask("PING"), "+PONG\r\n")?;
    expect(second.ask("PING"), "+PONG\r\n")?;
    expect(server.connect().rest(), "-ERR max number of clients reached\r\n")?;
    drop(first);
    let begin = Instant::now();
    loop {
        let mut third = server.connect();
        third.try_send(&encode(&["QUIT"]));
        let answer = third.rest();
        if answer == b"+OK\r\n" {
            return expect(second.ask("PING"), "+PONG\r\n");
        }
        if begin.elapsed() > PATIENCE {
            return Err("no place becomes free".into());
        }
    }
}

/// A client whose requests outgrow its buffer is disconnected.
pub(crate) fn unanswered_requests_are_limited() -> Result<(), Failed> {
    let server = Server::mini_redis(&["--query-buffer", "100000"]);
    let mut client = server.connect();
    client.send(b"*2\r\n$4\r\nECHO\r\n$1000000\r\n");
    while client.try_send(&[b'x'; 10_000]) {}
    expect(client.rest(), "")?;
    expect(server.connect().ask("PING"), "+PONG\r\n")
}

/// A client gets memory for what it has sent, not for what it has announced.
pub(crate) fn announcements_take_no_memory() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let clients: Vec<Client> = (0..50)
        .map(|_| {
            let mut client = server.connect();
            client.send(b"PING\r\n*2147483647\r\n$536870912\r\nabc");
            expect(client.answer(), "+PONG\r\n").map(|()| client)
        })
        .collect::<Result<_, _>>()?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id()));
    // Without this file there is nothing to look at but that the server is alive.
    let resident = status.ok().and_then(|status| {
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?.to_owned();
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    if let Some(kilobytes) = resident.filter(|&kilobytes| kilobytes > 100_000) {
        return Err(format!("50 announcements take {kilobytes} kB").into());
    }
    drop(clients);
    expect(server.connect().ask("PING"), "+PONG\r\n")
}

/// A thousand commands sent at once are answered in their order.
pub(crate) fn a_thousand_commands_in_one_pipeline() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    client.send(&encode(&["INCR", "n"]).repeat(1000));
    for number in 1..=1000 {
        expect(client.answer(), format!(":{number}\r\n"))?;
    }
    Ok(())
}

/// A command of which each byte comes alone.
pub(crate) fn a_split_command_is_answered_once() -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let mut client = server.connect();
    for byte in encode(&["ECHO", "a value\r\n"]) {
        client.send(&[byte]);
    }
    expect(client.answer(), "$9\r\na value\r\n\r\n")?;
    expect(client.ask("PING"), "+PONG\r\n")
}
