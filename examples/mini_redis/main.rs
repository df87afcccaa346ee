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
//! # Where to look
//!
//! Each client is one task, and all tasks share one `RefCell`: with one thread, a command is atomic because nothing
//! else runs, as in Redis itself. No file but the first three knows that there is a runtime.
//!
//! | what | where |
//! |---|---|
//! | accepting, the limit of connections, the seam for a shutdown | this file |
//! | waiting for a client and for messages to it at once; writing with a bounded backlog | `connection.rs` |
//! | one timer for any number of deadlines | `expiry.rs` |
//! | two futures at once; a signal between tasks, by hand | `race.rs`, `signal.rs` |
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
mod race;
mod reply;
mod request;
mod session;
mod set;
mod settings;
mod signal;
mod sorted_set;
mod state;
mod store;
mod value;

use std::cell::RefCell;
use std::future::{Future, pending};
use std::io::{self, Write};
use std::pin::pin;
use std::rc::Rc;

use hanol::net::{TcpListener, TcpStream};

use crate::connection::Connection;
use crate::race::{First, race};
use crate::settings::Settings;
use crate::state::{SharedState, State};

/// Told to a client that comes when all places are taken.
const TOO_MANY_CLIENTS: &[u8] = b"-ERR max number of clients reached\r\n";

#[hanol::main]
async fn main() -> io::Result<()> {
    let settings = Settings::from_arguments(std::env::args().skip(1)).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(2);
    });
    let listener = TcpListener::bind(settings.address.as_str()).await?;
    announce(&listener)?;
    serve(listener, settings, pending()).await
}

/// Says where the server can be reached. The port is not known before, if it was given as 0.
fn announce(listener: &TcpListener) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "listening on {}", listener.local_addr()?)?;
    output.flush()
}

/// Accepts clients until `shutdown` is ready, and serves each in a task of its own.
async fn serve(listener: TcpListener, settings: Settings, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let state = Rc::new(RefCell::new(State::new(settings)));
    hanol::spawn(expiry::remove_expired_keys(state.clone()));
    let mut shutdown = pin!(shutdown);
    loop {
        match race(shutdown.as_mut(), listener.accept()).await {
            First::Left(()) => return Ok(()),
            First::Right(accepted) => welcome(accepted?.0, &state),
        }
    }
}

/// Starts to serve a client, if there is a place left.
fn welcome(stream: TcpStream, state: &SharedState) {
    if is_full(state) {
        // One attempt: a new socket has room for a line, and the client may be gone already.
        let _ = stream.try_write(TOO_MANY_CLIENTS);
        return;
    }
    let connection = Connection::new(stream, state.clone());
    // A connection that ends with an error concerns nobody but its client.
    hanol::spawn(connection.serve());
}

fn is_full(state: &SharedState) -> bool {
    let facts = &state.borrow().facts;
    facts.clients >= facts.settings.max_clients
}
