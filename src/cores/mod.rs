//! One independent strand for each core, for programs that outgrow one.
//!
//! A strand is a thread with a runtime of its own. Strands share nothing: a connection lives on the strand that accepted
//! it, its tasks need not be [`Send`], and no lock is taken. What they do share is the way they begin and end: they are
//! started together, each on a core, and one request ends all of them.
//!
//! ```
//! use std::time::Duration;
//! use hanol::cores::Cores;
//!
//! let cores = Cores::builder().strands(2).listen("127.0.0.1:0")?.start(|strand| async move {
//!     let accepting = async {
//!         loop {
//!             let (stream, _peer) = strand.accept().await?;
//!             hanol::spawn(async move { stream.write_all(b"hello\n").await });
//!         }
//!     };
//!     hanol::select! {
//!         ended = accepting => ended,
//!         () = strand.stopping() => Ok::<(), std::io::Error>(()),
//!     }
//! })?;
//!
//! use std::io::Read;
//! let mut greeting = String::new();
//! std::net::TcpStream::connect(cores.local_addr().unwrap())?.read_to_string(&mut greeting)?;
//! assert_eq!(greeting, "hello\n");
//! cores.shutdown_timeout(Duration::from_secs(10)).into_result()?;
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # Who accepts
//!
//! With [`Accept::ReusePort`] each strand has a listener of its own on the same port, and the system deals the connections
//! out by a hash of their addresses (`SO_REUSEPORT`). Nothing passes between threads. A strand that is busy gets its share
//! all the same, and when a strand ends, the connections that wait in its backlog are reset.
//!
//! With [`Accept::OneStrand`] the first strand accepts and hands the connections to all in turn. That costs a message for
//! each connection, deals evenly when there are few, and loses none when a strand ends.
//!
//! # Beyond one machine
//!
//! Nothing here is distributed. Several machines stand behind a load balancer, which deals connections as the strands'
//! ports do: the strands of one machine are one backend.

mod accept;
mod affinity;
mod builder;
mod report;
mod strand;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pub use self::accept::Accept;
pub use self::builder::{Builder, OnFailure};
pub use self::report::{Failure, Outcome, Report, StrandEnd, StrandPanic};
pub use self::strand::{Stopping, Strand};

use self::strand::Shared;
use crate::runtime::Handle;

/// How long strands that are cut short may take to drop their tasks.
const GRACE: Duration = Duration::from_secs(1);

/// Strands that run. Dropping this asks them to stop and lets their threads go on by themselves.
pub struct Cores {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
    /// The end of each strand, as it comes.
    ended: mpsc::Receiver<StrandEnd>,
}

impl Cores {
    /// Configures the strands.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// How many strands were started.
    pub fn count(&self) -> usize {
        self.shared.handles().len()
    }

    /// The runtimes' handles, in the order of the strands.
    pub fn handles(&self) -> &[Handle] {
        self.shared.handles()
    }

    /// The address that the strands accept at, if they were told to [listen](Builder::listen).
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.shared.local_addr
    }

    /// Asks all strands to stop: their [`Strand::stopping`] is over. Waits for nothing.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Waits until the strands were asked to stop: by [`stop`](Self::stop), or because one of them has failed. It can be
    /// awaited in any runtime.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    #[track_caller]
    pub fn stopping(&self) -> Stopping {
        self.shared.stopping()
    }

    /// Waits until all strands have ended, and says how. Asks none of them to. This blocks the calling thread.
    pub fn join(mut self) -> Report {
        let mut ends: Vec<StrandEnd> = self.ended.iter().collect();
        self.threads.drain(..).for_each(join);
        ends.sort_by_key(StrandEnd::strand);
        Report::new(ends)
    }

    /// Asks all strands to stop, and waits until they have, but no longer than `limit`. A strand that is not done by then is
    /// cut short: its future and its tasks are dropped, and the report names them. One that hangs in a poll for another
    /// second cannot be ended; it is reported as [`Outcome::Stuck`], and its thread is left behind. This blocks the calling
    /// thread.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Report {
        self.stop();
        let mut ends = Vec::new();
        self.collect(&mut ends, limit);
        if ends.len() < self.count() {
            self.shared.cut_short();
            self.collect(&mut ends, GRACE);
        }
        for (strand, thread) in self.threads.drain(..).enumerate() {
            match ends.iter().any(|end| end.strand() == strand) {
                true => join(thread),
                false => ends.push(StrandEnd::new(strand, Outcome::Stuck)),
            }
        }
        ends.sort_by_key(StrandEnd::strand);
        Report::new(ends)
    }

    /// Collects ends until all have come or the time is over.
    fn collect(&self, ends: &mut Vec<StrandEnd>, limit: Duration) {
        let deadline = hanol_reactor::now().checked_add(limit);
        while ends.len() < self.count() {
            let end = match deadline {
                Some(deadline) => self.ended.recv_timeout(deadline.saturating_duration_since(hanol_reactor::now())),
                None => self.ended.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match end {
                Ok(end) => ends.push(end),
                Err(_) => return,
            }
        }
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.stop();
        }
    }
}

impl fmt::Debug for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cores").field("handles", &self.handles()).field("local_addr", &self.local_addr()).finish()
    }
}

/// A strand's thread has said all there is to say before it ends.
fn join(thread: thread::JoinHandle<()>) {
    let _ = thread.join();
}
