//! How strands are started.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Poll;

use super::accept::{self, Accept, Source};
use super::report::{Outcome, StrandEnd, StrandPanic};
use super::strand::{Shared, Strand};
use super::{Cores, affinity};
use crate::runtime::{self, Handle};

type EndHook = Arc<dyn Fn(&StrandEnd) + Send + Sync>;

/// Configures the strands of [`Cores`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it starts the strands"]
pub struct Builder {
    strands: usize,
    pinned: bool,
    runtime: runtime::Builder,
    thread_name: String,
    addrs: Option<Vec<SocketAddr>>,
    accept: Accept,
    on_failure: OnFailure,
    on_end: Option<EndHook>,
}

/// What the failure of one strand means for the others. A panic or an error of its future is a failure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// All are asked to stop.
    #[default]
    StopAll,
    /// They go on.
    KeepOthers,
}

impl Builder {
    /// A strand for each core that the process may use, kept there.
    pub(super) fn new() -> Self {
        Self {
            strands: affinity::parallelism(),
            pinned: true,
            runtime: runtime::Builder::new(),
            thread_name: "strand".to_owned(),
            addrs: None,
            accept: Accept::default(),
            on_failure: OnFailure::default(),
            on_end: None,
        }
    }

    /// How many strands. The default is [`std::thread::available_parallelism`].
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn strands(mut self, count: usize) -> Self {
        assert!(count > 0, "there must be at least one strand");
        self.strands = count;
        self
    }

    /// Whether each thread is kept on a core, as it is by default. The cores are taken in turn from those that the process
    /// may use. Where the system has no way to do it, this does nothing.
    ///
    /// A thread that a strand starts is kept on the strand's core as well, and so are the threads that the `blocking` crate
    /// starts for it, which serve all strands. A program with much blocking work is better off without.
    pub fn pinned(mut self, pinned: bool) -> Self {
        self.pinned = pinned;
        self
    }

    /// The configuration of the strands' runtimes.
    pub fn runtime(mut self, runtime: runtime::Builder) -> Self {
        self.runtime = runtime;
        self
    }

    /// The name of the strands' threads, which is followed by a dash and their number. The default is `strand`.
    pub fn thread_name(mut self, prefix: impl Into<String>) -> Self {
        self.thread_name = prefix.into();
        self
    }

    /// Has the strands accept connections at an address; if it stands for several, at the first that can be had. Port 0 is
    /// one port for all strands, which [`Cores::local_addr`] tells.
    ///
    /// # Errors
    ///
    /// When the address cannot be looked up. This blocks the calling thread.
    pub fn listen(mut self, addr: impl ToSocketAddrs) -> io::Result<Self> {
        self.addrs = Some(accept::resolve(addr)?);
        Ok(self)
    }

    /// Who accepts the connections.
    pub fn accept(mut self, accept: Accept) -> Self {
        self.accept = accept;
        self
    }

    /// What the failure of one strand means for the others.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Called at the end of each strand, on its thread, when its runtime has been dropped. A panic of the hook is contained.
    pub fn on_end(mut self, hook: impl Fn(&StrandEnd) + Send + Sync + 'static) -> Self {
        self.on_end = Some(Arc::new(hook));
        self
    }

    /// Starts the strands: each runs the future that `run` makes for it, on its own thread. A strand ends with its future,
    /// and drops the tasks that are left then.
    ///
    /// `run` is called when all strands are there, so it finds the handles of all.
    ///
    /// # Errors
    ///
    /// When a thread or a runtime cannot be made, a thread cannot be kept on its core, or the address cannot be listened
    /// at. No strand is left then.
    pub fn start<R, F, E>(self, run: R) -> io::Result<Cores>
    where
        R: Fn(Strand) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let listening =
            self.addrs.as_deref().map(|addrs| accept::listen(addrs, self.accept, self.strands)).transpose()?;
        let (local_addr, sources) = match listening {
            Some((addr, sources)) => (Some(addr), sources.into_iter().map(Some).collect()),
            None => (None, Vec::new()),
        };
        let shared = Arc::new(Shared::new(local_addr));
        let run = Arc::new(run);
        let (ends, ended) = mpsc::channel();

