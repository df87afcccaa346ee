//! Processes: runs shell commands at once, each with its output as it comes, and ends those that take too long.
//!
//! ```text
//! cargo run --release --example processes -- 2 'echo one; sleep 1; echo two' 'sleep 60' 'exit 3'
//! ```
//!
//! The first argument is how many seconds a command may take. The `async-process` crate starts the processes and hears of
//! their end; it has a thread of its own for that. Its pipes are awaited like sockets.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use async_process::{Child, Command, Stdio};
use futures_util::io::{AsyncBufReadExt, BufReader};
use futures_util::{AsyncRead, StreamExt};
use hanol::task::JoinSet;
use hanol::time::timeout;
use rustix::process::{Pid, Signal, kill_process_group};

#[hanol::main]
async fn main() -> io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let limit =
        arguments.next().and_then(|limit| limit.parse().ok()).filter(|limit: &f64| limit.is_finite() && *limit >= 0.0);
    let commands: Vec<String> = arguments.collect();
    let Some(limit) = limit.and_then(|limit| Duration::try_from_secs_f64(limit).ok()).filter(|_| !commands.is_empty())
    else {
        eprintln!("usage: processes <seconds> <command>...");
        return Ok(ExitCode::from(2));
    };

    let mut running = JoinSet::new();
    for (number, command) in commands.into_iter().enumerate() {
        running.spawn(async move { (number, run(number, &command, limit).await) });
    }
    let mut success = true;
    while let Some(ended) = running.join_next().await {
        let (number, end) = ended?;
        match end? {
            End::Exited(status) => {
                println!("[{number}] ended with {status}");
                success &= status.success();
            }
            End::TookTooLong => {
                println!("[{number}] took longer than {limit:?} and was killed");
                success = false;
            }
        }
    }
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

enum End {
    Exited(ExitStatus),
    TookTooLong,
}

/// Runs one command to its end, or to that of its time.
async fn run(number: usize, command: &str, limit: Duration) -> io::Result<End> {
    let mut shell = std::process::Command::new("sh");
    // In a group of its own, with all that the shell starts, so that all of it can be ended.
    shell.args(["-c", command]).process_group(0);
    let mut child = Command::from(shell)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Should this task be dropped, the shell is ended.
        .kill_on_drop(true)
        .spawn()?;
    match timeout(limit, watch(number, &mut child)).await {
        Ok(status) => status.map(End::Exited),
        Err(_elapsed) => {
            kill_group(&child)?;
            child.status().await?;
            Ok(End::TookTooLong)
        }
    }
}

/// Ends a process and all others of its group. The process was not waited for yet, so its number is still its own.
fn kill_group(leader: &Child) -> io::Result<()> {
    let group = i32::try_from(leader.id()).ok().and_then(Pid::from_raw).expect("a process has a number from 1 on");
    Ok(kill_process_group(group, Signal::KILL)?)
}

/// Prints what a process says until it has ended.
async fn watch(number: usize, child: &mut Child) -> io::Result<ExitStatus> {
    let output = print_lines(number, "out", child.stdout.take().expect("the output is a pipe"));
    let errors = print_lines(number, "err", child.stderr.take().expect("the errors are a pipe"));
    hanol::try_join!(output, errors)?;
    child.status().await
}

async fn print_lines(number: usize, name: &str, pipe: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut lines = BufReader::new(pipe).lines();
    while let Some(line) = lines.next().await {
        println!("[{number}] {name}: {}", line?);
    }
    Ok(())
}
