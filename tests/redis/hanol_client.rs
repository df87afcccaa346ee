//! The other direction: a client on this runtime talks to the real server.

use std::future::Future;
use std::io;
use std::time::Duration;

use hanol::net::TcpStream;
use hanol::time::timeout;
use libtest_mimic::Failed;

use crate::servers::Server;
use crate::wire::encode;

/// The server answers sooner than this, or not at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a client to its end.
pub(crate) fn run(client: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    hanol::block_on(async { timeout(PATIENCE, client).await? })
}

/// Sends `request` and expects exactly `expected` back.
async fn exchange(stream: &TcpStream, request: &[u8], expected: &[u8]) -> io::Result<()> {
    stream.write_all(request).await?;
    expect(stream, expected).await
}

async fn expect(stream: &TcpStream, expected: &[u8]) -> io::Result<()> {
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await?;
    if answer == expected { Ok(()) } else { Err(io::Error::other("the answer is another one")) }
}

/// One command after another.
pub(crate) fn commands() -> Result<(), Failed> {
    let server = Server::redis(&[]);
    run(async {
        let stream = TcpStream::connect(server.address).await?;
        exchange(&stream, &encode(&["SET", "greeting", "hello"]), b"+OK\r\n").await?;
        exchange(&stream, &encode(&["GET", "greeting"]), b"$5\r\nhello\r\n").await?;
        exchange(&stream, &encode(&["GET"]), b"-ERR wrong number of arguments for 'get' command\r\n").await?;
        exchange(&stream, &encode(&["QUIT"]), b"+OK\r\n").await?;
        let end = stream.read(&mut [0; 16]).await?;
        if end == 0 { Ok(()) } else { Err("the server goes on after QUIT".into()) }
    })
}

/// Ten thousand commands, written by one task while another reads the answers.
pub(crate) fn pipeline() -> Result<(), Failed> {
    const COMMANDS: usize = 10_000;
    let server = Server::redis(&[]);
    run(async {
        let (reader, writer) = TcpStream::connect(server.address).await?.into_split();
        let writing = hanol::spawn(async move {
            writer.write_all(&encode(&["INCR", "n"]).repeat(COMMANDS)).await?;
            // The half is given back: dropping it would end the stream in this direction.
            Ok::<_, io::Error>(writer)
        });
        let expected: Vec<u8> = (1..=COMMANDS).flat_map(|number| format!(":{number}\r\n").into_bytes()).collect();
        let mut answers = vec![0; expected.len()];
        reader.read_exact(&mut answers).await?;
        drop(writing.await??);
        if answers == expected { Ok(()) } else { Err("the answers are other ones".into()) }
    })
}

/// A value that no socket takes at once.
pub(crate) fn a_megabyte() -> Result<(), Failed> {
    let server = Server::redis(&[]);
    let value: Vec<u8> = (0..1024 * 1024_u32).map(|number| (number % 251) as u8).collect();
    run(async {
        let stream = TcpStream::connect(server.address).await?;
        exchange(&stream, &encode(&[b"SET", &b"big"[..], &value]), b"+OK\r\n").await?;
        exchange(&stream, &encode(&["STRLEN", "big"]), b":1048576\r\n").await?;
        let expected = [b"$1048576\r\n", &value[..], b"\r\n"].concat();
        exchange(&stream, &encode(&["GET", "big"]), &expected).await?;
        Ok(())
    })
}
