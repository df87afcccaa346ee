//! TCP echo over loopback: Hanol, tokio and a hand-written mio loop, as a Markdown table.
//!
//! `cargo bench --bench echo` takes about three minutes, `-- --quick` half a minute. `-- --strace` counts system
//! calls per message instead, and needs `strace`.
//!
//! The server is a process of its own on one core, and this process is the load on another one: connections with one
//! message of 64 bytes in flight each. What is compared is the processor time that the server spends per message. It
//! says more than throughput, which on loopback depends as much on the client. The servers run one after the other in
//! many short rounds, and each round gives one ratio, so that a machine that is slower for a while is slower for all.

use std::env;
use std::io::{self, Write};

mod contender;
mod load;
mod processors;
mod round;
mod server_hanol;
mod server_mio;
mod server_process;
mod server_tokio;
mod servers;
mod statistics;
mod system_calls;

use contender::{Contender, Reading};
use processors::Processors;
use round::{Plan, Sample};
use server_process::ServerProcess;
use statistics::Spread;

const CONNECTIONS: [usize; 3] = [1, 50, 500];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == server_process::SERVE) {
        return servers::serve(&arguments[1..]);
    }
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let processors = Processors::choose()?;
    processors::pin_this_thread(processors.load)?;
    if has("--strace") {
        return system_calls::compare(&processors);
    }
    // Cargo passes `--bench` for a benchmark and not for a test, which only has to show that all of it works.
    let plan = match (has("--bench"), has("--quick")) {
        (false, _) => Plan::TEST,
        (true, true) => Plan::QUICK,
        (true, false) => Plan::FULL,
    };
    compare(&processors, plan)
}

fn compare(processors: &Processors, plan: Plan) -> io::Result<()> {
    println!("Echo of {} bytes over loopback, medians of {} rounds.", load::MESSAGE_BYTES, plan.rounds);
    println!("Ratios: processor time per message of the server, median of the rounds' own ratios, with");
    println!("their 10th and 90th percentile; behind the round trip (p50), that of the round trip itself.");
    println!("`hanol-busy` looks for events for 100 µs before it sleeps.\n");
    println!("| read | connections | server | ns/message | / mio | / tokio | messages/s | p50 µs | / tokio | p99 µs |");
    println!("|---|--:|---|--:|--:|--:|--:|--:|--:|--:|");
    for reading in Reading::ALL {
        for connections in CONNECTIONS {
            let samples = round::run(processors, plan, reading, connections)?;
            print_case(reading, connections, &samples)?;
        }
    }
    Ok(())
}

/// Prints one line for each contender. `samples` has a row for each contender, with an entry for each round.
fn print_case(reading: Reading, connections: usize, samples: &[Vec<Sample>]) -> io::Result<()> {
    let times: Vec<Vec<f64>> =
        samples.iter().map(|row| row.iter().map(|sample| sample.server_nanoseconds).collect()).collect();
    let trips: Vec<Vec<f64>> =
        samples.iter().map(|row| row.iter().map(|sample| sample.latency_p50).collect()).collect();
    let mut out = io::stdout().lock();
    for (contender, row) in Contender::ALL.into_iter().zip(samples) {
        let median = |value: fn(&Sample) -> f64| Spread::of(row.iter().map(value)).median;
        let ratio = |reference: Contender| Spread::of_ratios(&times[contender as usize], &times[reference as usize]);
        writeln!(
            out,
            "| {reading} | {connections} | {contender} | {:.0} | {} | {} | {:.0} | {:.1} | {} | {:.1} |",
            median(|sample| sample.server_nanoseconds),
            ratio(Contender::Mio),
            ratio(Contender::Tokio),
            median(|sample| sample.messages_per_second),
            median(|sample| sample.latency_p50 / 1e3),
            Spread::of_ratios(&trips[contender as usize], &trips[Contender::Tokio as usize]),
            median(|sample| sample.latency_p99 / 1e3),
        )?;
    }
    out.flush()
}
