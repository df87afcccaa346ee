//! Hanol's tasks, wakes and timeouts as a share of tokio's, as a Markdown table.
//!
//! `cargo bench --bench ratios` takes about twenty seconds, `-- --quick` a few. The contenders run one after the other
//! in many short rounds, and each round gives one ratio, so that a machine that is slower for a while is slower for
//! all of them.

use std::io::{self, Write};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

#[path = "echo/statistics.rs"]
mod statistics;
mod workloads;

use statistics::Spread;
use workloads::{CONTENDERS, Case, HELD_BYTES};

/// How long one case of one contender is to run in a round.
const SLICE: Duration = Duration::from_millis(2);

/// How many tasks wait at once while their memory is measured.
const SUSPENDED_TASKS: usize = 100_000;

/// The argument with which this program starts itself, in order to measure memory in a fresh process.
const MEMORY_OF: &str = "--memory-of";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(position) = arguments.iter().position(|argument| argument == MEMORY_OF) {
        return print_growth(arguments.get(position + 1).map(String::as_str));
    }
    // Cargo passes `--bench` for a benchmark and not for a test, which only has to show that all of it works.
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let rounds = match (has("--bench"), has("--quick")) {
        (false, _) => 1,
        (true, true) => 11,
        (true, false) => 151,
    };

    compare_times(rounds)?;
    compare_memory()
}

/// The share of tokio's time that Hanol aims to stay below.
fn target(case: &Case) -> Option<f64> {
    match case.name {
        "switch" => Some(0.35),
        "wake_other" => Some(0.40),
        "spawn_join" => Some(0.35),
        "timeout_armed_dropped" | "timeout_armed_dropped_beside_10000" => Some(0.20),
        _ => None,
    }
}

fn compare_times(rounds: usize) -> io::Result<()> {
    let [hanol, tokio, local] = CONTENDERS.map(|contender| contender.cases);
    let mut out = io::stdout().lock();
    writeln!(out, "Nanoseconds per operation: median of {rounds} rounds. Ratios: median of the")?;
    writeln!(out, "rounds' own ratios, with their 10th and 90th percentile.\n")?;
    writeln!(out, "| case | hanol | tokio | tokio-local | hanol / tokio | hanol / tokio-local | target |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
    for ((hanol, tokio), local) in hanol.iter().zip(tokio).zip(local) {
        let target = target(hanol).map_or_else(String::new, |target| format!("<= {target:.2}"));
        let samples = [hanol, tokio, local].map(|case| (case, iterations_per_slice(case)));
        let mut times = [const { Vec::new() }; 3];
        for round in 0..rounds {
            // Each contender comes first in a third of the rounds.
            for turn in 0..samples.len() {
                let index = (round + turn) % samples.len();
                let (case, iterations) = samples[index];
                times[index].push(nanoseconds_per_operation(case, iterations));
            }
        }
        writeln!(
            out,
            "| {} | {:.1} | {:.1} | {:.1} | {} | {} | {target} |",
            hanol.name,
            Spread::of(times[0].iter().copied()).median,
            Spread::of(times[1].iter().copied()).median,
            Spread::of(times[2].iter().copied()).median,
            Spread::of_ratios(&times[0], &times[1]),
            Spread::of_ratios(&times[0], &times[2]),
        )?;
        out.flush()?;
    }
    Ok(())
}

/// How many iterations of the case take a slice. Finding out warms the case up.
fn iterations_per_slice(case: &Case) -> u64 {
    let mut iterations = 1;
    while (case.run)(iterations) < SLICE {
        iterations *= 2;
    }
    iterations
}

fn nanoseconds_per_operation(case: &Case, iterations: u64) -> f64 {
    (case.run)(iterations).as_secs_f64() * 1e9 / (iterations * case.operations) as f64
}

fn compare_memory() -> io::Result<()> {
    println!("\nResident memory per suspended task that holds {HELD_BYTES} bytes, with {SUSPENDED_TASKS} of them,");
    println!("each runtime in a process of its own. The target is at most 136 bytes.\n");
    println!("| runtime | bytes |\n|---|--:|");
    for contender in &CONTENDERS {
        let output = Command::new(env::current_exe()?).args([MEMORY_OF, contender.name]).output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("measuring {} failed", contender.name)));
        }
        println!("| {} | {} |", contender.name, String::from_utf8_lossy(&output.stdout).trim());
    }
    Ok(())
}

/// Prints by how many bytes this process grows for each suspended task of the named contender.
fn print_growth(name: Option<&str>) -> io::Result<()> {
    let contender = CONTENDERS
        .iter()
        .find(|contender| Some(contender.name) == name)
        .ok_or_else(|| io::Error::other("no such contender"))?;
    // One task makes the runtime's own buffers resident, which are not counted.
    let before = (contender.while_suspended)(1, resident_bytes)?;
    let during = (contender.while_suspended)(SUSPENDED_TASKS, resident_bytes)?;
    println!("{:.0}", (during as f64 - before as f64) / SUSPENDED_TASKS as f64);
    Ok(())
}

/// The memory of this process that is backed by pages, in bytes.
fn resident_bytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
        .map(|kibibytes: u64| kibibytes * 1024)
        .ok_or_else(|| io::Error::other("/proc/self/status names no VmRSS"))
}
