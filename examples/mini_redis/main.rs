//! A Redis server on one thread: what a coroutine runtime looks like from the inside of a real program.
//!
//! ```text
//! cargo run --release --example mini_redis
//! ```
//!
//! In the other terminal:
//!
//! ```text
//! $ redis-cli -p 6380
//! 127.0.0.1:6380> set greeting hello ex 10
//! OK
//! 127.0.0.1:6380> ttl greeting
//! (integer) 10
//! 127.0.0.1:6380> subscribe news
//! ```
//!
//! Without `redis-cli`, `nc 127.0.0.1 6380` will do: type `set greeting hello`. And to see how fast it is:
//!
//! ```text
//! redis-benchmark -p 6380 -t set,get,lpush,zadd -P 16 -q
//! ```
//!
//! The first argument is another address to listen on; `--maxclients N`, `--query-buffer BYTES` and
//! `--subscriber-backlog BYTES` change the limits.
//!
//! Ctrl-C or SIGTERM stops the server: nobody is accepted any more, commands that have arrived are answered, and the
//! connections are closed. Clients that have not taken their answers after `--shutdown-timeout SECONDS` (5 by default) are
//! cut short and named, and the exit code is 1.
//!
//! # Where to look
//!
//! Each client is one task, and all tasks share one `RefCell`: with one thread, a command is atomic because nothing
//! else runs, as in Redis itself. No file but the first three waits for anything. The store and the channels have a
//! `Notify` to tell those three of a change.
//!
//! | what | where |
//! |---|---|
//! | accepting, the limit of connections, the shutdown | this file |
//! | waiting for a client, for messages to it and for the shutdown at once; writing with a bounded backlog | `connection.rs` |
//! | one timer for any number of deadlines | `expiry.rs` |
//! | pipelining: many requests, one write | `batch.rs` |
//! | the protocol: reading in pieces, writing | `request.rs`, `inline.rs`, `reply.rs`, `number.rs` |
//! | the keyspace and what is in it | `store.rs`, `value.rs`, `set.rs`, `sorted_set.rs`, `glob.rs` |
//! | the commands, plain functions on the shared state | `commands/`, `failure.rs` |
//! | publish and subscribe | `channels.rs`, `session.rs`, `commands/pubsub.rs` |

mod batch;
mod channels;
mod commands;
mod connection;
mod expiry;
mod failure;
mod glob;
mod inline;
mod number;
mod reply;
mod request;
mod session;
mod set;
mod settings;
mod sorted_set;
mod state;
mod store;
mod value;

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Handle, TaskInfo};
use hanol::signal::unix::{SignalKind, signal};
use hanol::sync::CancellationToken;
use hanol::task::{AbortOnDropHandle, JoinSet};
use hanol::time::timeout;

use crate::connection::Connection;
use crate::settings::Settings;
use crate::state::{SharedState, State};

/// Told to a client that comes when all places are taken.
const TOO_MANY_CLIENTS: &[u8] = b"-ERR max number of clients reached\r\n";

#[hanol::main]
async fn main() -> io::Result<ExitCode> {
    let settings = match Settings::from_arguments(std::env::args().skip(1)) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(2));
        }
    };
    let shutdown = signalled()?;
    let listener = TcpListener::bind(settings.address.as_str()).await?;
    announce(&listener)?;
    let unfinished = serve(listener, settings, shutdown).await?;
    for client in &unfinished {
        println!("cut short: {client}");
    }
    Ok(if unfinished.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says where the server can be reached. The port is not known before, if it was given as 0.
fn announce(listener: &TcpListener) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "listening on {}", listener.local_addr()?)?;
    output.flush()
}

/// Waits for one of the signals that ask for an end. They are listened to from this call on.
fn signalled() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        hanol::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Accepts clients until `shutdown` is ready, and serves each in a task of its own. Then the clients are answered and
/// closed. Gives those that had to be cut short, with what they waited for.
async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<Vec<TaskInfo>> {
    let limit = settings.shutdown_timeout;
    let state = Rc::new(RefCell::new(State::new(settings)));
    let _expiry = AbortOnDropHandle::new(hanol::spawn(expiry::remove_expired_keys(state.clone())));
    let mut clients = JoinSet::new();
    let closing = CancellationToken::new();
    let mut shutdown = pin!(shutdown);
    loop {
        hanol::select! {
            biased;
            () = shutdown.as_mut() => break,
            // A connection that ends with an error concerns nobody but its client.
            Some(_ended) = clients.join_next() => {}
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                welcome(stream, peer, &state, &mut clients, &closing);
            }
        }
    }
    drop(listener);
    closing.cancel();
    Ok(finish(clients, limit).await)
}

/// Starts to serve a client, if there is a place left.
fn welcome(
    stream: TcpStream,
    peer: SocketAddr,
    state: &SharedState,
    clients: &mut JoinSet<io::Result<()>>,
    closing: &CancellationToken,
) {
    if is_full(state) {
        // One attempt: a new socket has room for a line, and the client may be gone already.
        let _ = stream.try_write(TOO_MANY_CLIENTS);
        return;
    }
    let connection = Connection::new(stream, state.clone());
    clients.build_task().name(format!("client {peer}")).spawn(connection.serve(closing.clone()));
}

fn is_full(state: &SharedState) -> bool {
    let facts = &state.borrow().facts;
    facts.clients >= facts.settings.max_clients
}

/// Waits until all clients have ended. Those that have not when the time is over are aborted.
async fn finish(mut clients: JoinSet<io::Result<()>>, limit: Duration) -> Vec<TaskInfo> {
    let all = async { while clients.join_next().await.is_some() {} };
    if timeout(limit, all).await.is_ok() {
        return Vec::new();
    }
    // The clients' tasks have names, and no others do.
    let mut unfinished = Handle::current().tasks().into_vec();
    unfinished.retain(|task| task.name.is_some());
    clients.shutdown().await;
    unfinished
}
