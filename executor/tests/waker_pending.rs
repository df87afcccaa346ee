//! What is done to the waker of a task that waits, with every count after every step.

#![allow(clippy::waker_clone_wake, reason = "clones are woken on purpose")]

mod util;

use std::task::Poll;

use self::util::{Seen, Stage, waits};

const WAITING: Seen = Seen { polls: 1, ..Seen::NOTHING };

/// A stage with a task that was polled once and waits.
fn waiting() -> Stage {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    stage.expect(WAITING);
    stage
}

#[test]
fn wake() {
    let stage = waiting();
    let _context = stage.executor().enter();
    stage.probe.waker().wake();
    stage.expect(Seen { ready: 1, ..WAITING });
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
    assert!(!stage.run_one());
}

#[test]
fn wake_by_ref() {
    let stage = waiting();
    let _context = stage.executor().enter();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    stage.expect(Seen { ready: 1, ..WAITING });
    assert!(stage.run_one());
    waker.wake_by_ref();
    stage.expect(Seen { polls: 2, ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    stage.expect(Seen { polls: 3, ..Seen::NOTHING });
}

#[test]
fn clone_and_drop() {
    let stage = waiting();
    let waker = stage.probe.waker();
    let clone = waker.clone();
    assert!(clone.will_wake(&waker));
    drop(waker);
    drop(clone);
    assert!(!stage.run_one());
    stage.expect(WAITING);
}

#[test]
fn a_clone_outlives_the_waker_it_was_made_of() {
    let stage = waiting();
    let waker = stage.probe.waker();
    let clone = waker.clone();
    drop(waker);
    clone.wake();
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn wakes_before_the_poll_give_one_poll() {
    let stage = waiting();
    let _context = stage.executor().enter();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    waker.clone().wake();
    waker.wake();
    stage.expect(Seen { ready: 1, ..WAITING });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn a_wake_outside_the_context_arrives_too() {
    let stage = waiting();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    waker.wake();
    stage.expect(WAITING);
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn before_the_first_poll_a_task_is_queued_already() {
    let stage = Stage::new();
    drop(stage.spawn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });
    for polls in 1..4 {
        assert!(stage.run_one());
        stage.expect(Seen { polls, ready: 1, ..Seen::NOTHING });
    }
}

#[test]
fn wakers_of_all_polls_are_the_same() {
    let stage = waiting();
    let first = stage.probe.waker();
    first.wake_by_ref();
    assert!(stage.run_one());
    assert!(stage.probe.waker().will_wake(&first));
}

#[test]
fn wake_after_abort() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    let _context = stage.executor().enter();
    handle.abort();
    stage.probe.waker().wake();
    stage.expect(Seen { future_drops: 1, ..WAITING });
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_cancelled());
    stage.probe.waker().wake();
    assert!(!stage.run_one());
    stage.expect(Seen { future_drops: 1, ..WAITING });
}

#[test]
fn wake_after_the_executor_was_dropped() {
    let mut stage = waiting();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    stage.drop_executor();
    stage.expect(Seen { future_drops: 1, ..WAITING });
    waker.clone().wake();
    drop(waker);
    stage.expect(Seen { future_drops: 1, ..WAITING });
}
