//! UDP echo over loopback: Hanol, tokio and a hand-written mio loop, as a Markdown table.
//!
//! `cargo bench --bench udp` takes about two minutes, `-- --quick` a quarter of one.
//!
//! The server is a process of its own on one core, with one socket; this process is the load on another core: clients with
//! one datagram of 64 bytes in flight each. What is compared is the processor time that the server spends per datagram. The
//! servers run one after the other in many short rounds, and each round gives one ratio, so that a machine that is slower
//! for a while is slower for all.

use std::env;
use std::io::{self, Write};

mod contender;
mod load;
#[path = "../echo/processors.rs"]
mod processors;
mod round;
mod server_hanol;
mod server_mio;
#[path = "../echo/server_process.rs"]
mod server_process;
mod server_tokio;
mod servers;
#[path = "../echo/statistics.rs"]
mod statistics;

use contender::Contender;
use processors::Processors;
use round::{Plan, Sample};
use statistics::Spread;

/// How many datagrams are in flight. More would not fit into the server's receive buffer, whose size is the system's.
const CLIENTS: [usize; 3] = [1, 20, 150];

/// The share of the loop's processor time that Hanol aims to stay below.
const TARGET: f64 = 1.05;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == server_process::SERVE) {
        return servers::serve(&arguments[1..]);
    }
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let processors = Processors::choose()?;
    processors::pin_this_thread(processors.load)?;
    // Cargo passes `--bench` for a benchmark and not for a test, which only has to show that all of it works.
    let plan = match (has("--bench"), has("--quick")) {
        (false, _) => Plan::TEST,
        (true, true) => Plan::QUICK,
        (true, false) => Plan::FULL,
    };
    compare(&processors, plan)
}

fn compare(processors: &Processors, plan: Plan) -> io::Result<()> {
    println!("Echo of datagrams of {} bytes over loopback, medians of {} rounds.", load::DATAGRAM_BYTES, plan.rounds);
    println!("Ratios: processor time per datagram of the server, median of the rounds' own ratios, with");
    println!("their 10th and 90th percentile. Target: at most {TARGET} of mio.\n");
    println!("| clients | server | ns/datagram | / mio | / tokio | datagrams/s |");
    println!("|--:|---|--:|--:|--:|--:|");
    for clients in CLIENTS {
        print_case(clients, &round::run(processors, plan, clients)?)?;
    }
    Ok(())
}

/// Prints one line for each contender. `samples` has a row for each contender, with an entry for each round.
fn print_case(clients: usize, samples: &[Vec<Sample>]) -> io::Result<()> {
    let times: Vec<Vec<f64>> =
        samples.iter().map(|row| row.iter().map(|sample| sample.server_nanoseconds).collect()).collect();
    let mut out = io::stdout().lock();
    for (contender, row) in Contender::ALL.into_iter().zip(samples) {
        let median = |value: fn(&Sample) -> f64| Spread::of(row.iter().map(value)).median;
        let ratio = |reference: Contender| Spread::of_ratios(&times[contender as usize], &times[reference as usize]);
        writeln!(
            out,
            "| {clients} | {contender} | {:.0} | {} | {} | {:.0} |",
            median(|sample| sample.server_nanoseconds),
            ratio(Contender::Mio),
            ratio(Contender::Tokio),
            median(|sample| sample.datagrams_per_second),
        )?;
    }
    out.flush()
}
