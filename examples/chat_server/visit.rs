//! A visit, from the name to the farewell: one task reads what the member types, another writes what the member is to read.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use hanol::net::TcpStream;
use hanol::sync::mpsc;
use hanol::task::{Builder, TaskTracker, yield_now};
use hanol::time::timeout;

use crate::lines::Lines;
use crate::room::{CLOSING, Member, Room};

/// How long a new member may take to say a name.
const NAME_LIMIT: Duration = Duration::from_secs(60);

/// How long a member may take to make room for a line.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// How many lines of a member are taken once the room closes. Somebody who never stops must not keep the others here.
const MAX_LAST_LINES: usize = 100;

/// Reads what somebody types, and in a task of its own writes what arrives in the mailbox.
pub(crate) async fn visit(stream: Rc<TcpStream>, peer: SocketAddr, room: &Room, tasks: &TaskTracker) -> io::Result<()> {
    let mut lines = Lines::new(&stream);
    stream.write_all(b"What is your name?\n").await?;
    let name = hanol::select! {
        // In this order nobody is let into a room that closes.
        biased;
        () = room.closing() => return write(&stream, CLOSING).await,
        name = timeout(NAME_LIMIT, lines.next()) => name??,
    };
    let Some(name) = name else { return Ok(()) };

    let Some((member, mailbox)) = room.enter(&name) else {
        return stream.write_all(b"Somebody has that name already.\n").await;
    };
    let writer = tasks.track_future(deliver(mailbox, Rc::clone(&stream)));
    let writer = Builder::new().name(format!("writer to {peer}")).spawn(writer);

    // When this task ends, for whatever reason, the member leaves the room; the writer ends when it has written the rest.
    listen(&mut lines, &member, room).await?;
    if room.is_closing() {
        room.silence().await;
    }
    drop(member);
    writer.await?
}

/// Takes what a member types until the member leaves, or until the room closes and nothing more has arrived.
async fn listen(lines: &mut Lines<'_>, member: &Member<'_>, room: &Room) -> io::Result<()> {
    let speaker = member.speak();
    let mut last_lines = 0;
    while last_lines < MAX_LAST_LINES {
        let line = hanol::select! {
            // In this order all that has arrived is taken before the room closes.
            biased;
            line = lines.next() => line?,
            () = room.closing() => None,
        };
        let Some(line) = line else { break };
        match line.as_str() {
            "/quit" => break,
            "/who" => member.tell(&format!("* {}\n", room.names().join(", "))),
            "" => {}
            line => {
                speaker.say(line);
                // The writers have their turn, so that lines which come all at once fill no mailbox of those who read.
                yield_now().await;
            }
        }
        last_lines += usize::from(room.is_closing());
    }
    Ok(())
}

/// Writes what arrives in a mailbox, until it is closed and empty, or until the member reads no more.
async fn deliver(mut mailbox: mpsc::Receiver<Rc<str>>, stream: Rc<TcpStream>) -> io::Result<()> {
    let mut written = Ok(());
    while let Some(line) = mailbox.recv().await {
        written = write(&stream, &line).await;
        if written.is_err() {
            break;
        }
    }
    // The member's task may still read. It finds the end.
    stream.shutdown(Shutdown::Both)?;
    written
}

async fn write(stream: &TcpStream, line: &str) -> io::Result<()> {
    timeout(WRITE_LIMIT, stream.write_all(line.as_bytes())).await?
}
