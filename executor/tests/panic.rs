//! A task that panics, and what happens to it at the same time, with every count after every step.

mod util;

use std::cell::Cell;
use std::rc::Rc;
use std::task::Poll;

use hanol_executor::AbortHandle;

use self::util::{Seen, Stage, message_of, panics, panics_at};

const PANICKED: Seen = Seen { polls: 1, future_drops: 1, ..Seen::NOTHING };

#[test]
fn at_the_first_poll() {
    let stage = Stage::new();
    let mut handle = stage.spawn(panics);
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    stage.expect(PANICKED);
    assert!(handle.is_finished());

    let error = stage.join_error(&mut handle);
    assert!(error.is_panic() && !error.is_cancelled());
    assert_eq!(error.to_string(), format!("task {} panicked: the poll panicked", handle.id()));
    assert_eq!(message_of(&*error.into_panic()), "the poll panicked");
    stage.expect(PANICKED);
}

#[test]
fn at_a_later_poll() {
    let stage = Stage::new();
    let mut handle = stage.spawn(panics_at(2));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_panic());
}

#[test]
fn when_it_is_detached() {
    let stage = Stage::new();
    drop(stage.spawn(panics));
    assert!(stage.run_one());
    stage.expect(PANICKED);
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn when_the_handle_is_dropped_afterwards() {
    let stage = Stage::new();
    let handle = stage.spawn(panics);
    assert!(stage.run_one());
    drop(handle);
    stage.expect(PANICKED);
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn the_joiner_is_woken_once() {
    let stage = Stage::new();
    let mut handle = stage.spawn(panics);
    assert!(stage.poll_join(&mut handle).is_pending());
    assert!(stage.run_one());
    stage.expect(Seen { joiner_wakes: 1, ..PANICKED });
    assert!(stage.join_error(&mut handle).is_panic());
    stage.expect(Seen { joiner_wakes: 1, ..PANICKED });
}

#[test]
fn an_abort_during_the_poll_leaves_the_panic() {
    let stage = Stage::new();
    let abort: Rc<Cell<Option<AbortHandle>>> = Rc::default();
    let of_task = Rc::clone(&abort);
    let mut handle = stage.spawn(move |_| {
        of_task.take().unwrap().abort();
        panic!("the poll panicked")
    });
    abort.set(Some(handle.abort_handle()));
    assert!(stage.run_one());
    stage.expect(PANICKED);
    assert!(stage.join_error(&mut handle).is_panic());
}

#[test]
fn an_abort_afterwards_leaves_the_panic() {
    let stage = Stage::new();
    let mut handle = stage.spawn(panics);
    assert!(stage.run_one());
    handle.abort();
    stage.expect(PANICKED);
    assert!(stage.join_error(&mut handle).is_panic());
}

#[test]
fn an_abort_before_the_poll_prevents_the_panic() {
    let stage = Stage::new();
    let mut handle = stage.spawn(panics);
    handle.abort();
    assert!(!stage.run_one());
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn the_handle_may_be_dropped_during_the_poll() {
    let stage = Stage::new();
    let own = Rc::new(Cell::new(None));
    let of_task = Rc::clone(&own);
    own.set(Some(stage.spawn(move |_| -> Poll<()> {
        drop(of_task.take().unwrap());
        panic!("the poll panicked")
    })));
    assert!(stage.run_one());
    stage.expect(PANICKED);
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn with_the_executor_gone_the_panic_is_gone_too() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(panics);
    assert!(stage.run_one());
    stage.drop_executor();
    stage.expect(PANICKED);
    assert!(stage.join_error(&mut handle).is_cancelled());
}
