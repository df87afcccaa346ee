//! Limits.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::time::{Elapsed, Instant, Timeout, sleep, sleep_until, timeout, timeout_at};

use crate::timing::{HOUR, millis, runtime};

#[hanol::test]
async fn the_output_comes_through() {
    assert_eq!(timeout(HOUR, async { "output" }).await, Ok("output"));
    assert_eq!(timeout(HOUR, sleep(millis(1))).await, Ok(()));
    assert_eq!(timeout_at(Instant::now() + HOUR, ready(7)).await, Ok(7));
}

#[hanol::test]
async fn no_limit_passes_early() {
    for duration in [Duration::ZERO, Duration::from_nanos(1), millis(1), millis(7)] {
        let start = Instant::now();
        assert!(timeout(duration, pending::<()>()).await.is_err());
        assert!(start.elapsed() >= duration);
        let deadline = Instant::now() + duration;
        assert!(timeout_at(deadline, pending::<()>()).await.is_err());
        assert!(Instant::now() >= deadline);
    }
}

#[test]
fn nothing_is_armed_for_a_future_that_is_ready_at_once() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut limited = Box::pin(timeout(HOUR, ready(())));
        assert_eq!(poll!(&mut limited), Poll::Ready(Ok(())));
        assert_eq!(runtime.metrics().timers, 0);
    });
    assert_eq!(runtime.metrics().clock_reads, 0);
}

#[test]
fn the_timer_ends_with_the_limit() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut limited = Box::pin(timeout(HOUR, sleep(millis(1))));
        assert!(poll!(&mut limited).is_pending());
        assert_eq!(runtime.metrics().timers, 2);
        limited.await.unwrap();
        assert_eq!(runtime.metrics().timers, 0);

        let mut dropped = Box::pin(timeout(HOUR, pending::<()>()));
        assert!(poll!(&mut dropped).is_pending());
        assert_eq!(runtime.metrics().timers, 1);
        drop(dropped);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[hanol::test]
async fn a_future_that_is_ready_wins_over_a_limit_that_has_passed() {
    let past = Instant::now();
    assert_eq!(timeout_at(past, ready(1)).await, Ok(1));

    // Ready in the same turn of the loop.
    let soon = past + millis(3);
    assert_eq!(timeout_at(soon, sleep_until(soon)).await, Ok(()));

    // Ready with its second poll, before which the limit passes.
    let mut polls = 0;
    let late = poll_fn(|cx| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(2);
        }
        std::thread::sleep(millis(5));
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    assert_eq!(timeout(millis(1), late).await, Ok(2));
}

#[hanol::test]
async fn the_future_is_polled_before_a_limit_that_has_passed_from_the_beginning() {
    let polls = Cell::new(0);
    let counting = poll_fn(|_| {
        polls.set(polls.get() + 1);
        Poll::<()>::Pending
    });
    assert!(timeout(Duration::ZERO, counting).await.is_err());
    assert!(polls.get() > 0);
}

#[hanol::test]
async fn the_future_is_dropped_with_the_limit() {
    let value = Rc::new(());
    let held = Rc::clone(&value);
    let result = timeout(millis(1), async move {
        pending::<()>().await;
        drop(held);
    });
    assert!(result.await.is_err());
    assert_eq!(Rc::strong_count(&value), 1);
}

/// A task that completes operations without end is told by its budget to give way, again and again.
async fn busy(operations: &Cell<u64>) {
    loop {
        // A finished task is joined without waiting: one operation.
        let mut set = hanol::task::JoinSet::new();
        for _ in 0..OPERATIONS_PER_POLL {
            set.spawn(ready(()));
        }
        while set.join_next().await.is_some() {
            operations.set(operations.get() + 1);
        }
    }
}

#[hanol::test]
async fn a_future_that_uses_up_its_budget_does_not_escape_its_limit() {
    let operations = Cell::new(0);
    assert!(timeout(millis(20), busy(&operations)).await.is_err());
    assert!(operations.get() > 0);

    // Also where it has left nothing of the budget with its last operation.
    let mut always_ready = sleep(Duration::ZERO);
    (&mut always_ready).await;
    let mut polls = 0;
    let exhausting = poll_fn(|cx| {
        polls += 1;
        while std::pin::Pin::new(&mut always_ready).poll(cx).is_ready() {}
        Poll::<()>::Pending
    });
    assert!(timeout(millis(5), exhausting).await.is_err());
    assert!(polls > 1, "it goes on after the others");
}

#[hanol::test]
async fn limits_nest() {
    let (outer, inner) = (
        timeout(HOUR, timeout(millis(1), pending::<()>())),
        timeout(millis(1), async { timeout(HOUR, pending::<()>()).await }),
    );
    assert!(outer.await.unwrap().is_err(), "the inner limit passes");
    assert!(inner.await.is_err(), "the outer limit passes");
}

#[hanol::test]
async fn the_future_can_be_reached_and_taken_back() {
    let mut limited = timeout(HOUR, sleep(HOUR));
    let soon = Instant::now() + millis(1);
    limited.get_mut().reset(soon);
    assert_eq!(limited.get_ref().deadline(), soon);
    let sleep = Timeout::into_inner(limited);
    sleep.await;
    assert!(Instant::now() >= soon);
}

#[hanol::test]
async fn a_limit_that_has_passed_becomes_an_error_of_io() {
    async fn limited() -> io::Result<()> {
        timeout(millis(1), pending::<()>()).await?;
        Ok(())
    }
    let error = limited().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.get_ref().is_some_and(|source| source.is::<Elapsed>()));
    assert_eq!(error.to_string(), "deadline has elapsed");
}

#[hanol::test]
async fn whatever_becomes_a_future_can_be_limited() {
    struct Question;
    impl IntoFuture for Question {
        type Output = u32;
        type IntoFuture = std::future::Ready<u32>;
        fn into_future(self) -> Self::IntoFuture {
            ready(42)
        }
    }
    assert_eq!(timeout(HOUR, Question).await, Ok(42));
}
