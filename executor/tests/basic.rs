//! A task from its spawn to its end, with every count after every step.

mod util;

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hanol_executor::{Config, Executor, Remote, ThreadPark, spawn, try_task_id, yield_now};

use self::util::{ScriptPark, Seen, Stage, finishes, finishes_at, panic_message, waits};

#[test]
fn a_task_is_polled_only_when_the_executor_runs() {
    let mut stage = Stage::new();
    let handle = stage.spawn(waits);
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });

    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    assert!(!handle.is_finished());

    assert!(!stage.run_one(), "a task that waits was polled again without a wake");
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.drop_executor();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(handle.is_finished());
}

#[test]
fn a_task_is_joined() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(finishes_at(2));
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });

    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.probe.waker().wake();
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
    assert!(handle.is_finished());

    let output = stage.join(&mut handle).expect("the task has an output");
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
    drop(output);
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    drop(handle);
    stage.drop_executor();
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_detached_task_goes_on_and_its_output_is_dropped_at_its_end() {
    let stage = Stage::new();
    drop(stage.spawn(finishes_at(2)));
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });

    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert!(!stage.run_one());
}

#[test]
fn a_task_may_be_detached_while_it_waits() {
    let stage = Stage::new();
    let handle = stage.spawn(finishes_at(2));
    assert!(stage.run_one());
    drop(handle);
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn an_output_that_nobody_fetched_is_dropped_with_the_handle() {
    let stage = Stage::new();
    let handle = stage.spawn(finishes);
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });

    drop(handle);
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn tasks_are_polled_in_the_order_in_which_they_were_woken() {
    let executor = Executor::new();
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..4 {
        let order = Rc::clone(&order);
        drop(executor.spawn(async move {
            order.borrow_mut().push(number);
            if number % 2 == 0 {
                yield_now().await;
                order.borrow_mut().push(number + 10);
            }
        }));
    }
    executor.run_until_stalled();
    assert_eq!(*order.borrow(), [0, 1, 2, 3, 10, 12]);
}

#[test]
fn block_on_runs_a_future_that_borrows_and_the_tasks_beside_it() {
    let executor = Executor::new();
    let text = String::from("borrowed");
    let length = executor.block_on(&mut ThreadPark::new(), async {
        let one = spawn(async { 1 });
        text.len() + one.await.unwrap()
    });
    assert_eq!(length, 9);
}

#[test]
fn block_on_leaves_other_tasks_suspended_for_the_next_run() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    stage.executor().block_on(&mut ScriptPark::new(), yield_now());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.executor().block_on(&mut ScriptPark::new(), yield_now());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
}

#[test]
fn run_ends_when_every_task_has_finished() {
    let stage = Stage::new();
    drop(stage.spawn(finishes_at(2)));
    let probe = stage.probe.clone();
    let mut park = ScriptPark::new().then(move || probe.waker().wake());
    stage.executor().run(&mut park);
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(park.blocks(), 1);
}

#[test]
fn run_counts_in_the_tasks_that_wait_in_the_inbox() {
    let stage = Stage::new();
    let future = stage.probe.clone();
    let remote = stage.executor().remote();
    remote.post(move || drop(spawn(future.future(finishes)))).unwrap();
    stage.executor().run(&mut ScriptPark::new());
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });

    let future = stage.probe.clone();
    drop(stage.executor().spawn(async move {
        remote.post(move || drop(spawn(future.future(finishes)))).unwrap();
    }));
    stage.executor().run(&mut ScriptPark::new());
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
}

#[test]
fn run_until_stalled_does_not_wait() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    drop(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_task_knows_its_executor_and_itself() {
    let executor = Executor::new();
    assert_eq!((Remote::try_current(), try_task_id()), (None, None));
    let task = executor.spawn(async { (Remote::try_current(), try_task_id()) });
    let id = task.id();
    let (inside, main) = executor.block_on(&mut ThreadPark::new(), async { (task.await.unwrap(), try_task_id()) });
    assert_eq!(inside, (Some(executor.remote()), Some(id)));
    assert_eq!(main.map(|id| id.to_string()).as_deref(), Some("0"));
    assert_eq!((Remote::try_current(), try_task_id()), (None, None));
}

#[test]
fn entering_makes_an_executor_the_one_that_free_functions_use() {
    let (outer, inner) = (Executor::new(), Executor::new());
    let _outer = outer.enter();
    {
        let _inner = inner.enter();
        assert_eq!(Remote::try_current(), Some(inner.remote()));
        drop(spawn(async {}));
    }
    assert_eq!(Remote::try_current(), Some(outer.remote()));
    assert_eq!((outer.tasks().len(), inner.tasks().len()), (0, 1));
}

#[test]
fn spawning_outside_of_an_executor_panics_and_says_what_to_do() {
    let message = panic_message(|| spawn(async {}));
    assert!(message.contains("spawn from inside"), "{message}");
}

#[test]
fn a_turn_without_polls_is_refused() {
    let message = panic_message(|| Executor::with_config(Config { polls_per_turn: 0, ..Config::default() }));
    assert!(message.contains("at least one poll"), "{message}");
}

#[test]
fn try_run_one_polls_one_task_also_when_aborted_ones_stand_before_it() {
    let stage = Stage::new();
    stage.spawn(waits).abort();
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    stage.spawn(waits).abort();
    assert!(!stage.run_one(), "there was nothing to poll");
    stage.expect(Seen { polls: 1, future_drops: 2, ..Seen::NOTHING });
}

/// A future whose memory is not to be moved once it was polled.
struct Pinned {
    address: Cell<usize>,
    _pinned: std::marker::PhantomPinned,
}

impl Future for Pinned {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let address = &raw const *self as usize;
        if self.address.replace(address) == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        assert_eq!(self.address.get(), address);
        Poll::Ready(())
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let address = &raw const *self as usize;
        assert_eq!(self.address.get(), address, "the future was moved before it was dropped");
    }
}

#[test]
fn a_future_stays_where_it_was_polled_first() {
    let executor = Executor::new();
    let pinned = || Pinned { address: Cell::new(0), _pinned: std::marker::PhantomPinned };
    let mut tasks: Vec<_> = (0..100).map(|_| executor.spawn(pinned())).collect();
    let last = tasks.pop().unwrap();
    executor.block_on(&mut ThreadPark::new(), async {
        for task in tasks {
            task.await.unwrap();
        }
        last.await.unwrap();
    });
}
