//! Rule 7: running an executor inside a run panics with a message that says what to do instead, and changes nothing.

mod util;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use hanol_executor::{Config, Executor, Park, Remote, ThreadPark, Unpark, Wait, budget, spawn, try_task_id, yield_now};

use self::util::{Probe, ScriptPark, finishes, panic_message, waits};

/// Checks that `run` panics with the message for a nested run.
#[track_caller]
fn expect_refused<R>(run: impl FnOnce() -> R) {
    let message = panic_message(run);
    assert!(message.contains("already runs a hanol runtime"), "{message}");
    assert!(message.contains("await the future, or spawn it as a task, instead of calling block_on"), "{message}");
}

/// Tries all ways to run `executor` inside a run.
#[track_caller]
fn expect_all_refused(executor: &Executor) {
    expect_refused(|| executor.block_on(&mut ThreadPark::new(), async {}));
    expect_refused(|| executor.run(&mut ThreadPark::new()));
    expect_refused(|| executor.run_until_stalled());
    expect_refused(|| executor.try_run_one());
}

#[test]
fn an_executor_does_not_run_inside_itself() {
    let executor = Executor::new();
    executor.block_on(&mut ThreadPark::new(), async { expect_all_refused(&executor) });
}

#[test]
fn an_executor_does_not_run_inside_another() {
    let (outer, inner) = (Executor::new(), Executor::new());
    let probe = Probe::new(&inner);
    drop(inner.spawn(probe.future(finishes)));
    outer.block_on(&mut ThreadPark::new(), async { expect_all_refused(&inner) });
    assert_eq!(probe.polls(), 0);
    inner.run_until_stalled();
    assert_eq!((probe.polls(), probe.strays()), (1, 0));
}

#[test]
fn an_executor_does_not_run_inside_a_task() {
    for run in [|executor: &Executor| executor.run(&mut ThreadPark::new()), Executor::run_until_stalled] {
        let executor = Executor::new();
        let task = executor.spawn(async { expect_all_refused(&Executor::new()) });
        run(&executor);
        executor.block_on(&mut ThreadPark::new(), task).unwrap();
    }
}

#[test]
fn an_executor_does_not_run_inside_a_drop_a_closure_or_a_park() {
    /// Tries to run an executor when it is dropped.
    struct RunsInDrop;

    impl Drop for RunsInDrop {
        fn drop(&mut self) {
            expect_all_refused(&Executor::new());
        }
    }

    let executor = Rc::new(Executor::with_config(Config { polls_per_turn: 1, ..Config::default() }));
    let guard = RunsInDrop;
    let task = executor.spawn(async move {
        let _guard = guard;
        yield_now().await;
    });
    let of_park = Rc::clone(&executor);
    let ran = Rc::new(Cell::new(0));
    let tried = Rc::clone(&ran);
    let mut park = ScriptPark::new().at_each(move |_| {
        expect_all_refused(&of_park);
        tried.set(tried.get() + 1);
    });
    let (posted, done) = std::sync::mpsc::channel();
    let post = move || {
        expect_all_refused(&Executor::new());
        posted.send(()).unwrap();
    };
    executor.remote().post(post).unwrap();
    executor.block_on(&mut park, async { task.await.unwrap() });
    assert!(ran.get() > 0);
    executor.run_until_stalled();
    done.try_recv().expect("the closure ran to its end");
}

#[test]
fn the_refused_future_is_dropped_without_a_poll() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    executor.block_on(&mut ThreadPark::new(), async {
        expect_refused(|| executor.block_on(&mut ThreadPark::new(), probe.future(finishes)));
    });
    assert_eq!((probe.polls(), probe.future_drops(), probe.strays()), (0, 1, 0));
}

#[test]
fn the_outer_run_goes_on_as_if_nothing_had_been() {
    let executor = Executor::new();
    let beside = executor.spawn(async {
        yield_now().await;
        1
    });
    let two = executor.block_on(&mut ThreadPark::new(), async {
        let before = (Remote::try_current(), try_task_id(), executor.tasks().len());
        expect_all_refused(&executor);
        assert_eq!((Remote::try_current(), try_task_id(), executor.tasks().len()), before);
        // The refused run has not made this thread look idle: another one is refused as well.
        expect_all_refused(&executor);
        beside.await.unwrap() + spawn(async { 1 }).await.unwrap()
    });
    assert_eq!(two, 2);
}

#[test]
fn a_refused_run_leaves_the_budget_of_the_poll_as_it_is() {
    let executor = Executor::new();
    let operations = executor.block_on(&mut ThreadPark::new(), async {
        let mut operations = 0;
        poll_fn(|cx| {
            while operations < 10_000 && budget::poll_proceed(cx, Location::caller()).is_ready() {
                operations += 1;
                if operations == 100 {
                    expect_all_refused(&executor);
                }
            }
            Poll::Ready(operations)
        })
        .await
    });
    assert_eq!(operations, budget::OPERATIONS_PER_POLL);
}

#[test]
fn a_refused_run_does_not_touch_the_way_to_unpark_the_outer_one() {
    /// A park that must not be asked for anything.
    struct Untouched;

    impl Park for Untouched {
        fn park(&mut self, _wait: Wait) {
            unreachable!("a refused run has parked");
        }

        fn unparker(&self) -> Arc<dyn Unpark> {
            unreachable!("a refused run has taken an unparker");
        }
    }

    let executor = Rc::new(Executor::new());
    let inner = Rc::clone(&executor);
    let probe = Probe::new(&executor);
    let to_wake = probe.clone();
    let wake = move || {
        let waker = to_wake.waker();
        thread::spawn(move || waker.wake()).join().unwrap();
    };
    let mut park = ScriptPark::new().then(wake);
    let mut polls = 0;
    let future = probe.future(move |_| {
        expect_refused(|| inner.block_on(&mut Untouched, pending::<()>()));
        polls += 1;
        if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
    });
    drop(executor.block_on(&mut park, future).fetched());
    assert_eq!((park.blocks(), park.unparks()), (1, 1));
}

#[test]
fn runs_may_follow_each_other_also_after_a_refused_one() {
    let (first, second) = (Executor::new(), Executor::new());
    for _ in 0..3 {
        first.block_on(&mut ThreadPark::new(), async { expect_all_refused(&second) });
        second.block_on(&mut ThreadPark::new(), async { expect_all_refused(&first) });
    }
}

#[test]
fn a_thread_that_is_started_inside_may_run_an_executor_of_its_own() {
    let executor = Executor::new();
    let sum = executor.block_on(&mut ThreadPark::new(), async {
        thread::spawn(|| Executor::new().block_on(&mut ThreadPark::new(), async { 7 })).join().unwrap()
    });
    assert_eq!(sum, 7);
}

#[test]
fn entering_another_executor_inside_a_run_is_no_run() {
    let (outer, inner) = (Executor::new(), Executor::new());
    let probe = Probe::new(&inner);
    outer.block_on(&mut ThreadPark::new(), async {
        let _inside = inner.enter();
        drop(spawn(probe.future(waits)));
    });
    assert_eq!((inner.unfinished(), outer.unfinished()), (1, 0));
    inner.run_until_stalled();
    assert_eq!((probe.polls(), probe.strays()), (1, 0));
}
