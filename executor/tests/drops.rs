//! Rule 3: futures and outputs are dropped on the executor's thread and in its context, with no borrow held, so that a
//! drop may do anything.

mod util;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::task::{Poll, Waker};

use hanol_executor::{Executor, JoinHandle, JoinSet, Remote, ThreadPark, spawn, try_task_id, yield_now};

use self::util::{Probe, ScriptPark, Seen, Stage, finishes, finishes_at, panics, waits};

/// Calls a closure when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A future that waits for ever and calls a closure when it is dropped.
async fn waits_and_then(on_drop: impl FnMut()) {
    let _on_drop = OnDrop(on_drop);
    pending().await
}

#[test]
fn a_finished_future_is_dropped_in_its_task() {
    let executor = Executor::new();
    let seen = Rc::new(Cell::new(None));
    let in_drop = Rc::clone(&seen);
    let task = executor.spawn(async move {
        let _on_drop = OnDrop(move || in_drop.set(Some((Remote::try_current(), try_task_id()))));
        yield_now().await;
    });
    executor.run_until_stalled();
    assert_eq!(seen.get(), Some((Some(executor.remote()), Some(task.id()))));
}

#[test]
fn an_aborted_future_is_dropped_as_its_own_task_within_another() {
    let executor = Executor::new();
    let seen = Rc::new(Cell::new(None));
    let in_drop = Rc::clone(&seen);
    let victim = executor.spawn(waits_and_then(move || in_drop.set(try_task_id())));
    let victim_id = victim.id();
    let (inside, outside) = executor.block_on(&mut ThreadPark::new(), async move {
        yield_now().await;
        let outside = try_task_id();
        victim.abort();
        assert_eq!(try_task_id(), outside, "the aborting task is the current one again");
        (seen.get(), outside)
    });
    assert_eq!(inside, Some(victim_id));
    assert_ne!(inside, outside);
}

