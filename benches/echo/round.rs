//! Rounds in which every server is measured once.

use std::io;
use std::time::Instant;

use super::load::Load;
use super::statistics::percentile;
use super::{Contender, Processors, Reading, ServerProcess, servers};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How often each server is measured in each case.
    pub(crate) rounds: usize,
    /// How many messages one measurement consists of.
    pub(crate) messages: usize,
}

impl Plan {
    pub(crate) const FULL: Self = Self { rounds: 11, messages: 30_000 };
    pub(crate) const QUICK: Self = Self { rounds: 3, messages: 6_000 };
    /// Enough to see that everything works.
    pub(crate) const TEST: Self = Self { rounds: 1, messages: 600 };
}

/// What one server did in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Processor time of the server per message.
    pub(crate) server_nanoseconds: f64,
    pub(crate) messages_per_second: f64,
    /// Nanoseconds from sending a message until all of it had come back.
    pub(crate) latency_p50: f64,
    pub(crate) latency_p99: f64,
}

/// Measures every server in every round. Returns a row for each contender, with an entry for each round.
pub(crate) fn run(
    processors: &Processors,
    plan: Plan,
    reading: Reading,
    connections: usize,
) -> io::Result<Vec<Vec<Sample>>> {
    let mut samples = vec![Vec::new(); Contender::ALL.len()];
    for round in 0..plan.rounds {
        // The order rotates, so that each server follows each other one equally often.
        for turn in 0..Contender::ALL.len() {
            let contender = Contender::ALL[(round + turn) % Contender::ALL.len()];
            let sample = measure(processors, plan, contender, reading, connections)?;
            samples[contender as usize].push(sample);
        }
    }
    Ok(samples)
}

/// Starts a fresh server, warms it up and measures it.
fn measure(
    processors: &Processors,
    plan: Plan,
    contender: Contender,
    reading: Reading,
    connections: usize,
) -> io::Result<Sample> {
    // A single connection is slower by the round trip, which nothing overlaps with.
    let messages = if connections == 1 { plan.messages / 3 } else { plan.messages };
    let server = ServerProcess::start(&servers::arguments(processors, contender, reading))?;
    let mut load = Load::connect(server.addr(), connections)?;
    load.exchange(messages / 10 + connections)?;

    let time_before = server.processor_time()?;
    let start = Instant::now();
    let mut latencies = load.exchange(messages)?;
    let elapsed = start.elapsed();
    let time = server.processor_time()? - time_before;
    server.stop()?;

    latencies.sort_by(f64::total_cmp);
    Ok(Sample {
        server_nanoseconds: time.as_secs_f64() * 1e9 / messages as f64,
        messages_per_second: messages as f64 / elapsed.as_secs_f64(),
        latency_p50: percentile(&latencies, 0.5),
        latency_p99: percentile(&latencies, 0.99),
    })
}
