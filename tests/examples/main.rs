//! The examples as processes: how the servers stop when they are told to, and what the programs print.
//!
//! What the servers do otherwise is in the files `redis` and `dns`, and in `.ci/examples`.

mod chat_server;
mod client;
mod files;
mod http_cores;
mod mini_redis;
mod processes;
mod program;
mod temporary;

use std::future::Future;
use std::time::Duration;

/// No wait takes so long unless something is wrong. It is over before the limit of a test, so that the processes of a test
/// that fails are ended with it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that a program does.
///
/// # Panics
///
/// When it takes too long.
async fn within_patience<F: Future>(what: &str, future: F) -> F::Output {
    match hanol::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_elapsed) => panic!("{what} takes too long"),
    }
}
