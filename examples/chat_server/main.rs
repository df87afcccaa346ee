//! A chat room: what one member types, all the others read.
//!
//! ```text
//! cargo run --release --example chat_server -- 127.0.0.1:7001
//! ```
//!
//! In two other terminals:
//!
//! ```text
//! nc 127.0.0.1 7001
//! ```
//!
//! The first line that you type is your name; every further line goes to the room. `/who` lists the members, `/quit`
//! leaves.
//!
//! The room is shared by all tasks through an `Rc`, without a lock: they run on one thread, and nothing else runs between
//! two `.await`s. Each member has two tasks' worth of work, reading and writing, on one stream: the member's own task reads,
//! and a second one writes what arrives in the member's [mailbox](mailbox). A member who does not read fills that
//! mailbox and the connection, and is shown out.

mod mailbox;
mod room;

use std::io;
use std::net::Shutdown;
use std::rc::Rc;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::time::timeout;

use mailbox::Mailbox;
use room::Room;

/// The longest line a member may send, in bytes.
const MAX_LINE: usize = 1024;

/// How long a new member may take to say a name.
const NAME_LIMIT: Duration = Duration::from_secs(60);

/// How long a member may take to make room for a line.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

#[hanol::main]
async fn main() -> io::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7001".to_owned());
    let listener = TcpListener::bind(&addr).await?;
    println!("listening on {}", listener.local_addr()?);

    let room = Rc::new(Room::default());
    loop {
        let (stream, peer) = listener.accept().await?;
        let room = Rc::clone(&room);
        hanol::task::Builder::new().name(format!("member {peer}")).spawn(async move {
            if let Err(error) = visit(Rc::new(stream), &room).await {
                println!("{peer} is lost: {error}");
            }
        });
    }
}

/// A visit, from the name to the farewell.
async fn visit(stream: Rc<TcpStream>, room: &Room) -> io::Result<()> {
    let mut lines = Lines::new(&stream);
    stream.write_all(b"What is your name?\n").await?;
    let Some(name) = timeout(NAME_LIMIT, lines.next()).await?? else { return Ok(()) };

    let mailbox = Rc::new(Mailbox::default());
    let Some(member) = room.enter(&name, &mailbox) else {
        return stream.write_all(b"Somebody has that name already.\n").await;
    };
    // When this task ends, for whatever reason, the member leaves the room, and with that the mailbox is closed.
    let writer = hanol::spawn(deliver(Rc::clone(&mailbox), Rc::clone(&stream)));

    while let Some(line) = lines.next().await? {
        match line.as_str() {
            "/quit" => break,
            "/who" => mailbox.put(format!("* {}\n", room.names().join(", ")).into()),
            "" => {}
            line => member.say(line),
        }
    }
    drop(member);
    writer.await?
}

/// Writes what arrives in a mailbox, until it is closed and empty, or until the member reads no more.
async fn deliver(mailbox: Rc<Mailbox>, stream: Rc<TcpStream>) -> io::Result<()> {
    let mut written = Ok(());
    while let Some(line) = mailbox.take().await {
        written = write(&stream, &line).await;
        if written.is_err() {
            break;
        }
    }
    // The member's task still reads. It finds the end.
    stream.shutdown(Shutdown::Both)?;
    written
}

async fn write(stream: &TcpStream, line: &str) -> io::Result<()> {
    timeout(WRITE_LIMIT, stream.write_all(line.as_bytes())).await?
}

/// The lines of a stream, without their ends.
struct Lines<'a> {
    stream: &'a TcpStream,
    buf: Vec<u8>,
}

impl<'a> Lines<'a> {
    fn new(stream: &'a TcpStream) -> Self {
        Self { stream, buf: Vec::new() }
    }

    /// The next line, or `None` when the peer has ended its side.
    async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.buf.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.buf.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            if self.buf.len() > MAX_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
            }
            let mut chunk = [0; 512];
            let n = self.stream.read(&mut chunk).await?;
            if n == 0 {
                return Ok(None);
            }
            self.buf.extend_from_slice(&chunk[..n]);
        }
    }
}
