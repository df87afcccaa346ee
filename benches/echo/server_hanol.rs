//! The echo server on Hanol.

use std::io;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Builder, Runtime};

use super::contender::Reading;
use super::server_process::{ANY_PORT, announce};

/// For how long the server that looks for events before it sleeps does so.
const BUSY_POLL: Duration = Duration::from_micros(100);

/// Echoes on every connection until the process ends.
pub(crate) fn serve(reading: Reading) -> io::Result<()> {
    serve_on(&Builder::new().build()?, reading)
}

/// The same with a runtime that looks for events before it sleeps.
pub(crate) fn serve_busily(reading: Reading) -> io::Result<()> {
    serve_on(&Builder::new().busy_poll(BUSY_POLL).build()?, reading)
}

fn serve_on(runtime: &Runtime, reading: Reading) -> io::Result<()> {
    runtime.block_on(async move {
        let listener = TcpListener::bind(ANY_PORT).await?;
        announce(listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            hanol::spawn(echo(stream, reading));
        }
    })
}

/// Echoes until the client closes or resets the connection.
async fn echo(stream: TcpStream, reading: Reading) -> io::Result<()> {
    let mut buf = vec![0; reading.buffer_bytes()];
    loop {
        let count = match reading {
            Reading::Buffer => stream.read(&mut buf).await?,
            Reading::Exact => stream.read_exact(&mut buf).await?,
        };
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buf[..count]).await?;
    }
}
