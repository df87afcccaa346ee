//! A runtime whose metrics a test can see.

use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use hanol::runtime::{Builder, Handle, Runtime};
use hanol::task::yield_now;

/// How long a test may take that hangs for good.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test in a runtime of its own and shows it to the test. Like `#[hanol::test]` it ends a test that hangs.
#[track_caller]
pub(crate) fn with_runtime<F>(test: F)
where
    F: AsyncFnOnce(&Runtime) + Send + 'static,
{
    with_builder(Builder::new(), test);
}

/// As [`with_runtime`], with a configuration.
#[track_caller]
pub(crate) fn with_builder<F>(builder: Builder, test: F)
where
    F: AsyncFnOnce(&Runtime) + Send + 'static,
{
    let (sender, started) = mpsc::channel();
    let (guard, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        // Its drop, at the end or in a panic, is what is waited for.
        let _guard = guard;
        let runtime = builder.build().expect("a runtime can be built");
        sender.send(runtime.handle()).expect("the test is waited for");
        runtime.block_on(test(&runtime));
    });
    if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
        let tasks = started.recv().ok().and_then(|handle: Handle| handle.tasks_within(Duration::from_secs(1)));
        match tasks {
            Some(tasks) => panic!("the test hangs:\n{tasks}"),
            None => panic!("the test hangs in a poll"),
        }
    }
    if let Err(payload) = thread.join() {
        resume_unwind(payload);
    }
}

/// Lets other tasks run until so many operations wait for a socket.
pub(crate) async fn until_waiting(runtime: &Runtime, count: usize) {
    while runtime.metrics().waiters != count {
        yield_now().await;
    }
}

/// How often the task of this name was polled.
#[track_caller]
pub(crate) fn polls_of(name: &str) -> u32 {
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|task| task.name.as_deref() == Some(name));
    task.unwrap_or_else(|| panic!("no task is named {name:?}:\n{tasks}")).polls
}
