//! The echo server on tokio, for both of its runtimes that keep to one thread.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalRuntime};

use super::contender::Reading;
use super::server_process::{ANY_PORT, announce};

/// Echoes on every connection until the process ends, in tasks of the `current_thread` scheduler.
pub(crate) fn serve(reading: Reading) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(accept(|stream| drop(tokio::spawn(echo(stream, reading)))))
}

/// The same, in tasks of a `LocalRuntime`.
pub(crate) fn serve_local(reading: Reading) -> io::Result<()> {
    let runtime = LocalRuntime::new()?;
    runtime.block_on(accept(|stream| drop(tokio::task::spawn_local(echo(stream, reading)))))
}

async fn accept(spawn_echo: impl Fn(TcpStream)) -> io::Result<()> {
    let listener = TcpListener::bind(ANY_PORT).await?;
    announce(listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        spawn_echo(stream);
    }
}

/// Echoes until the client closes or resets the connection.
async fn echo(mut stream: TcpStream, reading: Reading) -> io::Result<()> {
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
