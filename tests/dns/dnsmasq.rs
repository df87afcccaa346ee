//! A real name server that knows a few names.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

/// How often another free port is looked for, when somebody else was faster to take the one that was found.
const ATTEMPTS: usize = 10;

/// How many addresses `many.test` has: more than go into 512 bytes.
pub(crate) const MANY: u8 = 60;

/// The server, for as long as this value lives.
pub(crate) struct Dnsmasq {
    process: Child,
    pub(crate) address: SocketAddr,
    /// It logs into this pipe, which must not be closed.
    _log: BufReader<ChildStderr>,
    hosts: PathBuf,
}

impl Dnsmasq {
    pub(crate) fn start() -> Self {
        (0..ATTEMPTS).find_map(|_| Self::try_start()).expect("dnsmasq starts on a free port")
    }

    fn try_start() -> Option<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = address.expect("loopback has free ports");
        let hosts = std::env::temp_dir().join(format!("hanol-dns-{}-{}", std::process::id(), address.port()));
        fs::write(&hosts, many()).expect("the directory for temporary files is writable");
        let mut process = Command::new("dnsmasq")
            .args(["--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null", "--pid-file="])
            .args(["--no-resolv", "--no-hosts", "--user=", "--listen-address=127.0.0.1", "--bind-interfaces"])
            .args(["--local=/test/", "--host-record=one.test,10.0.0.1", "--host-record=six.test,fd00::6"])
            .args(["--host-record=both.test,10.0.0.2,fd00::2", "--address=/wild.test/10.0.0.7"])
            .args(["--cname=alias.test,both.test", "--cname=alias-of-alias.test,alias.test"])
            .arg(format!("--port={}", address.port()))
            .arg(format!("--addn-hosts={}", hosts.display()))
            .stderr(Stdio::piped())
            .spawn()
            .expect("dnsmasq starts");
        let mut log = BufReader::new(process.stderr.take().expect("the log is piped"));
        let ready = wait_for_line(&mut log, "read ");
        let server = Self { process, address, _log: log, hosts };
        ready.then_some(server)
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        // These fail only when the process or the file is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.hosts);
    }
}

fn many() -> String {
    let mut hosts = String::new();
    for index in 0..MANY {
        writeln!(hosts, "10.1.0.{index} many.test").expect("a string takes everything");
    }
    hosts
}

/// `false` if the program has ended without such a line.
fn wait_for_line(log: &mut impl BufRead, wanted: &str) -> bool {
    let mut line = String::new();
    while log.read_line(&mut line).expect("the log is text") > 0 {
        if line.contains(wanted) {
            return true;
        }
        line.clear();
    }
    false
}
