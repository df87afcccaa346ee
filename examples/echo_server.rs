//! An echo server: each connection is a task that sends back what it receives.
//!
//! ```text
//! cargo run --release --example echo_server -- 127.0.0.1:7000
//! ```
//!
//! In another terminal:
//!
//! ```text
//! cargo run --release --example echo_client -- 127.0.0.1:7000
//! ```
//!
//! or `nc 127.0.0.1 7000`. Every line that you type comes back.

use std::io;

use hanol::net::{TcpListener, TcpStream};

#[hanol::main]
async fn main() -> io::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7000".to_owned());
    let listener = TcpListener::bind(&addr).await?;
    println!("listening on {}", listener.local_addr()?);

    loop {
        let (stream, peer) = listener.accept().await?;
        hanol::spawn(async move {
            match echo(&stream).await {
                Ok(bytes) => println!("{peer} has left after {bytes} bytes"),
                Err(error) => println!("{peer} is lost: {error}"),
            }
        });
    }
}

/// Sends everything back until the peer ends its side, and counts the bytes.
async fn echo(stream: &TcpStream) -> io::Result<u64> {
    let mut buf = vec![0; 16 * 1024];
    let mut bytes = 0;
    loop {
        let n = stream.read(&mut buf).await?;
        if n == 0 {
            return Ok(bytes);
        }
        stream.write_all(&buf[..n]).await?;
        bytes += n as u64;
    }
}
