//! When the futures are made, polled and dropped.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol::select;
use hanol::task::yield_now;
use tokio_test::{assert_pending, assert_ready, task};

use crate::futures::{FOR_EVER, Log};

#[hanol::test]
async fn preconditions_come_first_then_all_futures_are_made_then_polled() {
    let log = Log::default();
    let noted = |event: &'static str, value: bool| {
        log.add(event);
        value
    };
    let made = |name, pending| {
        log.add(format!("make {name}"));
        log.future(name, pending)
    };
    select! {
        biased;
        _ = made("a", 1), if noted("if a", true) => log.add("a is done"),
        _ = made("b", 0), if noted("if b", false) => log.add("b is done"),
        _ = made("c", FOR_EVER) => log.add("c is done"),
    }
    log.assert([
        "if a",
        "if b",
        "make a",
        "make b",
        "make c",
        "poll a",
        "poll c",
        "poll a",
        "drop a",
        "drop b",
        "drop c",
        "a is done",
    ]);
}

#[hanol::test]
async fn all_futures_are_dropped_in_order_before_the_else() {
    let log = Log::default();
    select! {
        biased;
        "other" = log.future("a", 0) => {}
        "other" = log.future("b", 1) => {}
        else => log.add("else"),
    }
    log.assert(["poll a", "poll b", "poll b", "drop a", "drop b", "else"]);
}

#[test]
fn dropping_it_half_way_drops_all_its_futures() {
    let log = Log::default();
    let mut select = task::spawn(async {
        select! {
            biased;
            _ = log.future("a", FOR_EVER) => log.add("a is done"),
            _ = log.future("b", FOR_EVER) => log.add("b is done"),
        }
    });
    assert_pending!(select.poll());
    log.assert(["poll a", "poll b"]);
    drop(select);
    log.assert(["drop a", "drop b"]);
}

#[test]
fn dropping_it_in_a_handler_drops_what_the_handler_holds() {
    let log = Log::default();
    let mut select = task::spawn(async {
        select! {
            _ = log.future("a", 0) => log.future("handler", FOR_EVER).await,
        }
    });
    assert_pending!(select.poll());
    log.assert(["poll a", "drop a", "poll handler"]);
    drop(select);
    log.assert(["drop handler"]);
}

#[test]
fn a_wake_of_any_branch_wakes_the_task() {
    let (first, first_receiver) = tokio::sync::oneshot::channel();
    let (second, second_receiver) = tokio::sync::oneshot::channel();
    let mut select = task::spawn(async {
        select! {
            first = first_receiver => first,
            second = second_receiver => second,
        }
    });
    assert_pending!(select.poll());
    assert!(!select.is_woken());
    second.send("second").unwrap();
    assert!(select.is_woken());
    assert_eq!(assert_ready!(select.poll()), Ok("second"));
    assert!(first.send("first").is_err(), "its receiver is gone");
}

/// Panics when it is polled, or dropped.
struct Panics {
    poll: bool,
    drop: bool,
}

impl Future for Panics {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        assert!(!self.poll, "polled");
        Poll::Pending
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        assert!(!self.drop, "dropped");
    }
}

#[test]
fn a_future_that_panics_takes_the_others_with_it() {
    for (poll, drop) in [(true, false), (false, true)] {
        let log = Log::default();
        let mut select = task::spawn(async {
            select! {
                biased;
                _ = log.future("a", FOR_EVER) => {}
                _ = Panics { poll, drop } => {}
                _ = log.future("b", 0) => log.add("handler"),
            }
        });
        catch_unwind(AssertUnwindSafe(|| drop_result(select.poll()))).unwrap_err();
        let events = log.take();
        let b = if poll { None } else { Some("poll b") };
        let expected: Vec<_> = ["poll a"].into_iter().chain(b).chain(["drop a", "drop b"]).collect();
        assert_eq!(events, expected);
    }
}

fn drop_result<T>(_: T) {}

/// Wakes the task and spawns another when it is dropped.
struct Busy(Log);

impl Future for Busy {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let log = self.0.clone();
        drop(hanol::spawn(async move {
            select! {
                _ = log.future("inner", 1) => log.add("spawned"),
                _ = pending::<()>() => {}
            }
        }));
    }
}

#[hanol::test]
async fn the_drop_of_a_loser_may_use_the_runtime() {
    let log = Log::default();
    select! {
        () = Busy(log.clone()) => {}
        () = yield_now() => log.add("handler"),
    }
    for _ in 0..3 {
        yield_now().await;
    }
    log.assert(["handler", "poll inner", "poll inner", "drop inner", "spawned"]);
}