        // A strand that is there waits for its starter, which is dropped if another one fails: it ends then.
        let mut starters = Vec::with_capacity(self.strands);
        let mut handles = Vec::with_capacity(self.strands);
        let mut threads = Vec::with_capacity(self.strands);
        for (index, source) in sources.into_iter().chain(std::iter::repeat_with(|| None)).take(self.strands).enumerate()
        {
            let (starter, start) = mpsc::channel();
            let (reporter, there) = mpsc::channel();
            let thread = StrandThread {
                index,
                pinned: self.pinned,
                runtime: self.runtime.clone(),
                source,
                shared: Arc::clone(&shared),
                on_failure: self.on_failure,
                on_end: self.on_end.clone(),
                ends: ends.clone(),
            };
            let run = Arc::clone(&run);
            let name = format!("{}-{index}", self.thread_name);
            threads.push(self.runtime.thread(name).spawn(move || thread.run(&reporter, &start, &*run))?);
            handles.push(there.recv().map_err(|_| io::Error::other("a strand panicked before it was there"))??);
            starters.push(starter);
        }
        shared.set_handles(handles);
        for starter in starters {
            // Its strand waits for it.
            let _ = starter.send(());
        }
        Ok(Cores { shared, threads, ended })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("strands", &self.strands)
            .field("pinned", &self.pinned)
            .field("runtime", &self.runtime)
            .field("addrs", &self.addrs)
            .field("accept", &self.accept)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

/// What a strand's thread needs.
struct StrandThread {
    index: usize,
    pinned: bool,
    runtime: runtime::Builder,
    source: Option<Source>,
    shared: Arc<Shared>,
    on_failure: OnFailure,
    on_end: Option<EndHook>,
    ends: Sender<StrandEnd>,
}

impl StrandThread {
    fn run<R, F, E>(mut self, reporter: &Sender<io::Result<Handle>>, start: &Receiver<()>, run: &R)
    where
        R: Fn(Strand) -> F,
        F: Future<Output = Result<(), E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        // The memory of the runtime should be that of the core, so the thread moves there first.
        let pinned = if self.pinned { affinity::pin(self.index) } else { Ok(None) };
        let runtime = pinned.and_then(|core| Ok((core, self.runtime.clone().build()?)));
        let (core, runtime) = match runtime {
            Ok(there) => there,
            Err(error) => {
                let _ = reporter.send(Err(error));
                return;
            }
        };
        let _ = reporter.send(Ok(runtime.handle()));
        if start.recv().is_err() {
            return;
        }

        let main = async {
            let acceptor = self.source.take().map(|source| source.open(&self.shared));
            run(Strand { index: self.index, core, shared: Arc::clone(&self.shared), acceptor })
                .await
                .map_err(Into::into)
        };
        let end = self.shared.to_be_cut_short();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async move {
                let (mut main, mut end) = (pin!(main), pin!(end));
                poll_fn(|cx| match (main.as_mut().poll(cx), end.as_mut().poll(cx)) {
                    (Poll::Ready(Ok(())), _) => Poll::Ready(Outcome::Finished),
                    (Poll::Ready(Err(error)), _) => Poll::Ready(Outcome::Failed(error)),
                    (Poll::Pending, Poll::Ready(())) => Poll::Ready(Outcome::CutShort(Handle::current().tasks())),
                    (Poll::Pending, Poll::Pending) => Poll::Pending,
                })
                .await
            })
        }));
        let outcome = outcome.unwrap_or_else(|payload| Outcome::Panicked(StrandPanic::new(payload)));
        let end = StrandEnd::new(self.index, outcome);
        if end.is_failure() && self.on_failure == OnFailure::StopAll {
            // Before the tasks are dropped, of which one may accept for all: the others should not find it gone.
            self.shared.stop();
        }
        drop(runtime);
        if let Some(hook) = &self.on_end {
            // The panic hook has reported it.
            let _ = catch_unwind(AssertUnwindSafe(|| hook(&end)));
        }
        // Nobody waits any more if the strands were left to themselves.
        let _ = self.ends.send(end);
    }
}
