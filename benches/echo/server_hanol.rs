//! The echo server on Hanol.

use std::io;

use hanol::net::{TcpListener, TcpStream};

use super::contender::Reading;
use super::server_process::{ANY_PORT, announce};

/// Echoes on every connection until the process ends.
pub(crate) fn serve(reading: Reading) -> io::Result<()> {
    hanol::block_on(async move {
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
