//! Starting the programs under test, each on a port of its own, and ending them.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::wire::Client;

/// How often another free port is looked for, when somebody else was faster to take the one that was found.
const ATTEMPTS: usize = 10;

/// A server that runs for as long as this value lives.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The server logs into this pipe. It stays open, since a log that nobody takes could end the server.
    _output: BufReader<ChildStdout>,
    _directory: Option<TemporaryDirectory>,
}

impl Server {
    /// Starts the example `mini_redis` with options such as `--maxclients 2`.
    pub(crate) fn mini_redis(options: &[&str]) -> Self {
        let mut command = Command::new(mini_redis_path());
        command.arg("127.0.0.1:0").args(options).stdout(Stdio::piped());
        let mut process = command.spawn().expect("mini_redis starts");
        let mut output = BufReader::new(process.stdout.take().expect("the output is piped"));
        let line = wait_for_line(&mut output, "listening on ").expect("mini_redis says where it listens");
        let address = line.trim().rsplit(' ').next().and_then(|address| address.parse().ok());
        let address = address.expect("the line ends with the address");
        Self { process, address, _output: output, _directory: None }
    }

    /// Starts a real `redis-server` that writes nothing to the disk.
    pub(crate) fn redis(options: &[&str]) -> Self {
        let server = (0..ATTEMPTS).find_map(|_| Self::try_redis(options));
        server.expect("redis-server starts on a free port")
    }

    fn try_redis(options: &[&str]) -> Option<Self> {
        let address = free_address();
        let directory = TemporaryDirectory::new();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(&directory.0);
        let mut process = command.args(options).stdout(Stdio::piped()).spawn().expect("redis-server starts");
        let mut output = BufReader::new(process.stdout.take().expect("the output is piped"));
        let ready = wait_for_line(&mut output, "Ready to accept connections").is_some();
        let server = Self { process, address, _output: output, _directory: Some(directory) };
        ready.then_some(server)
    }

    /// A new connection to the server.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Cargo builds examples beside the tests: `target/debug/deps/redis-…` and `target/debug/examples/mini_redis`.
fn mini_redis_path() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own path");
    let profile = test.ancestors().nth(2).expect("the test lies in a directory of the build");
    let path = profile.join("examples").join(format!("mini_redis{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: build it with `cargo build --example mini_redis`", path.display());
    path
}

pub(crate) fn wait_for_line(output: &mut impl BufRead, wanted: &str) -> Option<String> {
    let mut line = String::new();
    while output.read_line(&mut line).expect("the output is text") > 0 {
        if line.contains(wanted) {
            return Some(line);
        }
        line.clear();
    }
    None
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("a bound socket has an address")
}

/// A directory that goes with this value.
pub(crate) struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hanol-redis-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the directory for temporary files is writable");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which cleans this place up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
