//! Rounds in which every server is measured once.

use std::io;
use std::time::Instant;

use super::load::Load;
use super::server_process::ServerProcess;
use super::{Contender, Processors, servers};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// How often each server is measured in each case.
    pub(crate) rounds: usize,
    /// How many datagrams one measurement consists of.
    pub(crate) datagrams: usize,
}

impl Plan {
    pub(crate) const FULL: Self = Self { rounds: 21, datagrams: 60_000 };
    pub(crate) const QUICK: Self = Self { rounds: 5, datagrams: 20_000 };
    /// Enough to see that everything works.
    pub(crate) const TEST: Self = Self { rounds: 1, datagrams: 600 };
}

/// What one server did in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Processor time of the server per datagram.
    pub(crate) server_nanoseconds: f64,
    pub(crate) datagrams_per_second: f64,
}

/// Measures every server in every round. Returns a row for each contender, with an entry for each round.
pub(crate) fn run(processors: &Processors, plan: Plan, clients: usize) -> io::Result<Vec<Vec<Sample>>> {
    let mut samples = vec![Vec::new(); Contender::ALL.len()];
    for round in 0..plan.rounds {
        // The order rotates, so that each server follows each other one equally often.
        for turn in 0..Contender::ALL.len() {
            let contender = Contender::ALL[(round + turn) % Contender::ALL.len()];
            samples[contender as usize].push(measure(processors, plan, contender, clients)?);
        }
    }
    Ok(samples)
}

/// Starts a fresh server, warms it up and measures it.
fn measure(processors: &Processors, plan: Plan, contender: Contender, clients: usize) -> io::Result<Sample> {
    // A single client is slower by the round trip, which nothing overlaps with.
    let datagrams = if clients == 1 { plan.datagrams / 3 } else { plan.datagrams };
    let server = ServerProcess::start(&servers::arguments(processors, contender))?;
    let mut load = Load::connect(server.addr(), clients)?;
    load.exchange(datagrams / 10 + clients)?;

    let time_before = server.processor_time()?;
    let start = Instant::now();
    load.exchange(datagrams)?;
    let elapsed = start.elapsed();
    let time = server.processor_time()? - time_before;
    server.stop()?;
    Ok(Sample {
        server_nanoseconds: time.as_secs_f64() * 1e9 / datagrams as f64,
        datagrams_per_second: datagrams as f64 / elapsed.as_secs_f64(),
    })
}
