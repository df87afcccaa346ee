//! A task that becomes ready, and what happens to it during that very poll, with every count after every step.

mod util;

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hanol_executor::{AbortHandle, JoinHandle};

use self::util::{Fault, Foreign, Output, Seen, Stage};

const FINISHED: Seen = Seen { polls: 1, future_drops: 1, ..Seen::NOTHING };

/// A stage, and a task that is ready at its first poll after it has done `meanwhile` with its own handle.
fn finishes_after(meanwhile: impl FnOnce(&Cell<Option<JoinHandle<Output>>>) + 'static) -> (Stage, Own) {
    let stage = Stage::new();
    let own = Own::default();
    let of_task = Rc::clone(&own);
    let mut meanwhile = Some(meanwhile);
    own.set(Some(stage.spawn(move |_| {
        meanwhile.take().expect("a task that was ready is not polled again")(&of_task);
        Poll::Ready(())
    })));
    (stage, own)
}

type Own = Rc<Cell<Option<JoinHandle<Output>>>>;

#[test]
fn an_abort_during_the_poll_leaves_the_output() {
    let abort: Rc<Cell<Option<AbortHandle>>> = Rc::default();
    let of_task = Rc::clone(&abort);
    let (stage, own) = finishes_after(move |_| of_task.take().unwrap().abort());
    let mut handle = own.take().unwrap();
    abort.set(Some(handle.abort_handle()));

    assert!(stage.run_one());
    stage.expect(FINISHED);
    drop(stage.join(&mut handle).expect("the task has finished all the same"));
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn the_handle_dropped_during_the_poll_drops_the_output() {
    let (stage, _own) = finishes_after(|own| drop(own.take()));
    assert!(stage.run_one());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn aborted_and_dropped_during_the_poll() {
    let (stage, _own) = finishes_after(|own| own.take().unwrap().abort());
    assert!(stage.run_one());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn joined_during_the_poll() {
    let (joiner, waker) = Foreign::new(Fault::Nothing);
    let (stage, own) = finishes_after(move |own| {
        let mut handle = own.take().unwrap();
        assert!(!handle.is_finished(), "a task has not finished while it is polled");
        assert!(Pin::new(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
        own.set(Some(handle));
    });
    assert!(stage.run_one());
    assert_eq!((joiner.wakes(), joiner.drops()), (1, 1));
    stage.expect(FINISHED);
    drop(stage.join(&mut own.take().unwrap()).unwrap());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}

#[test]
fn a_joiner_from_before_is_woken_after_the_future_was_dropped() {
    let (stage, own) = finishes_after(|_| {});
    let mut handle = own.take().unwrap();
    assert!(stage.poll_join(&mut handle).is_pending());
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    stage.expect(Seen { joiner_wakes: 1, ..FINISHED });
    drop(handle);
    stage.expect(Seen { output_drops: 1, joiner_wakes: 1, ..FINISHED });
}

#[test]
fn a_wake_during_the_poll_gives_no_further_poll() {
    let stage = Stage::new();
    let mut handle = stage.spawn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    });
    assert!(stage.run_one());
    stage.expect(FINISHED);
    assert!(!stage.run_one());
    stage.expect(FINISHED);
    drop(stage.join(&mut handle).unwrap());
    assert!(!stage.run_one());
    stage.expect(Seen { output_drops: 1, ..FINISHED });
}
