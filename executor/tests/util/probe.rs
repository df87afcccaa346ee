//! A future that counts what is done to it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

use hanol_executor::{Executor, Remote};

/// Counts the polls and drops of the futures that it makes, and the drops of their outputs.
///
/// Whatever happens on another thread than the executor's, or outside the executor's context, is a stray.
#[derive(Clone)]
pub(crate) struct Probe {
    counters: Arc<Counters>,
}

struct Counters {
    executor: Remote,
    owner: ThreadId,
    polls: AtomicUsize,
    future_drops: AtomicUsize,
    output_drops: AtomicUsize,
    strays: AtomicUsize,
    future_drop_panics: AtomicBool,
    output_drop_panics: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Probe {
    pub(crate) fn new(executor: &Executor) -> Self {
        let counters = Counters {
            executor: executor.remote(),
            owner: thread::current().id(),
            polls: AtomicUsize::new(0),
            future_drops: AtomicUsize::new(0),
            output_drops: AtomicUsize::new(0),
            strays: AtomicUsize::new(0),
            future_drop_panics: AtomicBool::new(false),
            output_drop_panics: AtomicBool::new(false),
            waker: Mutex::new(None),
        };
        Self { counters: Arc::new(counters) }
    }

    /// A future that does as `behaviour` says, with an [`Output`].
    pub(crate) fn future<B>(&self, behaviour: B) -> Probed<B>
    where
        B: FnMut(&mut Context<'_>) -> Poll<()>,
    {
        Probed { behaviour, probe: self.clone() }
    }

    pub(crate) fn polls(&self) -> usize {
        self.counters.polls.load(SeqCst)
    }

    pub(crate) fn future_drops(&self) -> usize {
        self.counters.future_drops.load(SeqCst)
    }

    pub(crate) fn output_drops(&self) -> usize {
        self.counters.output_drops.load(SeqCst)
    }

    pub(crate) fn strays(&self) -> usize {
        self.counters.strays.load(SeqCst)
    }

    /// The waker of the last poll.
    #[track_caller]
    pub(crate) fn waker(&self) -> Waker {
        self.counters.waker.lock().unwrap().clone().expect("nothing was polled yet")
    }

    /// From now on, the drop of a future panics.
    pub(crate) fn panic_in_future_drop(&self) {
        self.counters.future_drop_panics.store(true, SeqCst);
    }

    /// From now on, the drop of an output panics.
    pub(crate) fn panic_in_output_drop(&self) {
        self.counters.output_drop_panics.store(true, SeqCst);
    }

    fn note(&self, count: &AtomicUsize) {
        count.fetch_add(1, SeqCst);
        if thread::current().id() != self.counters.owner || Remote::try_current() != Some(self.counters.executor) {
            self.counters.strays.fetch_add(1, SeqCst);
        }
    }
}

/// The future of [`Probe::future`].
pub(crate) struct Probed<B> {
    behaviour: B,
    probe: Probe,
}

// The behaviour is never pinned.
impl<B> Unpin for Probed<B> {}

impl<B> Future for Probed<B>
where
    B: FnMut(&mut Context<'_>) -> Poll<()>,
{
    type Output = Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Output> {
        let probe = self.probe.clone();
        probe.note(&probe.counters.polls);
        *probe.counters.waker.lock().unwrap() = Some(cx.waker().clone());
        (self.behaviour)(cx).map(|()| Output { probe, fetched: false })
    }
}

impl<B> Drop for Probed<B> {
    fn drop(&mut self) {
        self.probe.note(&self.probe.counters.future_drops);
        if self.probe.counters.future_drop_panics.load(SeqCst) {
            panic!("the drop of the future panicked");
        }
    }
}

/// The output of a [`Probed`] future.
pub(crate) struct Output {
    probe: Probe,
    fetched: bool,
}

impl Output {
    /// Marks the output as one that belongs to the test now, which may drop it anywhere.
    pub(crate) fn fetched(mut self) -> Self {
        self.fetched = true;
        self
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.fetched {
            self.probe.counters.output_drops.fetch_add(1, SeqCst);
        } else {
            self.probe.note(&self.probe.counters.output_drops);
        }
        if self.probe.counters.output_drop_panics.load(SeqCst) {
            panic!("the drop of the output panicked");
        }
    }
}

/// The behaviour of a future that waits for ever.
pub(crate) fn waits(_cx: &mut Context<'_>) -> Poll<()> {
    Poll::Pending
}

/// The behaviour of a future that is ready at once.
pub(crate) fn finishes(_cx: &mut Context<'_>) -> Poll<()> {
    Poll::Ready(())
}

/// The behaviour of a future that panics at once.
pub(crate) fn panics(_cx: &mut Context<'_>) -> Poll<()> {
    panic!("the poll panicked")
}

/// The behaviour of a future that is ready at its poll number `last`, counted from 1, and waits before.
pub(crate) fn finishes_at(last: usize) -> impl FnMut(&mut Context<'_>) -> Poll<()> {
    let mut polls = 0;
    move |_cx| {
        polls += 1;
        if polls == last { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// The behaviour of a future that panics at its poll number `last`, counted from 1, and waits before.
pub(crate) fn panics_at(last: usize) -> impl FnMut(&mut Context<'_>) -> Poll<()> {
    let mut finishes = finishes_at(last);
    move |cx| finishes(cx).map(|()| panic!("the poll panicked"))
}
