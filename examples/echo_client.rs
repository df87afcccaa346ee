//! A client for the echo server: sends numbered lines, checks what comes back, and shows how long it took.
//!
//! Start `echo_server` first; its header says how. Then:
//!
//! ```text
//! cargo run --release --example echo_client -- 127.0.0.1:7000
//! ```
//!
//! The program shows how an operation gets a limit: whatever is awaited can be given to `timeout`.

use std::io;
use std::time::Duration;

use hanol::net::TcpStream;
use hanol::time::{Instant, timeout};

const LINES: u32 = 10;
const LIMIT: Duration = Duration::from_secs(5);

#[hanol::main]
async fn main() -> io::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7000".to_owned());
    let stream = timeout(LIMIT, TcpStream::connect(&addr)).await??;
    stream.set_nodelay(true)?;
    println!("connected to {} as {}", stream.peer_addr()?, stream.local_addr()?);

    for number in 1..=LINES {
        let line = format!("line {number} of {LINES}\n");
        let start = Instant::now();
        let answer = timeout(LIMIT, exchange(&stream, &line)).await??;
        print!("{:>6.0?} {answer}", start.elapsed());
    }
    Ok(())
}

/// Sends a line and reads as many bytes back.
async fn exchange(stream: &TcpStream, line: &str) -> io::Result<String> {
    stream.write_all(line.as_bytes()).await?;
    let mut answer = vec![0; line.len()];
    stream.read_exact(&mut answer).await?;
    if answer != line.as_bytes() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer differs from what was sent"));
    }
    String::from_utf8(answer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
