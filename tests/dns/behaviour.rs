//! The program and servers that misbehave.

use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread;

use libtest_mimic::Failed;

use crate::fake::{Next, answer, answer_over_tcp, both_protocols, framed, serve, truncated};
use crate::stub::{Said, ask, run};

const NAME: &str = "one.test";

pub(crate) fn a_question_that_is_lost_is_asked_again() -> Result<(), Failed> {
    let mut lost = true;
    let (addr, server) = serve(move |socket, question, asker| {
        if std::mem::take(&mut lost) {
            return Next::Question;
        }
        send(socket, &answer(question), asker)
    });
    assert_answered(&ask(addr, NAME, "A"));
    assert_eq!(server.join().unwrap(), 2);
    Ok(())
}

/// The answer to the first asking comes after the second: it is still from the same server to the same socket.
pub(crate) fn a_late_answer_is_an_answer() -> Result<(), Failed> {
    let mut first = None;
    let (addr, server) = serve(move |socket, question, asker| match first.take() {
        None => {
            first = Some((answer(question), asker));
            Next::Question
        }
        Some((late, first_asker)) => {
            assert_eq!(asker, first_asker);
            send(socket, &late, asker)
        }
    });
    assert_answered(&ask(addr, NAME, "A"));
    assert_eq!(server.join().unwrap(), 2);
    Ok(())
}

pub(crate) fn answers_to_something_else_are_ignored() -> Result<(), Failed> {
    let (addr, server) = serve(|socket, question, asker| {
        let changed = |change: fn(&mut [u8])| {
            // Should one of them be believed, its address shows.
            let mut answer = answer(question);
            *answer.last_mut().unwrap() = 99;
            change(&mut answer);
            socket.send_to(&answer, asker).unwrap();
        };
        // Another number, not an answer at all, another operation, another name, type and class.
        changed(|answer| answer[0] ^= 1);
        changed(|answer| answer[2] &= !0x80);
        changed(|answer| answer[2] |= 0x10);
        changed(|answer| answer[13] ^= 1);
        changed(|answer| answer[12 + 10 + 1] = 28);
        changed(|answer| answer[12 + 10 + 3] = 3);
        // Two questions.
        changed(|answer| answer[5] = 2);
        send(socket, &answer(question), asker)
    });
    assert_answered(&ask(addr, NAME, "A"));
    assert_eq!(server.join().unwrap(), 1);
    Ok(())
}

pub(crate) fn an_answer_from_elsewhere_is_ignored() -> Result<(), Failed> {
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (addr, server) = serve(move |socket, question, asker| {
        let mut forged = answer(question);
        *forged.last_mut().unwrap() = 99;
        elsewhere.send_to(&forged, asker).unwrap();
        send(socket, &answer(question), asker)
    });
    assert_answered(&ask(addr, NAME, "A"));
    assert_eq!(server.join().unwrap(), 1);
    Ok(())
}

pub(crate) fn malformed_answers_are_ignored() -> Result<(), Failed> {
    let (addr, server) = serve(|socket, question, asker| {
        let whole = answer(question);
        // Cut off anywhere, it is no answer.
        for length in 0..whole.len() {
            socket.send_to(&whole[..length], asker).unwrap();
        }
        let record = question.len();
        let changed = |place: usize, bytes: &[u8]| {
            let mut answer = whole.clone();
            answer[place..place + bytes.len()].copy_from_slice(bytes);
            socket.send_to(&answer, asker).unwrap();
        };
        // Names that lead to themselves, to each other, ahead, and into nothing; a label of an unknown kind.
        changed(record, &[0xc0, record as u8]);
        changed(12, &[0xc0, record as u8]);
        changed(record, &[0xff, 0xff]);
        changed(record, &[0x80, 12]);
        // Data that is longer than the message, and too short or too long for its type.
        changed(record + 10, &[0xff, 0xff]);
        changed(record + 10, &[0, 3]);
        changed(record + 2, &[0, 28]);
        changed(record + 2, &[0, 5]);
        // More records than there are.
        changed(6, &[0xff, 0xff]);
        send(socket, &whole, asker)
    });
    assert_answered(&ask(addr, NAME, "A"));
    assert_eq!(server.join().unwrap(), 1);
    Ok(())
}

pub(crate) fn a_truncated_answer_is_fetched_over_tcp() -> Result<(), Failed> {
    let said = ask_both(|question| framed(&answer(question)))?;
    assert_answered(&said);
    Ok(())
}

pub(crate) fn a_connection_that_ends_early_is_an_error() -> Result<(), Failed> {
    type Reply = fn(&[u8]) -> Vec<u8>;
    let replies: [(Reply, &str); 3] = [
        (|question| framed(&answer(question))[..20].to_vec(), "unexpected end"),
        (|question| framed(&answer(question)[..30]), "malformed"),
        (|_| framed(&[0; 12]), "another question"),
    ];
    for (reply, message) in replies {
        let said = ask_both(reply)?;
        assert_eq!((said.code, said.output.as_str()), (Some(1), ""), "{said:?}");
        assert!(said.errors.contains(message), "{said:?}");
    }
    Ok(())
}

/// Loopback says at once that there is nobody, and each time.
pub(crate) fn nobody_there_is_an_error() -> Result<(), Failed> {
    let said = ask((Ipv4Addr::new(127, 83, 0, 1), 1).into(), NAME, "A");
    assert_eq!((said.code, said.output.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.errors.contains("refused"), "{said:?}");
    Ok(())
}

pub(crate) fn wrong_arguments_are_told() -> Result<(), Failed> {
    let long_label = "x".repeat(64);
    let long_name = ["x".repeat(63).as_str(); 4].join(".");
    for arguments in [
        &[][..],
        &["127.0.0.1:53"],
        &["127.0.0.1:53", NAME, "MX"],
        &["127.0.0.1:53", "two..dots"],
        &["127.0.0.1:53", &long_label],
        &["127.0.0.1:53", &long_name],
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.output.as_str()), (Some(2), ""), "{said:?}");
        assert!(!said.errors.is_empty());
    }
    let said = run(&["127.0.0.1", NAME]);
    assert_eq!(said.code, Some(1), "{said:?}");
    Ok(())
}

/// Asks a server that says over UDP that its answer is truncated, and answers over TCP with what `reply` makes.
fn ask_both(reply: impl FnOnce(&[u8]) -> Vec<u8> + Send + 'static) -> Result<Said, Failed> {
    let (socket, listener) = both_protocols();
    let addr = socket.local_addr()?;
    let server = thread::spawn(move || {
        let mut buf = [0; 512];
        let (size, asker) = socket.recv_from(&mut buf).expect("somebody asks");
        socket.send_to(&truncated(&buf[..size]), asker).expect("the asker is there");
        answer_over_tcp(&listener, reply);
    });
    let said = ask(addr, NAME, "A");
    // Should nobody have connected, the server waits no longer.
    drop(TcpStream::connect(addr));
    server.join().expect("the server has had its question");
    Ok(said)
}

fn send(socket: &UdpSocket, answer: &[u8], asker: SocketAddr) -> Next {
    socket.send_to(answer, asker).expect("the asker is there");
    Next::Done
}

#[track_caller]
fn assert_answered(said: &Said) {
    assert_eq!((said.code, said.output.as_str()), (Some(0), "10.0.0.1\n"), "{said:?}");
}
