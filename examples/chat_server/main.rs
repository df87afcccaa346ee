//! A chat room: what one member types, all the others read.
//!
//! ```text
//! cargo run --release --example chat_server -- --deadline 5 127.0.0.1:7001
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
//! two `.await`s. Each member has [two tasks](visit) on one stream: one reads, the other writes what arrives in the member's
//! mailbox, a bounded channel. A member who does not read fills that mailbox and the connection, and is shown out.
//!
//! Ctrl-C or SIGTERM closes the [room](room): nobody is let in any more, the members are told, what they have said until
//! then is still delivered, and the connections are closed. Members who have not taken their lines when the deadline is
//! over are cut short and named, and the exit code is 1.

mod lines;
mod options;
mod room;
mod visit;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::Handle;
use hanol::signal::unix::{SignalKind, signal};
use hanol::task::{Builder, TaskTracker};
use hanol::time::timeout;

use self::options::Options;
use self::room::Room;
use self::visit::visit;

#[hanol::main]
async fn main() -> io::Result<ExitCode> {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("chat_server: {error}\nusage: chat_server [--deadline <seconds>] [<address>]");
            return Ok(ExitCode::from(2));
        }
    };
    // Before anybody is told where the server is: from here on neither signal ends the process by itself.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind(options.addr.as_str()).await?;
    println!("listening on {}", listener.local_addr()?);

    let room = Rc::new(Room::default());
    let tasks = TaskTracker::new();
    loop {
        hanol::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                welcome(stream, peer, &room, &tasks);
            }
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    drop(listener);
    println!("closing");
    room.close();
    Ok(if all_end(&tasks, options.deadline).await { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn welcome(stream: TcpStream, peer: SocketAddr, room: &Rc<Room>, tasks: &TaskTracker) {
    let (room, tracker) = (Rc::clone(room), tasks.clone());
    let task = async move {
        if let Err(error) = visit(Rc::new(stream), peer, &room, &tracker).await {
            println!("{peer} is lost: {error}");
        }
    };
    Builder::new().name(format!("member {peer}")).spawn(tasks.track_future(task));
}

/// Waits until all tasks have ended, or until the time is over; then it names those that have not. They are dropped with
/// the runtime.
async fn all_end(tasks: &TaskTracker, deadline: Duration) -> bool {
    tasks.close();
    if timeout(deadline, tasks.wait()).await.is_ok() {
        return true;
    }
    // The tasks of members have names, and no others do.
    for task in Handle::current().tasks().iter().filter(|task| task.name.is_some()) {
        println!("cut short: {task}");
    }
    false
}
