//! Running an example.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::PathBuf;

use async_process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use futures_util::io::{AsyncBufReadExt, BufReader};
use futures_util::{AsyncReadExt, future};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::within_patience;

/// The signals that ask a server for an end.
pub(crate) const ENDING: [Signal; 2] = [Signal::INT, Signal::TERM];

/// An example that runs. It is killed when this is dropped.
pub(crate) struct Program {
    process: Child,
    output: BufReader<ChildStdout>,
    errors: ChildStderr,
}

/// What an example left when it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed and nobody has read before.
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs an example to its end.
pub(crate) async fn run(name: &str, arguments: &[impl AsRef<OsStr>]) -> Ended {
    Program::start(name, arguments).end().await
}

impl Program {
    pub(crate) fn start(name: &str, arguments: &[impl AsRef<OsStr>]) -> Self {
        let mut command = Command::new(path(name));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("the example starts");
        let output = BufReader::new(process.stdout.take().expect("the output is a pipe"));
        let errors = process.stderr.take().expect("the errors are a pipe");
        Self { process, output, errors }
    }

    /// Starts a server on a free port, and waits until it says which.
    pub(crate) async fn server(name: &str, arguments: &[&str]) -> (Self, SocketAddr) {
        let mut program = Self::start(name, &[arguments, &["127.0.0.1:0"]].concat());
        let line = program.line().await;
        let addr = line.split(' ').next_back().and_then(|addr| addr.parse().ok());
        (program, addr.unwrap_or_else(|| panic!("no address in {line:?}")))
    }

    /// The next line of its output.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = within_patience("a line of output", self.output.read_line(&mut line)).await;
        read.expect("the output is text");
        assert_eq!(line.pop(), Some('\n'), "the output ends in the middle of a line");
        line
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // It was not waited for yet, so the number is its own.
        kill_process(self.id(), signal).expect("the process is ours");
    }

    /// Stops it in the middle of whatever it does. When it goes on, by [`resume`](Self::resume), all that has come
    /// meanwhile is there at once, signals too.
    pub(crate) fn suspend(&self) {
        self.signal(Signal::STOP);
        let stopped = waitid(WaitId::Pid(self.id()), WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT);
        stopped.expect("the process is ours").expect("it is stopped");
    }

    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn id(&self) -> Pid {
        let id = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        id.expect("a process has a number")
    }

    /// Waits for its end, without asking for it.
    pub(crate) async fn end(mut self) -> Ended {
        let (mut output, mut errors) = (String::new(), String::new());
        let read = future::try_join(self.output.read_to_string(&mut output), self.errors.read_to_string(&mut errors));
        within_patience("the end of the output", read).await.expect("the output is text");
        let status = within_patience("the end of the process", self.process.status()).await;
        Ended { code: status.expect("a process can be waited for").code(), output, errors }
    }
}

impl Ended {
    /// Asserts that it ended well, and that it printed this since somebody read last, and no errors.
    #[track_caller]
    pub(crate) fn assert_well(&self, output: &str) {
        assert_eq!((self.code, &*self.output, &*self.errors), (Some(0), output, ""));
    }

    /// Asserts that it was cut short and no error was printed, and gives the lines that say of whom.
    #[track_caller]
    pub(crate) fn assert_cut_short(&self) -> Vec<&str> {
        assert_eq!((self.code, &*self.errors), (Some(1), ""), "{}", self.output);
        self.output.lines().filter_map(|line| line.strip_prefix("cut short: ")).collect()
    }
}

/// Cargo builds examples beside the tests: `target/debug/deps/examples-…` and `target/debug/examples/…`.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    let profile = test.ancestors().nth(2).expect("the test lies in a directory of the build");
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: build it with `cargo build --example {name}`", path.display());
    path
}
