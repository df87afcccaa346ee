//! A client on this runtime talks to the real server over a Unix socket.

use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use hanol::net::UnixStream;
use libtest_mimic::Failed;

use crate::hanol_client::run;
use crate::servers::{TemporaryDirectory, wait_for_line};
use crate::wire::encode;

/// A server that has no port.
struct Server {
    process: Child,
    path: PathBuf,
    /// The server logs into this pipe. It stays open, since a log that nobody takes could end the server.
    _output: io::BufReader<ChildStdout>,
    _directory: TemporaryDirectory,
}

impl Server {
    fn start() -> Self {
        let directory = TemporaryDirectory::new();
        let path = directory.path().join("socket");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"]).arg(directory.path());
        let mut process =
            command.arg("--unixsocket").arg(&path).stdout(Stdio::piped()).spawn().expect("redis-server starts");
        let mut output = io::BufReader::new(process.stdout.take().expect("the output is piped"));
        wait_for_line(&mut output, "ready to accept connections").expect("it listens on the path");
        Self { process, path, _output: output, _directory: directory }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends `request` and expects exactly `expected` back.
async fn exchange(stream: &UnixStream, request: &[u8], expected: &[u8]) -> io::Result<()> {
    stream.write_all(request).await?;
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await?;
    if answer == expected { Ok(()) } else { Err(io::Error::other("the answer is another one")) }
}

/// One command after another, the last with a value that no socket takes at once.
pub(crate) fn commands() -> Result<(), Failed> {
    let server = Server::start();
    let value: Vec<u8> = (0..1024 * 1024_u32).map(|number| (number % 251) as u8).collect();
    run(async {
        let stream = UnixStream::connect(&server.path).await?;
        exchange(&stream, &encode(&["PING"]), b"+PONG\r\n").await?;
        exchange(&stream, &encode(&["SET", "greeting", "hello"]), b"+OK\r\n").await?;
        exchange(&stream, &encode(&["GET", "greeting"]), b"$5\r\nhello\r\n").await?;
        exchange(&stream, &encode(&[b"SET", &b"big"[..], &value]), b"+OK\r\n").await?;
        let expected = [b"$1048576\r\n", &value[..], b"\r\n"].concat();
        exchange(&stream, &encode(&["GET", "big"]), &expected).await?;
        exchange(&stream, &encode(&["QUIT"]), b"+OK\r\n").await?;
        if stream.read(&mut [0; 16]).await? == 0 { Ok(()) } else { Err("the server goes on after QUIT".into()) }
    })
}

/// Ten thousand commands, written by one task while another reads the answers.
pub(crate) fn pipeline() -> Result<(), Failed> {
    const COMMANDS: usize = 10_000;
    let server = Server::start();
    run(async {
        let (reader, writer) = UnixStream::connect(&server.path).await?.into_split();
        if writer.as_ref().peer_cred()?.pid() != Some(i32::try_from(server.process.id())?) {
            return Err("another process is at the other end".into());
        }
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
