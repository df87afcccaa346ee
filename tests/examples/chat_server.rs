//! The end of `chat_server`.

use std::net::SocketAddr;

use rustix::process::Signal;

use crate::client::{Client, assert_refused};
use crate::program::{ENDING, Program, run};

#[hanol::test]
async fn members_are_told_and_what_they_have_said_is_delivered() {
    for signal in ENDING {
        let (server, addr) = Program::server("chat_server", &[]).await;
        let mut ann = enter(addr, "ann", 1).await;
        let mut bob = enter(addr, "bob", 2).await;
        assert_eq!(ann.line().await, "* bob has entered");
        let mut nameless = Client::connect(addr).await;
        assert_eq!(nameless.line().await, "What is your name?");

        // Said before the signal, but the server hears of both at once. The last line has no end, so it was not said.
        server.suspend();
        ann.send(&[&b"farewell\n".repeat(50)[..], b"and ano"].concat()).await;
        server.signal(signal);
        server.resume();

        assert_eq!(ann.rest().await, "* the server is closing\n");
        assert_eq!(nameless.rest().await, "* the server is closing\n");
        let rest = bob.rest().await;
        let mut heard: Vec<&str> = rest.lines().collect();
        heard.retain(|line| *line != "* the server is closing");
        assert_eq!(heard, ["ann: farewell"; 50]);
        assert_eq!(rest.lines().count(), 51, "{rest}");
        server.end().await.assert_well("closing\n");
    }
}

#[hanol::test]
async fn without_members_it_ends_at_once() {
    for signal in ENDING {
        let (server, _addr) = Program::server("chat_server", &[]).await;
        server.signal(signal);
        server.end().await.assert_well("closing\n");
    }
}

#[hanol::test]
async fn a_member_who_does_not_read_is_cut_short_and_named() {
    for signal in ENDING {
        let (mut server, addr) = Program::server("chat_server", &["--deadline", "0.5"]).await;
        let mut ann = enter(addr, "ann", 1).await;
        let bob = enter(addr, "bob", 2).await;
        assert_eq!(ann.line().await, "* bob has entered");
        // More than the sockets on the way hold.
        let line = [&[b'x'; 999][..], b"\n"].concat();
        ann.send(&line.repeat(20_000)).await;
        ann.send(b"/who\n").await;
        assert_eq!(ann.line().await, "* ann, bob");

        server.signal(signal);
        assert_eq!(server.line().await, "closing");
        assert_refused(addr).await;
        assert_eq!(ann.rest().await, "* the server is closing\n");
        let ended = server.end().await;
        let cut = ended.assert_cut_short();
        let peer = bob.addr();
        assert!(cut.iter().all(|line| line.contains(&peer.to_string())), "{cut:?}");
        let writer = cut.iter().find(|line| line.contains(&format!("\"writer to {peer}\" waiting: write (fd ")));
        assert!(writer.is_some_and(|line| line.contains("chat_server/visit.rs:")), "{cut:?}");
        assert!(cut.iter().any(|line| line.contains(&format!("\"member {peer}\" waiting: join "))), "{cut:?}");
    }
}

#[hanol::test]
async fn a_member_who_does_not_stop_is_heard_for_so_long_only() {
    let (server, addr) = Program::server("chat_server", &[]).await;
    let mut ann = enter(addr, "ann", 1).await;
    let bob = enter(addr, "bob", 2).await;
    assert_eq!(ann.line().await, "* bob has entered");
    server.suspend();
    bob.send(&b"again\n".repeat(5000)).await;
    server.signal(Signal::TERM);
    server.resume();

    let rest = ann.rest().await;
    let heard = rest.lines().filter(|line| *line == "bob: again").count();
    // A few of them were said before the server looked at the signal.
    assert!((100..200).contains(&heard), "{heard}");
    assert_eq!(rest.lines().count(), heard + 1);
    server.end().await.assert_well("closing\n");
}

#[hanol::test]
async fn who_reads_misses_nothing_of_a_burst() {
    let (_server, addr) = Program::server("chat_server", &[]).await;
    let mut ann = enter(addr, "ann", 1).await;
    let bob = enter(addr, "bob", 2).await;
    assert_eq!(ann.line().await, "* bob has entered");
    // Many times what fits a mailbox, and no more than the sockets on the way hold.
    let numbers: String = (0..5000).map(|number| format!("{number}\n")).collect();
    bob.send(numbers.as_bytes()).await;
    for number in 0..5000 {
        assert_eq!(ann.line().await, format!("bob: {number}"));
    }
}

#[hanol::test]
async fn wrong_arguments_are_told() {
    for arguments in [&["--deadline"][..], &["--deadline", "soon"], &["--deadline", "-1"], &["--elsewhere"]] {
        let ended = run("chat_server", arguments).await;
        assert_eq!((ended.code, &*ended.output), (Some(2), ""), "{arguments:?}");
        assert!(ended.errors.contains("usage: chat_server"), "{arguments:?}: {}", ended.errors);
    }
}

/// A member who has just come in.
async fn enter(addr: SocketAddr, name: &str, members: usize) -> Client {
    let mut client = Client::connect(addr).await;
    assert_eq!(client.line().await, "What is your name?");
    client.send(format!("{name}\n").as_bytes()).await;
    assert_eq!(client.line().await, format!("* welcome, {name}: {members} here"));
    client
}
