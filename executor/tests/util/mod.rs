//! What the tests share: probes that count what happens to a future, wakers of their own, and parks that do as they are
//! told.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod foreign;
mod park;
mod probe;
mod stage;

use std::any::Any;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use hanol_executor::{Executor, JoinSet, ThreadPark, spawn, yield_now};

pub(crate) use self::foreign::{Fault, Foreign};
pub(crate) use self::park::{HandshakePark, ScriptPark};
pub(crate) use self::probe::{Output, Probe, Probed, finishes, finishes_at, panics, panics_at, waits};
pub(crate) use self::stage::{Seen, Stage};

/// How often a test does what it does by force: `times`, or a fiftieth of that where `HANOL_TEST_SMALL` is set, as it is
/// for runs under a memory checker.
pub(crate) fn many(times: usize) -> usize {
    if std::env::var_os("HANOL_TEST_SMALL").is_some() { times.div_ceil(50) } else { times }
}

/// Calls `f`, which must panic, and gives the message.
#[track_caller]
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("this should have panicked"),
        Err(payload) => message_of(&*payload),
    }
}

/// The message of a panic's payload.
#[track_caller]
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("the payload is no message")
}

/// Checks that the executor still does everything.
#[track_caller]
pub(crate) fn expect_usable(executor: &Executor) {
    let sum = executor.block_on(&mut ThreadPark::new(), async {
        let aborted = spawn(pending::<()>());
        let yielding = spawn(async {
            yield_now().await;
            1
        });
        let mut set: JoinSet<u32> = (0..3).map(ready).collect();
        let mut sum = yielding.await.unwrap();
        while let Some(number) = set.join_next().await {
            sum += number.unwrap();
        }
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
        sum
    });
    assert_eq!(sum, 4);
}
