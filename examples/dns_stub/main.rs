//! A stub resolver: asks one name server for one name, over UDP, and over TCP when the answer is too long for that.
//!
//! ```text
//! $ cargo run --release --example dns_stub -- 127.0.0.53:53 www.example.org AAAA
//! ```
//!
//! It prints what `dig +short` prints: a line for each record of the answer, and nothing when there is none. The last
//! argument is `A`, `AAAA` or `CNAME`; without it, `A`. It ends with 0 when the server has answered, with 1 when it has not,
//! and with 2 when the arguments cannot be understood.
//!
//! # Where to look
//!
//! | what | where |
//! |---|---|
//! | asking, and asking again; what counts as an answer; from UDP to TCP | `resolver.rs` |
//! | questions and answers as bytes (RFC 1035, section 4) | `message.rs` |
//! | names, and how they are shortened | `name.rs` |
//! | reading bytes that may be too few | `reader.rs` |

mod message;
mod name;
mod reader;
mod resolver;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use hanol::net::lookup_host;

use crate::message::{Answer, Question, RecordType, ResponseCode};
use crate::name::Name;

const USAGE: &str = "usage: dns_stub SERVER:PORT NAME [A|AAAA|CNAME]";

#[hanol::main]
async fn main() -> ExitCode {
    let (server, question) = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&server, &question).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{server}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<(String, Question), String> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(name)) = (arguments.next(), arguments.next()) else { return Err(USAGE.to_owned()) };
    let record_type = match arguments.next() {
        Some(text) => RecordType::named(&text).ok_or_else(|| USAGE.to_owned())?,
        None => RecordType::A,
    };
    let name: Name = name.parse().map_err(|error| format!("{name}: {error}"))?;
    Ok((server, Question { name, record_type }))
}

async fn run(server: &str, question: &Question) -> io::Result<()> {
    let server = first_address(server).await?;
    let answer = resolver::ask(server, question).await?;
    print(&answer)
}

async fn first_address(server: &str) -> io::Result<SocketAddr> {
    lookup_host(server).await?.next().ok_or_else(|| io::Error::other("the name has no address"))
}

fn print(answer: &Answer) -> io::Result<()> {
    if answer.code != ResponseCode::SUCCESS {
        eprintln!("{}", answer.code);
    }
    let mut output = io::stdout().lock();
    for record in &answer.records {
        writeln!(output, "{record}")?;
    }
    output.flush()
}
