//! An HTTP/1.1 server on all cores: one strand for each, which share nothing but the port.
//!
//! ```text
//! cargo run --release --example http_cores -- --strands 2 127.0.0.1:8080
//! ```
//!
//! In another terminal:
//!
//! ```text
//! curl -i http://127.0.0.1:8080/            a greeting
//! curl http://127.0.0.1:8080/strand         which strand answers
//! curl http://127.0.0.1:8080/slow           a request that takes two seconds
//! curl http://127.0.0.1:8080/large | less   an answer of 16 MB, for a client that does not read it all
//! ```
//!
//! Ctrl-C or SIGTERM stops it: no connection is accepted any more, requests in flight are answered, connections that wait
//! for their next request are closed, and what is not done after `--deadline` seconds, 5 by default, is cut short and named.
//!
//! `--one-acceptor` has the first strand accept for all and hand the connections over.

mod connection;
mod options;
mod request;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use hanol::cores::{Accept, Cores, Strand};
use hanol::signal::unix::{SignalKind, signal};
use hanol::task::JoinSet;

use self::options::Options;

/// How to start the program.
const USAGE: &str = "usage: http_cores [--strands <n>] [--one-acceptor] [--deadline <seconds>] [<address>]";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("http_cores: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http_cores: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    // Before anybody is told where the server is: from here on neither signal ends the process by itself.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let accept = if options.one_acceptor { Accept::OneStrand } else { Accept::ReusePort };
    let mut builder = Cores::builder().listen(&options.addr)?.accept(accept);
    if let Some(strands) = options.strands {
        builder = builder.strands(strands);
    }
    let cores = builder.on_end(|end| println!("{end}")).start(serve)?;
    println!("{} strands listen on {}", cores.count(), cores.local_addr().expect("the strands listen"));

    // This thread waits for the end, in a small runtime of its own.
    hanol::block_on(async {
        hanol::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = cores.stopping() => {}
        }
    });
    println!("stopping");
    cores.shutdown_timeout(options.deadline).into_result()?;
    Ok(())
}

/// What one strand does: a task for each connection, until it is told to stop.
async fn serve(strand: Strand) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        hanol::select! {
            accepted = strand.accept() => match accepted {
                Ok((stream, _peer)) => {
                    connections.spawn(connection::serve(stream, strand.clone()));
                }
                // One connection that was lost is no reason to stop.
                Err(error) => eprintln!("strand {} could not accept: {error}", strand.index()),
            },
            Some(_ended) = connections.join_next() => {}
            () = strand.stopping() => break,
        }
    }
    // They hear of it too, and end when they have answered.
    while connections.join_next().await.is_some() {}
    Ok(())
}
