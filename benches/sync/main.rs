//! Hanol's locks and channels as a share of tokio's, as a Markdown table.
//!
//! `cargo bench --bench sync` takes some twenty seconds, `-- --quick` a few; a part of a name, as in `-- mutex`, takes the
//! cases that have it. The contenders run one after the other in many short rounds, and each round gives one ratio, so
//! that a machine that is slower for a while is slower for both.

use std::env;
use std::io::{self, Write};
use std::time::Duration;

mod case;
mod channels;
mod locks;
mod macros;
mod state;
#[path = "../echo/statistics.rs"]
mod statistics;
mod task;

use case::Case;
use statistics::Spread;

/// The cases, a list for each subject.
const CASES: &[&[Case]] = &[channels::CASES, locks::CASES, macros::CASES, state::CASES, task::CASES];

/// How long one case of one contender is to run in a round.
const SLICE: Duration = Duration::from_millis(2);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // Cargo passes `--bench` for a benchmark and not for a test, which only has to show that all of it works.
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let rounds = match (has("--bench"), has("--quick")) {
        (false, _) => 1,
        (true, true) => 11,
        (true, false) => 151,
    };
    let name = arguments.iter().find(|argument| !argument.starts_with('-')).map_or("", String::as_str);

    let mut out = io::stdout().lock();
    writeln!(out, "Nanoseconds per operation: median of {rounds} rounds. Ratios: median of the")?;
    writeln!(out, "rounds' own ratios, with their 10th and 90th percentile.\n")?;
    writeln!(out, "| case | hanol | tokio | hanol / tokio | target |")?;
    writeln!(out, "|---|--:|--:|--:|--:|")?;
    for case in CASES.iter().copied().flatten().filter(|case| case.name.contains(name)) {
        let target = case.target.map_or_else(String::new, |target| format!("<= {target:.2}"));
        let [hanol, tokio] = measure(case, rounds);
        writeln!(
            out,
            "| {} | {:.1} | {:.1} | {} | {target} |",
            case.name,
            Spread::of(hanol.iter().copied()).median,
            Spread::of(tokio.iter().copied()).median,
            Spread::of_ratios(&hanol, &tokio),
        )?;
        out.flush()?;
    }
    Ok(())
}

/// The nanoseconds per operation of each round, on Hanol and on tokio.
fn measure(case: &Case, rounds: usize) -> [Vec<f64>; 2] {
    let contenders = [case.hanol, case.tokio].map(|run| (run, iterations_per_slice(run)));
    let mut times = [const { Vec::new() }; 2];
    for round in 0..rounds {
        // Each contender comes first in half of the rounds.
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let (run, iterations) = contenders[index];
            times[index].push(run(iterations).as_secs_f64() * 1e9 / (iterations * case.operations) as f64);
        }
    }
    times
}

/// How many iterations take a slice. Finding out warms the case up.
fn iterations_per_slice(run: fn(u64) -> Duration) -> u64 {
    let mut iterations = 1;
    while run(iterations) < SLICE {
        iterations *= 2;
    }
    iterations
}
