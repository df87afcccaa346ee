//! Rule 4: a panic ends what has panicked and nothing else, and the executor is usable afterwards.

mod util;

use std::cell::Cell;
use std::future::pending;
use std::panic::{panic_any, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use hanol_executor::{AbortHandle, Executor, JoinSet, Park, ThreadPark, Unpark, Wait, yield_now};

use self::util::{
    Probe, ScriptPark, Seen, Stage, expect_usable, finishes, finishes_at, message_of, panic_message, panics, waits,
};

#[test]
fn a_task_that_panics_leaves_the_others_alone() {
    let stage = Stage::new();
    let before = stage.spawn(finishes_at(2));
    let panicking = stage.executor().spawn(stage.probe.future(panics));
    let after = stage.spawn(finishes_at(2));
    let probe = stage.probe.clone();
    let mut park = ScriptPark::new().then(move || probe.waker().wake());
    // The last one that was polled, `after`, is woken; `before` waits on.
    stage.executor().block_on(&mut park, async {
        assert!(panicking.await.err().is_some_and(|error| error.is_panic()));
        drop(after.await.unwrap());
    });
    assert!(!before.is_finished());
    stage.expect(Seen { polls: 4, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
    expect_usable(stage.executor());
}

#[test]
fn a_panic_of_any_payload_reaches_the_join_handle() {
    let executor = Executor::new();
    let with_payload = executor.spawn(async { panic_any(42_u64) });
    let with_text = executor.spawn(async { panic!("{} is too much", 3) });
    executor.block_on(&mut ThreadPark::new(), async {
        let error = with_payload.await.unwrap_err();
        assert_eq!(format!("{error:?}"), format!("JoinError::Panicked({:?}, None)", error.id()));
        assert_eq!(*error.into_panic().downcast::<u64>().unwrap(), 42);
        let error = with_text.await.unwrap_err();
        assert!(error.to_string().ends_with("panicked: 3 is too much"), "{error}");
    });
}

#[test]
fn a_future_whose_drop_panics_after_it_was_ready_still_gives_its_output() {
    let stage = Stage::new();
    stage.probe.panic_in_future_drop();
    let mut handle = stage.spawn(finishes);
    assert!(stage.poll_join(&mut handle).is_pending());
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    drop(stage.join(&mut handle).expect("the output is what the future was for"));
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    expect_usable(stage.executor());
}

#[test]
fn a_future_that_panics_in_its_poll_and_in_its_drop_gives_the_first_panic() {
    let stage = Stage::new();
    stage.probe.panic_in_future_drop();
    let mut handle = stage.spawn(panics);
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(message_of(&*stage.join_error(&mut handle).into_panic()), "the poll panicked");
    expect_usable(stage.executor());
}

#[test]
fn a_future_whose_drop_panics_when_it_is_aborted_gives_that_panic() {
    let stage = Stage::new();
    stage.probe.panic_in_future_drop();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    assert!(stage.poll_join(&mut handle).is_pending());
    handle.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    assert_eq!(message_of(&*stage.join_error(&mut handle).into_panic()), "the drop of the future panicked");
    expect_usable(stage.executor());
}

#[test]
fn a_future_that_aborts_itself_and_panics_in_its_drop() {
    let stage = Stage::new();
    stage.probe.panic_in_future_drop();
    let mut set = JoinSet::new();
    let own = Rc::new(Cell::new(None));
    let of_task = Rc::clone(&own);
    own.set(Some(set.insert(stage.spawn(move |_| {
        let own: AbortHandle = of_task.take().unwrap();
        own.abort();
        Poll::Pending
    }))));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(set.try_join_next().unwrap().err().unwrap().is_panic());
    expect_usable(stage.executor());
}

#[test]
fn an_output_whose_drop_panics_when_its_task_is_detached() {
    let stage = Stage::new();
    stage.probe.panic_in_output_drop();
    drop(stage.spawn(finishes));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
    expect_usable(stage.executor());
}

#[test]
fn an_output_whose_drop_panics_when_its_handle_is_dropped() {
    let stage = Stage::new();
    stage.probe.panic_in_output_drop();
    let handle = stage.spawn(finishes);
    assert!(stage.run_one());
    drop(handle);
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
    expect_usable(stage.executor());
}

#[test]
fn an_output_whose_drop_panics_may_be_dropped_while_another_panic_unwinds() {
    let stage = Stage::new();
    stage.probe.panic_in_output_drop();
    let finished = stage.spawn(finishes);
    let mut panicking = stage.executor().spawn(async move {
        let _dropped_in_the_unwinding = finished;
        panic!("the first panic");
    });
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    let error = stage.executor().block_on(&mut ThreadPark::new(), &mut panicking).unwrap_err();
    assert_eq!(message_of(&*error.into_panic()), "the first panic");
}

#[test]
fn a_join_set_aborts_all_its_tasks_also_when_outputs_panic_in_their_drop() {
    let stage = Stage::new();
    stage.probe.panic_in_output_drop();
    let mut set = JoinSet::new();
    for _ in 0..3 {
        set.insert(stage.spawn(finishes));
        set.insert(stage.spawn(waits));
    }
    stage.executor().run_until_stalled();
    drop(set);
    stage.expect(Seen { polls: 6, future_drops: 6, output_drops: 3, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn every_drop_panics_while_the_executor_is_dropped() {
    let mut stage = Stage::new();
    stage.probe.panic_in_future_drop();
    stage.probe.panic_in_output_drop();
    let unfetched: Vec<_> = (0..3).map(|_| stage.spawn(finishes)).collect();
    let waiting: Vec<_> = (0..3).map(|_| stage.spawn(waits)).collect();
    stage.executor().run_until_stalled();
    drop(stage.spawn(waits));
    let never_run = stage.probe.future(finishes);
    stage.executor().remote().post(move || drop(never_run)).unwrap();

    stage.drop_executor();
    stage.expect(Seen { polls: 6, future_drops: 8, output_drops: 3, ..Seen::NOTHING });
    drop((unfetched, waiting));
    expect_usable(&Executor::new());
}

#[test]
fn a_panic_of_the_future_of_block_on_propagates() {
    let stage = Stage::new();
    let other = stage.spawn(finishes_at(2));
    let main = Probe::new(stage.executor());
    let message = panic_message(|| {
        stage.executor().block_on(&mut ThreadPark::new(), async {
            yield_now().await;
            main.future(panics).await
        })
    });
    assert_eq!(message, "the poll panicked");
    assert_eq!((main.polls(), main.future_drops(), main.strays()), (1, 1, 0));
    assert!(!other.is_finished());
    expect_usable(stage.executor());
    stage.probe.waker().wake();
    stage.executor().run_until_stalled();
    assert!(other.is_finished());
}

#[test]
fn a_panic_in_the_drop_of_block_ons_future_propagates() {
    /// Is ready at once, and panics when it is dropped.
    struct PanicsInDrop;

    impl Future for PanicsInDrop {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }

    impl Drop for PanicsInDrop {
        fn drop(&mut self) {
            panic!("the drop of the future panicked");
        }
    }

    let executor = Executor::new();
    let message = panic_message(|| executor.block_on(&mut ThreadPark::new(), PanicsInDrop));
    assert_eq!(message, "the drop of the future panicked");
    expect_usable(&executor);
}

#[test]
fn a_panic_in_the_park_propagates() {
    /// Panics where it should wait.
    struct Broken(ThreadPark);

    impl Park for Broken {
        fn park(&mut self, wait: Wait) {
            assert_eq!(wait, Wait::Poll, "the park panicked");
        }

        fn unparker(&self) -> Arc<dyn Unpark> {
            self.0.unparker()
        }
    }

    let stage = Stage::new();
    drop(stage.spawn(finishes_at(2)));
    let message = panic_message(|| stage.executor().run(&mut Broken(ThreadPark::new())));
    assert!(message.contains("the park panicked"), "{message}");

    // The executor does not count as asleep any more: a wake from elsewhere unparks nobody.
    let waker = stage.probe.waker();
    thread::spawn(move || waker.wake()).join().unwrap();
    let mut park = ScriptPark::new();
    stage.executor().run(&mut park);
    assert_eq!((park.blocks(), park.unparks()), (0, 0));
    expect_usable(stage.executor());
}

#[test]
fn a_panic_in_a_closure_that_was_posted_is_contained() {
    let stage = Stage::new();
    let remote = stage.executor().remote();
    remote.post(|| panic!("the posted closure panicked")).unwrap();
    let future = stage.probe.future(finishes);
    remote.spawn(future).unwrap();
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    expect_usable(stage.executor());
}

/// A payload that panics when it is dropped, with another such payload. It has no size, so to leak one costs nothing.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new(Bomb));
    }
}

#[test]
fn a_payload_that_panics_when_it_is_dropped() {
    let executor = Executor::new();
    let throws = || executor.spawn(async { resume_unwind(Box::new(Bomb)) });
    drop(throws());
    let dropped = throws();
    let unfetched = throws();
    executor.run_until_stalled();
    drop(dropped);
    assert_eq!(executor.tasks().len(), 1);
    expect_usable(&executor);

    drop(executor);
    assert!(unfetched.is_finished());
    expect_usable(&Executor::new());
}

#[test]
fn a_panic_payload_can_be_fetched_and_thrown_again() {
    let executor = Executor::new();
    let task = executor.spawn(async { panic!("thrown twice") });
    let message = panic_message(|| {
        executor.block_on(&mut ThreadPark::new(), async {
            let Err(error) = task.await;
            resume_unwind(error.into_panic())
        })
    });
    assert_eq!(message, "thrown twice");
    expect_usable(&executor);
}

#[test]
fn a_cancelled_task_has_no_payload_and_says_so() {
    let executor = Executor::new();
    let task = executor.spawn(pending::<()>());
    task.abort();
    let error = executor.block_on(&mut ThreadPark::new(), task).unwrap_err();
    let error = error.try_into_panic().unwrap_err();
    assert!(panic_message(|| error.into_panic()).contains("holds no panic"));
}
