//! What is done to the waker of a task that panics, with every count after every step.

mod util;

use std::task::Poll;
use std::thread;

use hanol_executor::JoinHandle;

use self::util::{Output, Seen, Stage, panics_at};

const PANICKED: Seen = Seen { polls: 2, future_drops: 1, ..Seen::NOTHING };

/// A stage with a task that has panicked at its second poll.
fn panicked() -> (Stage, JoinHandle<Output>) {
    let stage = Stage::new();
    let handle = stage.spawn(panics_at(2));
    assert!(stage.run_one());
    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(PANICKED);
    (stage, handle)
}

#[test]
fn wake() {
    let (stage, mut handle) = panicked();
    let _context = stage.executor().enter();
    stage.probe.waker().wake();
    stage.expect(PANICKED);
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_panic());
    stage.probe.waker().wake();
    assert!(!stage.run_one());
    stage.expect(PANICKED);
}

#[test]
fn wake_by_ref_clone_and_drop() {
    let (stage, handle) = panicked();
    let waker = stage.probe.waker();
    waker.wake_by_ref();
    drop(waker.clone());
    drop(handle);
    waker.wake_by_ref();
    assert!(!stage.run_one());
    stage.expect(PANICKED);
}

#[test]
fn wake_during_the_poll_that_panics() {
    let stage = Stage::new();
    let mut handle = stage.spawn(|cx| -> Poll<()> {
        cx.waker().wake_by_ref();
        panic!("the poll panicked")
    });
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_panic());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn wake_on_another_thread_during_the_poll_that_panics() {
    let stage = Stage::new();
    let mut handle = stage.spawn(|cx| -> Poll<()> {
        let waker = cx.waker().clone();
        thread::spawn(move || waker.wake()).join().unwrap();
        panic!("the poll panicked")
    });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_panic());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn wake_during_the_unwinding() {
    /// Wakes when it is dropped, as a guard on the stack of an async function may.
    struct WakesInDrop<'a>(&'a std::task::Waker);

    impl Drop for WakesInDrop<'_> {
        fn drop(&mut self) {
            self.0.wake_by_ref();
        }
    }

    let stage = Stage::new();
    let mut handle = stage.spawn(|cx| -> Poll<()> {
        let _guard = WakesInDrop(cx.waker());
        panic!("the poll panicked")
    });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_panic());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn wake_after_the_executor_was_dropped() {
    let (mut stage, handle) = panicked();
    let waker = stage.probe.waker();
    stage.drop_executor();
    waker.wake_by_ref();
    waker.wake();
    drop(handle);
    stage.expect(PANICKED);
}
