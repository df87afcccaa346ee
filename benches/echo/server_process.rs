//! A server in a process of its own, seen from both sides.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// The first argument of a process that is to be a server; what to be follows.
pub(crate) const SERVE: &str = "--server";

/// Where a server listens: the kernel chooses the port.
pub(crate) const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// How long a server may take to finish what it is doing.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    /// The server ends when this closes.
    stdin: Option<ChildStdin>,
    /// The server's own number, which is not that of `child` if another program starts it.
    id: u32,
    port: u16,
}

impl ServerProcess {
    /// Starts this program again, as the server that the arguments ask for.
    pub(crate) fn start(arguments: &[String]) -> io::Result<Self> {
        Self::start_with(Command::new(env::current_exe()?), arguments)
    }

    /// Starts the server through `command`, to which the arguments of this program are added.
    pub(crate) fn start_with(mut command: Command, arguments: &[String]) -> io::Result<Self> {
        let mut child = command.arg(SERVE).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("the output of the server is a pipe");
        let mut server = Self { child, stdin, id: 0, port: 0 };
        let mut announcement = String::new();
        BufReader::new(stdout).read_line(&mut announcement)?;
        (server.id, server.port) = parse_announcement(&announcement)
            .ok_or_else(|| io::Error::other(format!("the server {arguments:?} did not start")))?;
        Ok(server)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The time that the server's thread has spent on its processor until it came to rest.
    ///
    /// The kernel brings the number up to date when a thread stops running. It is that of the first thread; the other
    /// one, which waits for the end of the input, never runs.
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        self.wait_until_at_rest()?;
        let statistics = fs::read_to_string(format!("/proc/{}/schedstat", self.id))?;
        let nanoseconds = statistics.split(' ').next().and_then(|field| field.parse().ok());
        nanoseconds
            .map(Duration::from_nanos)
            .ok_or_else(|| io::Error::other("the kernel does not account processor time"))
    }

    /// Waits until the server has nothing left to do and sleeps.
    pub(crate) fn wait_until_at_rest(&self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !is_sleeping(&fs::read_to_string(format!("/proc/{}/stat", self.id))?) {
            if Instant::now() > deadline {
                return Err(io::Error::other("the server does not come to rest"));
            }
            thread::yield_now();
        }
        Ok(())
    }

    /// Lets the server end by itself and waits for that.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        self.stdin = None;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("the server failed")) }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.stdin = None;
        // Nothing can be done about a failure here, and a server that has ended already is one.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether `/proc/<pid>/stat` tells of a thread that waits. The state follows the name, which is in parentheses.
fn is_sleeping(stat: &str) -> bool {
    stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('S'))
}

/// Ends this process, which is a server, when its input ends.
pub(crate) fn end_with_the_input() {
    thread::spawn(|| {
        let end = io::copy(&mut io::stdin().lock(), &mut io::sink());
        process::exit(if end.is_ok() { 0 } else { 1 });
    });
}

/// Tells the process that started this one who it is and where it listens.
pub(crate) fn announce(addr: SocketAddr) {
    println!("{} {}", process::id(), addr.port());
}

fn parse_announcement(announcement: &str) -> Option<(u32, u16)> {
    let (id, port) = announcement.trim().split_once(' ')?;
    Some((id.parse().ok()?, port.parse().ok()?))
}
