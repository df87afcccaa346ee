//! Counts the system calls that each server makes per message, with `strace`.
//!
//! Tracing makes the server much slower than the client, and a server that is late finds the next message waiting
//! where it would find nothing at full speed. So the messages go in waves, one on each connection, and a wave starts
//! when the server sleeps. Each server runs twice, with few waves and with more: what starting, accepting and ending
//! cost is the same in both runs and cancels out.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

use super::load::Load;
use super::{Contender, Processors, Reading, ServerProcess, servers};

const FEW_WAVES: usize = 50;
const MORE_WAVES: usize = 250;

/// Calls by name.
type Counts = BTreeMap<String, f64>;

/// Prints a Markdown table with a line for each server and case.
pub(crate) fn compare(processors: &Processors) -> io::Result<()> {
    println!(
        "System calls of the server per echo, from `strace -c`. The messages come in waves, one on each connection."
    );
    println!("How many of a wave one `epoll_wait` reports depends on how fast the server wakes up.\n");
    println!("| read | connections | server | all | by call |\n|---|--:|---|--:|---|");
    for reading in Reading::ALL {
        for connections in [1, 50] {
            for contender in Contender::ALL {
                let few = count(processors, contender, reading, connections, FEW_WAVES)?;
                let more = count(processors, contender, reading, connections, MORE_WAVES)?;
                let counts = per_message(&few, more, connections);
                let all: f64 = counts.values().sum();
                let by_call: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count:.3}")).collect();
                let by_call = by_call.join(", ");
                println!("| {reading} | {connections} | {contender} | {all:.3} | {by_call} |");
            }
        }
    }
    Ok(())
}

/// The calls that the additional waves caused, for each of their messages.
fn per_message(few: &Counts, mut more: Counts, connections: usize) -> Counts {
    let messages = (MORE_WAVES - FEW_WAVES) * connections;
    for (name, count) in &mut more {
        let difference = *count - few.get(name).copied().unwrap_or(0.0);
        *count = difference / messages as f64;
    }
    // What happens less than once in a hundred messages belongs to the beginning and the end.
    more.retain(|_, count| *count >= 0.01);
    more
}

fn count(
    processors: &Processors,
    contender: Contender,
    reading: Reading,
    connections: usize,
    waves: usize,
) -> io::Result<Counts> {
    let report = env::temp_dir().join(format!("echo-system-calls-{}", process::id()));
    let mut strace = Command::new("strace");
    strace.args(["-c", "-f", "-o"]).arg(&report).arg(env::current_exe()?);
    let server = ServerProcess::start_with(strace, &servers::arguments(processors, contender, reading))?;
    let mut load = Load::connect(server.addr(), connections)?;
    for _ in 0..waves {
        server.wait_until_at_rest()?;
        load.exchange(connections)?;
    }
    server.stop()?;
    let counts = read_report(&report);
    fs::remove_file(&report)?;
    counts
}

/// Reads the table that `strace -c` writes: the fourth column is the number of calls and the last one their name.
fn read_report(report: &Path) -> io::Result<Counts> {
    let mut counts = Counts::new();
    for line in fs::read_to_string(report)?.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let Some(calls) = columns.get(3).and_then(|calls| calls.parse().ok()) else { continue };
        let name = columns[columns.len() - 1];
        if name != "total" {
            counts.insert(name.to_owned(), calls);
        }
    }
    Ok(counts)
}
