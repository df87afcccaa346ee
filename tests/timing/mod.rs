//! What the tests of time, turns and wakes share. Each test program uses a part of it.

#![allow(dead_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;
use std::{env, fs, thread};

use hanol::runtime::Runtime;

/// Long enough that no test sees it end.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The larger number in a release build.
pub(crate) fn sized(debug: usize, release: usize) -> usize {
    if cfg!(debug_assertions) { debug } else { release }
}

/// A runtime of the test's own, for tests that look at its metrics.
pub(crate) fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

/// Lets a runtime that is not being driven do what its inbox asks for.
pub(crate) fn take_mail(runtime: &Runtime) {
    runtime.block_on(hanol::time::sleep(Duration::ZERO));
}

/// A repeatable sequence of numbers: splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Shorter than `end`, to the nanosecond.
    pub(crate) fn duration(&mut self, end: Duration) -> Duration {
        Duration::from_nanos(self.next() % end.as_nanos() as u64)
    }
}

/// A waker of no runtime's, which counts.
#[derive(Default)]
pub(crate) struct CountingWaker(AtomicUsize);

impl CountingWaker {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The message of the panic in which `f` ends.
#[track_caller]
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("it did not panic") };
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a panic has a message").to_string(),
    }
}

/// Runs `body` in a process of its own, which runs only the test `name`: the one that calls this.
pub(crate) fn in_own_process(name: &str, body: impl FnOnce()) {
    const ALONE: &str = "HANOL_TEST_IS_ALONE";
    if env::var_os(ALONE).is_some() {
        return body();
    }
    let program = env::current_exe().unwrap();
    let output = Command::new(program).args(["--exact", name]).env(ALONE, "yes").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("running 1 test"), "there is no test {name}");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// How much memory this process has, in bytes. `None` where the system does not say.
pub(crate) fn resident_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok()? * 1024)
}

/// A thread of this process, as the system names it.
#[derive(Clone, Copy)]
pub(crate) struct ThreadNumber(i32);

impl ThreadNumber {
    pub(crate) fn current() -> Self {
        Self(rustix::thread::gettid().as_raw_nonzero().get())
    }

    /// Waits until the thread sleeps in the system. A runtime's thread does so only in `epoll_wait`. Where the system does
    /// not say, this returns at once.
    pub(crate) fn wait_until_asleep(self) {
        while let Ok(stat) = fs::read_to_string(format!("/proc/self/task/{}/stat", self.0)) {
            // The state is the first field after the name in parentheses.
            if stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('S')) {
                return;
            }
            thread::yield_now();
        }
    }
}
