//! Running the program.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the program may take. It gives up by itself long before.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Asks `server` for a name.
pub(crate) fn ask(server: SocketAddr, name: &str, record_type: &str) -> Said {
    run(&[&server.to_string(), name, record_type])
}

pub(crate) fn run(arguments: &[&str]) -> Said {
    let mut command = Command::new(path());
    let mut process =
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dns_stub starts");
    let deadline = Instant::now() + PATIENCE;
    // What it says fits into a pipe, so it ends without anybody who reads.
    while process.try_wait().expect("the process is a child of this one").is_none() {
        if Instant::now() > deadline {
            process.kill().expect("the process has not ended");
        }
        thread::sleep(Duration::from_millis(1));
    }
    said(process.wait_with_output().expect("the process has ended"))
}

pub(crate) fn said(output: Output) -> Said {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes text");
    Said { code: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
}

/// Cargo builds examples beside the tests: `target/debug/deps/dns-…` and `target/debug/examples/dns_stub`.
fn path() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    let profile = test.ancestors().nth(2).expect("the test lies in a directory of the build");
    let path = profile.join("examples").join(format!("dns_stub{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: build it with `cargo build --example dns_stub`", path.display());
    path
}
