//! Asking a server until it answers, or often enough.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hanol::net::{TcpStream, UdpSocket};
use hanol::time::{Instant, timeout, timeout_at};

use crate::message::{Answer, Question};

/// How long a question may take each time that it is asked.
const PATIENCE: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// How long the whole exchange over TCP may take.
const TCP_PATIENCE: Duration = Duration::from_secs(10);

/// Room for any answer: without EDNS a server sends 512 bytes at most (RFC 1035, section 4.2.1).
const DATAGRAM: usize = 4096;

/// Asks a server a question.
///
/// # Errors
///
/// [`TimedOut`](io::ErrorKind::TimedOut) when no answer has come, [`ConnectionRefused`](io::ErrorKind::ConnectionRefused)
/// when nobody is there, [`InvalidData`](io::ErrorKind::InvalidData) when an answer over TCP is none.
pub(crate) async fn ask(server: SocketAddr, question: &Question) -> io::Result<Answer> {
    let answer = ask_with_datagrams(server, question).await?;
    if answer.is_truncated { ask_over_a_connection(server, question).await } else { Ok(answer) }
}

async fn ask_with_datagrams(server: SocketAddr, question: &Question) -> io::Result<Answer> {
    let socket = connect(server).await?;
    // Neither the number nor the port can be guessed by whoever would like to answer in the server's place.
    let id = random_id();
    let message = question.to_message(id);
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for patience in PATIENCE {
        // An answer that is late is still an answer: each time the same is asked, from the same socket.
        let deadline = Instant::now() + patience;
        match timeout_at(deadline, exchange(&socket, &message, id, question)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => last = error,
            Err(_elapsed) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// A socket that hears nobody but the server.
async fn connect(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    Ok(socket)
}

/// Asks once, and waits for the answer. Whatever else comes meanwhile is thrown away.
async fn exchange(socket: &UdpSocket, message: &[u8], id: u16, question: &Question) -> io::Result<Answer> {
    socket.send(message).await?;
    let mut buf = [0; DATAGRAM];
    loop {
        let size = socket.recv(&mut buf).await?;
        if let Ok(Some(answer)) = Answer::read(&buf[..size], id, question) {
            return Ok(answer);
        }
    }
}

async fn ask_over_a_connection(server: SocketAddr, question: &Question) -> io::Result<Answer> {
    let exchange = async {
        let id = random_id();
        let stream = TcpStream::connect(server).await?;
        write_message(&stream, &question.to_message(id)).await?;
        let message = read_message(&stream).await?;
        let answer = Answer::read(&message, id, question).map_err(invalid)?;
        answer.ok_or_else(|| invalid("the answer is one to another question"))
    };
    timeout(TCP_PATIENCE, exchange).await.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()))
}

/// Over TCP each message follows its length (RFC 1035, section 4.2.2).
async fn write_message(stream: &TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(invalid)?;
    let framed = [&length.to_be_bytes(), message].concat();
    stream.write_all(&framed).await
}

async fn read_message(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// The standard library seeds its hash maps with random numbers of the system.
fn random_id() -> u16 {
    RandomState::new().hash_one(()) as u16
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
