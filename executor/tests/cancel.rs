//! Aborting a task at each point of its life, with every count after every step.

mod util;

use std::task::Poll;

use self::util::{Seen, Stage, finishes, waits};

#[test]
fn before_the_first_poll() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    handle.abort();
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
    assert!(handle.is_finished());

    assert!(stage.join_error(&mut handle).is_cancelled());
    assert!(!stage.run_one(), "the aborted task was polled");
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn while_it_waits() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });

    let error = stage.join_error(&mut handle);
    assert!(error.is_cancelled() && !error.is_panic());
    assert_eq!(error.to_string(), format!("task {} was cancelled", handle.id()));
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn while_it_is_queued() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    let guard = stage.executor().enter();
    stage.probe.waker().wake();
    stage.expect(Seen { polls: 1, ready: 1, ..Seen::NOTHING });

    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    drop(guard);
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_cancelled());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn after_it_has_finished_the_output_stays() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.run_one());
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });

    drop(stage.join(&mut handle).expect("the output is still there"));
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn twice() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    handle.abort();
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn the_joiner_is_woken_once() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    assert!(stage.poll_join(&mut handle).is_pending());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn by_an_abort_handle_after_the_task_was_detached() {
    let stage = Stage::new();
    let handle = stage.spawn(waits);
    let abort = handle.abort_handle();
    assert_eq!(abort.id(), handle.id());
    assert!(stage.run_one());
    drop(handle);
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    abort.clone().abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    abort.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0, "nobody can ask for the result");
}

#[test]
fn after_the_executor_was_dropped() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    stage.drop_executor();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });

    handle.abort();
    handle.abort_handle().abort();
    assert!(matches!(stage.poll_join(&mut handle), Poll::Ready(Err(error)) if error.is_cancelled()));
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn dropping_the_handle_of_an_aborted_task_drops_nothing_twice() {
    let stage = Stage::new();
    let handle = stage.spawn(waits);
    assert!(stage.run_one());
    handle.abort();
    drop(handle);
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}
