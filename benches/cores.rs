//! Two strands on two cores against one, as a Markdown table.
//!
//! `cargo bench --bench cores` takes about half a minute, `-- --quick` a few seconds. Each message of 64 bytes costs the
//! server some work of its own, as a real one does. The load is a thread of the same process and takes its share of the
//! machine, which is printed beside the ratio: where there are no cores to spare for it, two strands cannot reach twice
//! the throughput of one.

use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hanol::cores::{Accept, Cores, Strand};
use hanol::net::TcpStream;

#[path = "echo/load.rs"]
mod load;
#[path = "echo/statistics.rs"]
mod statistics;

use load::{Load, MESSAGE_BYTES};
use statistics::Spread;

const CONNECTIONS: usize = 64;

/// How many bytes the server hashes for a message: some tens of microseconds of work.
const HASHED_BYTES: [usize; 2] = [0, 64 * 1024];

fn main() -> io::Result<()> {
    let has = |wanted: &str| env::args().any(|argument| argument == wanted);
    // Cargo passes `--bench` for a benchmark and not for a test, which only has to show that all of it works.
    let (rounds, messages) = match (has("--bench"), has("--quick")) {
        (false, _) => (1, 200),
        (true, true) => (3, 10_000),
        (true, false) => (11, 30_000),
    };
    println!("{} cores; {CONNECTIONS} connections, medians of {rounds} rounds.", thread::available_parallelism()?);
    println!("The ratio is that of the rounds, with its 10th and 90th percentile.\n");
    println!(
        "| work per message | who accepts | messages/s, 1 strand | 2 strands | 2 / 1 | the load's share of the cores |"
    );
    println!("|--:|---|--:|--:|--:|--:|");
    for hashed in HASHED_BYTES {
        for accept in [Accept::ReusePort, Accept::OneStrand] {
            let mut rates = [const { Vec::new() }; 2];
            let mut shares = Vec::new();
            for _ in 0..rounds {
                for strands in [1, 2] {
                    let (rate, share) = measure(strands, accept, hashed, messages)?;
                    rates[strands - 1].push(rate);
                    shares.push(share);
                }
            }
            println!(
                "| {} KiB hashed | {accept:?} | {:.0} | {:.0} | {} | {:.0} % |",
                hashed / 1024,
                Spread::of(rates[0].iter().copied()).median,
                Spread::of(rates[1].iter().copied()).median,
                Spread::of_ratios(&rates[1], &rates[0]),
                Spread::of(shares.iter().copied()).median * 100.0,
            );
        }
    }
    Ok(())
}

/// Messages in a second, and the load's share of all cores meanwhile.
fn measure(strands: usize, accept: Accept, hashed: usize, messages: usize) -> io::Result<(f64, f64)> {
    let builder = Cores::builder().strands(strands).accept(accept).listen("127.0.0.1:0")?;
    let cores = builder.start(move |strand| serve(strand, hashed))?;
    let mut load = Load::connect(cores.local_addr().expect("the strands listen"), CONNECTIONS)?;
    load.exchange(messages / 10 + CONNECTIONS)?;

    let (begun, time_before) = (Instant::now(), processor_time()?);
    load.exchange(messages)?;
    let (elapsed, time) = (begun.elapsed(), processor_time()? - time_before);

    drop(load);
    cores.shutdown_timeout(Duration::from_secs(10)).into_result().map_err(io::Error::other)?;
    let all = elapsed.as_secs_f64() * thread::available_parallelism()?.get() as f64;
    Ok((messages as f64 / elapsed.as_secs_f64(), time.as_secs_f64() / all))
}

/// The processor time of this thread, which is the load.
fn processor_time() -> io::Result<Duration> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = statistics.split(' ').next().and_then(|field| field.parse().ok());
    nanoseconds.map(Duration::from_nanos).ok_or_else(|| io::Error::other("the kernel does not account processor time"))
}

async fn serve(strand: Strand, hashed: usize) -> io::Result<()> {
    loop {
        hanol::select! {
            accepted = strand.accept() => drop(hanol::spawn(echo(accepted?.0, hashed))),
            () = strand.stopping() => return Ok(()),
        }
    }
}

async fn echo(stream: TcpStream, hashed: usize) -> io::Result<()> {
    let mut message = [0; MESSAGE_BYTES];
    let work = vec![1; hashed];
    loop {
        stream.read_exact(&mut message).await?;
        let mut hasher = DefaultHasher::new();
        hasher.write(&work);
        message[..8].copy_from_slice(&hasher.finish().to_le_bytes());
        stream.write_all(&message).await?;
    }
}
