//! A server and 100 clients on one thread: every client sends messages, checks each byte that comes back, and leaves.
//!
//! ```text
//! cargo run --release --example echo
//! ```
//!
//! 201 coroutines take part: the future of `main`, a task for each client, and a task for each of their connections in
//! the server. Not one of them is a thread. Wherever one says `.await`, another may run.

use std::io;

use hanol::net::{TcpListener, TcpStream};
use hanol::task::JoinSet;
use hanol::time::Instant;

const CLIENTS: usize = 100;
const MESSAGES: usize = 2_000;
const SIZE: usize = 64;

#[hanol::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = hanol::spawn(serve(listener));

    let start = Instant::now();
    let mut clients: JoinSet<io::Result<()>> =
        (0..CLIENTS).map(|client| async move { talk(client, TcpStream::connect(addr).await?).await }).collect();
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    let elapsed = start.elapsed();
    server.abort();

    let messages = CLIENTS * MESSAGES;
    println!("{CLIENTS} clients exchanged {messages} messages of {SIZE} bytes with the server, every byte as sent");
    println!(
        "{:.2} s, {:.0} messages per second, on one thread",
        elapsed.as_secs_f64(),
        messages as f64 / elapsed.as_secs_f64()
    );
    Ok(())
}

/// Gives each connection a task of its own.
async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _peer) = listener.accept().await?;
        hanol::spawn(async move { echo(&stream).await });
    }
}

/// Sends everything back until the peer ends its side.
async fn echo(stream: &TcpStream) -> io::Result<()> {
    let mut buf = [0; 4096];
    loop {
        let n = stream.read(&mut buf).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buf[..n]).await?;
    }
}

/// Sends messages one after the other, and waits for each to come back as it was.
async fn talk(client: usize, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut answer = [0; SIZE];
    for number in 0..MESSAGES {
        let message = message(client, number);
        stream.write_all(&message).await?;
        stream.read_exact(&mut answer).await?;
        if answer != message {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("client {client}: message {number} came back changed"),
            ));
        }
    }
    Ok(())
}

/// A message like no other: the client, the number, and bytes that follow from both.
fn message(client: usize, number: usize) -> [u8; SIZE] {
    let mut message = [0; SIZE];
    message[..8].copy_from_slice(&(client as u64).to_be_bytes());
    message[8..16].copy_from_slice(&(number as u64).to_be_bytes());
    for (at, byte) in message.iter_mut().enumerate().skip(16) {
        *byte = (client.wrapping_mul(31) ^ number.wrapping_mul(17) ^ at) as u8;
    }
    message
}