#[test]
fn aborts_and_handle_drops_outside_of_any_context_drop_inside_it() {
    let stage = Stage::new();
    let waiting = stage.spawn(waits);
    let finished = stage.spawn(finishes);
    stage.executor().run_until_stalled();
    waiting.abort();
    drop(finished);
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn aborts_and_handle_drops_in_another_executor_drop_inside_their_own() {
    let stage = Stage::new();
    let other = Executor::new();
    let waiting = stage.spawn(waits);
    let finished = stage.spawn(finishes);
    stage.executor().run_until_stalled();
    let back = other.block_on(&mut ThreadPark::new(), async move {
        waiting.abort();
        drop(finished);
        Remote::try_current()
    });
    assert_eq!(back, Some(other.remote()), "the other executor is the current one again");
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_join_set_that_is_dropped_outside_drops_its_tasks_inside() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(waits));
    set.insert(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    drop(set);
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn the_future_of_block_on_is_dropped_in_the_context() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    drop(executor.block_on(&mut ScriptPark::new(), probe.future(finishes)).fetched());
    assert_eq!((probe.polls(), probe.future_drops(), probe.strays()), (1, 1, 0));
}

#[test]
fn a_drop_may_spawn() {
    let stage = Stage::new();
    let probe = stage.probe.clone();
    let task = stage.executor().spawn(waits_and_then(move || drop(spawn(probe.future(finishes)))));
    stage.executor().run_until_stalled();
    task.abort();
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn the_drop_of_an_output_may_spawn() {
    let stage = Stage::new();
    let spawner = |probe: Probe| OnDrop(move || drop(spawn(probe.future(finishes))));
    // Detached before its end, and after it.
    drop(stage.executor().spawn(ready(spawner(stage.probe.clone()))));
    let finished = stage.executor().spawn(ready(spawner(stage.probe.clone())));
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    drop(finished);
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
}

#[test]
fn a_drop_may_wake_its_own_task_and_others() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    stage.executor().run_until_stalled();
    let other = stage.probe.waker();
    let own = Rc::new(RefCell::new(None::<Waker>));
    let to_wake = Rc::clone(&own);
    let task = stage.executor().spawn(async move {
        let _on_drop = OnDrop(|| {
            other.wake_by_ref();
            to_wake.borrow().as_ref().unwrap().wake_by_ref();
        });
        poll_fn(|cx| {
            *to_wake.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
        .await
    });
    stage.executor().run_until_stalled();
    task.abort();
    stage.expect(Seen { polls: 1, ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    assert!(!stage.run_one(), "a task that has ended was polled");
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn a_drop_may_abort_its_own_task_and_others() {
    let stage = Stage::new();
    let other = stage.spawn(waits);
    stage.executor().run_until_stalled();
    let own = Rc::new(Cell::new(None::<JoinHandle<()>>));
    let of_task = Rc::clone(&own);
    let abort = own_abort_handle(
        &own,
        stage.executor().spawn(waits_and_then(move || {
            let own = of_task.take().unwrap();
            own.abort();
            other.abort();
            own.abort();
        })),
    );
    stage.executor().run_until_stalled();
    abort.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

/// Puts a task's handle where the task finds it.
fn own_abort_handle(own: &Cell<Option<JoinHandle<()>>>, handle: JoinHandle<()>) -> hanol_executor::AbortHandle {
    let abort = handle.abort_handle();
    own.set(Some(handle));
    abort
}

#[test]
fn a_drop_may_drop_the_handles_of_its_own_task_and_of_others() {
    let stage = Stage::new();
    let finished = stage.spawn(finishes);
    let waiting = stage.spawn(waits);
    let own = Rc::new(Cell::new(None::<JoinHandle<()>>));
    let of_task = Rc::clone(&own);
    let mut others = Some((finished, waiting));
    let task = stage.executor().spawn(waits_and_then(move || drop((of_task.take(), others.take()))));
    let abort = own_abort_handle(&own, task);
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
    abort.abort();
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 1, "the one that waits is left");
}

#[test]
fn a_drop_may_look_at_the_task_list() {
    let executor = Rc::new(Executor::new());
    let inside = Rc::downgrade(&executor);
    let seen = Rc::new(Cell::new(0));
    let count = Rc::clone(&seen);
    let task = executor.spawn(waits_and_then(move || count.set(inside.upgrade().unwrap().tasks().len())));
    executor.run_until_stalled();
    task.abort();
    assert_eq!(seen.get(), 1, "the task that is being dropped is still in the list");
}

#[test]
fn a_drop_may_run_the_executor_when_nobody_else_does() {
    let executor = Rc::new(Executor::new());
    let inside = Rc::downgrade(&executor);
    let probe = Probe::new(&executor);
    let runs = OnDrop(move || inside.upgrade().unwrap().run_until_stalled());
    // It is queued for its first poll when it is aborted, so its entry is the first one that the inner run finds.
    let queued = executor.spawn(async move {
        let _runs = &runs;
        pending::<()>().await
    });
    drop(executor.spawn(probe.future(waits)));
    queued.abort();
    assert_eq!(probe.polls(), 1, "the inner run has stopped at the task that was being dropped");
}

#[test]
fn a_drop_during_a_poll_may_end_the_task_that_is_next() {
    let stage = Stage::new();
    let next = Rc::new(Cell::new(None::<JoinHandle<util::Output>>));
    let in_drop = Rc::clone(&next);
    drop(stage.executor().spawn(async move {
        let _on_drop = OnDrop(move || in_drop.take().unwrap().abort());
    }));
    next.set(Some(stage.spawn(waits)));
    stage.executor().run_until_stalled();
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn a_future_that_panicked_is_dropped_in_the_context_too() {
    let stage = Stage::new();
    drop(stage.spawn(panics));
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn an_executor_may_be_dropped_inside_a_task_of_another() {
    let outer = Executor::new();
    let mut stage = Stage::new();
    drop(stage.spawn(waits));
    let unfetched = stage.spawn(finishes);
    stage.executor().run_until_stalled();
    let task = outer.spawn(async move {
        stage.drop_executor();
        (stage, Remote::try_current())
    });
    let (stage, current) = outer.block_on(&mut ThreadPark::new(), task).unwrap();
    assert_eq!(current, Some(outer.remote()));
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
    drop(unfetched);
}

#[test]
fn an_executor_may_be_owned_by_one_of_its_own_tasks() {
    let executor = Rc::new(Executor::new());
    let probe = Probe::new(&executor);
    let others: Vec<_> = (0..3).map(|_| executor.spawn(probe.future(waits))).collect();
    let owned = Rc::clone(&executor);
    let owner = executor.spawn(async move {
        pending::<()>().await;
        drop(owned);
    });
    let after = executor.spawn(probe.future(waits));
    executor.run_until_stalled();
    drop(executor);
    assert_eq!(probe.future_drops(), 0);
    owner.abort();
    assert_eq!((probe.polls(), probe.future_drops(), probe.strays()), (4, 4, 0));
    assert!(others.iter().all(JoinHandle::is_finished) && after.is_finished());
}

#[test]
fn a_closure_that_was_posted_runs_and_is_dropped_in_the_context() {
    let stage = Stage::new();
    let probe = stage.probe.clone();
    let future = probe.future(finishes_at(1));
    stage.executor().remote().post(move || drop(future)).unwrap();
    stage.executor().run_until_stalled();
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
}
