//! What is done to the waker of a task that has finished, with every count after every step.

mod util;

use std::thread;

use self::util::{Seen, Stage, finishes_at};

const FINISHED: Seen = Seen { polls: 2, future_drops: 1, ..Seen::NOTHING };

/// A stage with a task that has finished at its second poll.
fn finished() -> (Stage, hanol_executor::JoinHandle<util::Output>) {
    let stage = Stage::new();
    let handle = stage.spawn(finishes_at(2));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(FINISHED);
    (stage, handle)
}

#[test]
fn wake() {
    let (stage, handle) = finished();
    let _context = stage.executor().enter();
    stage.probe.waker().wake();
    stage.expect(FINISHED);
    assert!(!stage.run_one());
    stage.expect(FINISHED);
    drop(handle);
    stage.expect(Seen { output_drops: 1, ..FINISHED });
    stage.probe.waker().wake();
    assert!(!stage.run_one());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn wake_by_ref() {
    let (stage, mut handle) = finished();
    let _context = stage.executor().enter();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    stage.expect(FINISHED);
    drop(stage.join(&mut handle).unwrap());
    waker.wake_by_ref();
    assert!(!stage.run_one());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn clone_and_drop() {
    let (stage, handle) = finished();
    let waker = stage.probe.waker();
    drop(waker.clone());
    drop(waker);
    stage.expect(FINISHED);
    drop(handle);
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn wake_on_another_thread() {
    let (stage, handle) = finished();
    let waker = stage.probe.waker();
    thread::spawn(move || waker.wake()).join().unwrap();
    assert!(!stage.run_one());
    stage.expect(FINISHED);
    drop(handle);
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn a_task_that_was_queued_and_waited_for_its_turn_when_it_was_joined() {
    let stage = Stage::new();
    let mut handle = stage.spawn(|cx: &mut std::task::Context<'_>| {
        cx.waker().wake_by_ref();
        std::task::Poll::Ready(())
    });
    assert!(stage.run_one());
    drop(stage.join(&mut handle).unwrap());
    let seen = Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING };
    stage.expect(seen);

    // The entry of the finished task is still in the run queue. It does not become that of a successor.
    let successor = stage.spawn(util::waits);
    stage.expect(Seen { ready: 1, ..seen });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..seen });
    drop(successor);
}

#[test]
fn wake_after_the_executor_was_dropped() {
    let (mut stage, handle) = finished();
    let waker = stage.probe.waker();
    stage.drop_executor();
    stage.expect(Seen { output_drops: 1, ..FINISHED });
    waker.wake_by_ref();
    waker.wake();
    drop(handle);
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}
