//! What the macros expand to. Not part of the API.

mod concurrent;
mod maybe_done;
mod poll_fn;
mod waits;

use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::process::{ExitCode, Termination};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

pub use self::concurrent::{
    Future, IntoFuture, JOIN, Pin, Poll, Result, Rotation, SELECT, all_branches_are_disabled,
    pattern_no_longer_matches, pin, poll_budget, random_below,
};
pub use self::maybe_done::{MaybeDone, maybe_done, maybe_ok};
pub use self::poll_fn::poll_fn;
pub use self::waits::Waits;
#[cfg(feature = "macros")]
pub use hanol_macros::{join, select, try_join};

use crate::runtime::{Builder, Handle};

/// How long a runtime that is not stuck may take to say what its tasks do.
const ANSWER: Duration = Duration::from_secs(1);

/// Runs a `main` function whose clock is paused from the start.
#[track_caller]
pub fn block_on_paused<F: Future>(future: F) -> F::Output {
    block_on(Location::caller(), Builder::new().start_paused(true), future)
}

/// Runs a test on a thread of its own, so that one that hangs can be reported, even when its thread is stuck.
///
/// # Panics
///
/// With the test's own panic, or when it takes longer than `limit`: the task list is printed then.
#[track_caller]
pub fn run_test<F>(
    name: &'static str,
    limit: Duration,
    builder: Builder,
    body: impl FnOnce() -> F + Send + 'static,
) -> ExitCode
where
    F: Future,
    F::Output: Termination,
{
    let location = Location::caller();
    let (sender, events) = mpsc::channel();
    let test = move || {
        let run = || {
            block_on(location, builder, async {
                // The other end waits for it.
                let _ = sender.send(Event::Started(Handle::current()));
                body().await.report()
            })
        };
        let result = catch_unwind(AssertUnwindSafe(run));
        let _ = sender.send(Event::Ended(result));
    };
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(test);
    if let Err(error) = spawned {
        panic!("no thread can be made for the test: {error}");
    }

    let deadline = Instant::now() + limit;
    let mut handle = None;
    loop {
        match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Event::Started(started)) => handle = Some(started),
            Ok(Event::Ended(Ok(code))) => return code,
            Ok(Event::Ended(Err(payload))) => resume_unwind(payload),
            Err(RecvTimeoutError::Disconnected) => unreachable!("the test's thread always reports its end"),
            Err(RecvTimeoutError::Timeout) => {
                report(handle.as_ref());
                panic!("the test has not ended within {limit:?}");
            }
        }
    }
}

#[track_caller]
fn block_on<F: Future>(location: &'static Location<'static>, builder: Builder, future: F) -> F::Output {
    match builder.build() {
        Ok(runtime) => runtime.block_on_from(location, future),
        Err(error) => panic!("no hanol runtime can be made: {error}"),
    }
}

enum Event {
    Started(Handle),
    Ended(Result<ExitCode, Box<dyn Any + Send>>),
}

fn report(handle: Option<&Handle>) {
    match handle.map(|handle| handle.tasks_within(ANSWER)) {
        Some(Some(tasks)) => eprint!("the tasks of the test that hangs:\n{tasks}"),
        Some(None) => eprintln!("the thread of the test is stuck in a poll and cannot list its tasks"),
        None => eprintln!("the test's runtime has not started"),
    }
}
