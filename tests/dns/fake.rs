//! A server that answers as it is told, on a thread.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the server waits for a question.
const PATIENCE: Duration = Duration::from_secs(30);

/// The address in the answers of [`answer`].
pub(crate) const ADDRESS: [u8; 4] = [10, 0, 0, 1];

/// Starts a server that calls `script` with each question that comes, and with the socket and the asker's address, until it
/// says that it is done. Joining the thread gives the number of questions.
pub(crate) fn serve(
    mut script: impl FnMut(&UdpSocket, &[u8], SocketAddr) -> Next + Send + 'static,
) -> (SocketAddr, JoinHandle<usize>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    socket.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
    let addr = socket.local_addr().expect("a bound socket has an address");
    let thread = thread::spawn(move || {
        let mut buf = [0; 512];
        let mut count = 0;
        loop {
            let (size, asker) = socket.recv_from(&mut buf).expect("somebody asks");
            count += 1;
            if let Next::Done = script(&socket, &buf[..size], asker) {
                return count;
            }
        }
    });
    (addr, thread)
}

/// What a script says after a question.
pub(crate) enum Next {
    Question,
    Done,
}

/// A UDP socket and a listener at the same port.
pub(crate) fn both_protocols() -> (UdpSocket, TcpListener) {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let addr = listener.local_addr().expect("a bound socket has an address");
        // Somebody else may have the same port for UDP.
        if let Ok(socket) = UdpSocket::bind(addr) {
            socket.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
            return (socket, listener);
        }
    }
}

/// Answers a question over TCP with `answer`, in two pieces.
pub(crate) fn answer_over_tcp(listener: &TcpListener, answer: impl FnOnce(&[u8]) -> Vec<u8>) {
    let (mut stream, _) = listener.accept().expect("somebody connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("the question has a length");
    let mut question = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut question).expect("the question is as long as it says");
    let answer = answer(&question);
    // The other side may have left, if it has found an error.
    let _ = stream.write_all(&answer[..1]).and_then(|()| stream.write_all(&answer[1..]));
}

/// The answer to a question: one address. The name is a pointer to that in the question.
pub(crate) fn answer(question: &[u8]) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2] |= 0x80;
    answer[7] = 1;
    answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    answer.extend_from_slice(&ADDRESS);
    answer
}

/// The same, said to be truncated.
pub(crate) fn truncated(question: &[u8]) -> Vec<u8> {
    let mut answer = answer(question);
    answer[2] |= 0x02;
    answer
}

/// A message as TCP has it, after its length.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("a message is no longer than that");
    [&length.to_be_bytes(), message].concat()
}
