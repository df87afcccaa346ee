//! A set of tasks: joined in the order in which they finish, aborted when it is dropped.

mod util;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use hanol_executor::{AbortHandle, Executor, JoinSet, ThreadPark, spawn, yield_now};

use self::util::{
    Fault, Foreign, Output, Probe, ScriptPark, Seen, Stage, finishes, finishes_at, many, panic_message, panics, waits,
};

fn block_on<F: Future>(future: F) -> F::Output {
    Executor::new().block_on(&mut ThreadPark::new(), future)
}

async fn yields(times: usize) -> usize {
    for _ in 0..times {
        yield_now().await;
    }
    times
}

#[test]
fn an_empty_set_has_nothing_to_join() {
    block_on(async {
        let mut set = JoinSet::<()>::new();
        assert!(set.is_empty());
        assert!(set.join_next().await.is_none());
        assert!(set.try_join_next().is_none());
        assert_eq!(set.join_all().await, []);
    });
}

#[test]
fn tasks_are_joined_in_the_order_in_which_they_finish() {
    block_on(async {
        let mut set: JoinSet<usize> = [5, 1, 4, 0, 3, 2].into_iter().map(yields).collect();
        assert_eq!(set.len(), 6);
        let mut order = Vec::new();
        while let Some(times) = set.join_next().await {
            order.push(times.unwrap());
            assert_eq!(set.len(), 6 - order.len());
        }
        assert_eq!(order, [0, 1, 2, 3, 4, 5]);
        assert!(set.is_empty());
    });
}

#[test]
fn try_join_next_does_not_wait() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(waits));
    set.insert(stage.spawn(finishes));
    assert!(set.try_join_next().is_none());
    stage.executor().run_until_stalled();
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    assert!(set.try_join_next().is_none());
    assert_eq!(set.len(), 1);
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_task_that_has_finished_before_may_be_inserted() {
    let stage = Stage::new();
    let finished = stage.spawn(finishes);
    stage.executor().run_until_stalled();
    let mut set = JoinSet::new();
    set.insert(finished);
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    assert!(set.is_empty());
}

#[test]
fn a_task_whose_handle_was_polled_before_tells_the_set_instead() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.poll_join(&mut handle).is_pending());
    let mut set = JoinSet::new();
    set.insert(handle);
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
}

#[test]
fn the_set_wakes_its_joiner_once_for_tasks_that_finish_together() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    for _ in 0..10 {
        set.insert(stage.spawn(finishes));
    }
    let (joiner, waker) = Foreign::new(Fault::Nothing);
    let cx = &mut Context::from_waker(&waker);
    assert!(set.poll_join_next(cx).is_pending());
    assert!(set.poll_join_next(cx).is_pending());
    stage.executor().run_until_stalled();
    assert_eq!(joiner.wakes(), 1);
    for _ in 0..10 {
        let Poll::Ready(Some(Ok(output))) = set.poll_join_next(cx) else { panic!("all have finished") };
        drop(output.fetched());
    }
    assert!(matches!(set.poll_join_next(cx), Poll::Ready(None)));
    assert_eq!(joiner.wakes(), 1);
}

#[test]
fn the_joiner_that_polled_last_is_woken() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(finishes));
    let (first, first_waker) = Foreign::new(Fault::Nothing);
    let (second, second_waker) = Foreign::new(Fault::Nothing);
    assert!(set.poll_join_next(&mut Context::from_waker(&first_waker)).is_pending());
    drop(first_waker);
    assert!(set.poll_join_next(&mut Context::from_waker(&second_waker)).is_pending());
    assert_eq!(first.drops(), 1);
    stage.executor().run_until_stalled();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn joining_is_cancel_safe() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    for _ in 0..10 {
        set.insert(stage.spawn(finishes_at(2)));
    }
    for _ in 0..100 {
        let mut joining = Box::pin(set.join_next());
        assert!(joining.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(set.len(), 10);
    set.abort_all();
    let joined = stage.executor().block_on(&mut ThreadPark::new(), async {
        let mut joined = 0;
        while set.join_next().await.is_some() {
            joined += 1;
        }
        joined
    });
    assert_eq!(joined, 10);
}

#[test]
fn panics_and_aborts_are_results_like_others() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(panics));
    let abort = set.insert(stage.spawn(waits));
    set.insert(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    abort.abort();
    assert!(set.try_join_next().unwrap().err().unwrap().is_panic());
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    let error = set.try_join_next().unwrap().err().unwrap();
    assert!(error.is_cancelled());
    assert_eq!(error.id(), abort.id());
    assert!(set.is_empty());
}

#[test]
fn abort_all_leaves_the_tasks_to_be_joined() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(finishes));
    for _ in 0..3 {
        set.insert(stage.spawn(waits));
    }
    stage.executor().run_until_stalled();
    set.abort_all();
    stage.expect(Seen { polls: 4, future_drops: 4, ..Seen::NOTHING });
    assert_eq!(set.len(), 4);
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    for _ in 0..3 {
        assert!(set.try_join_next().unwrap().err().unwrap().is_cancelled());
    }
    assert!(set.is_empty());
}

#[test]
fn shutdown_aborts_and_waits() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    executor.block_on(&mut ScriptPark::new(), async {
        let mut set = JoinSet::new();
        for _ in 0..5 {
            set.spawn(probe.future(waits));
        }
        yield_now().await;
        set.shutdown().await;
        assert!(set.is_empty());
        set.spawn(probe.future(finishes));
        assert!(set.join_next().await.unwrap().is_ok());
    });
    assert_eq!((probe.polls(), probe.future_drops(), probe.output_drops(), probe.strays()), (6, 6, 1, 0));
}

#[test]
fn a_set_that_is_dropped_aborts_its_tasks() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    for _ in 0..3 {
        set.insert(stage.spawn(waits));
    }
    set.insert(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    drop(set);
    stage.expect(Seen { polls: 4, future_drops: 4, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn tasks_that_were_detached_go_on() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(finishes));
    set.insert(stage.spawn(finishes_at(2)));
    stage.executor().run_until_stalled();
    set.detach_all();
    assert!(set.is_empty());
    drop(set);
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    stage.probe.waker().wake();
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 3, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
}

#[test]
fn a_set_is_used_again_after_its_tasks_were_detached() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(finishes));
    set.insert(stage.spawn(finishes_at(2)));
    assert!(stage.run_one() && stage.run_one());
    let second = stage.probe.waker();
    set.detach_all();
    // The detached tasks had the same places in the set. Their ends are not taken for those of their successors.
    let waiting = set.insert(stage.spawn(waits)).id();
    set.insert(stage.spawn(finishes));
    second.wake();
    stage.executor().run_until_stalled();
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    assert!(set.try_join_next().is_none());
    assert_eq!(set.len(), 1);
    set.abort_all();
    assert_eq!(set.try_join_next().unwrap().err().unwrap().id(), waiting);
}

#[test]
fn join_all_gives_the_outputs_in_the_order_in_which_the_tasks_finished() {
    let outputs = block_on(async { [2, 0, 1].into_iter().map(yields).collect::<JoinSet<_>>().join_all().await });
    assert_eq!(outputs, [0, 1, 2]);
}

#[test]
fn join_all_passes_a_panic_on_and_aborts_the_others() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    let message = panic_message(|| {
        executor.block_on(&mut ThreadPark::new(), async {
            let mut set = JoinSet::new();
            set.spawn(probe.future(waits));
            set.spawn(probe.future(panics));
            set.join_all().await
        })
    });
    assert_eq!(message, "the poll panicked");
    assert_eq!((probe.polls(), probe.future_drops(), probe.strays()), (2, 2, 0));
    assert_eq!(executor.tasks().len(), 0);
}

#[test]
fn join_all_panics_when_a_task_was_cancelled() {
    let message = panic_message(|| {
        block_on(async {
            let mut set = JoinSet::new();
            set.spawn(pending::<()>()).abort();
            set.join_all().await
        })
    });
    assert!(message.contains("was cancelled"), "{message}");
}

#[test]
fn a_set_outlives_its_executor() {
    let mut stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(waits));
    set.insert(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    stage.drop_executor();
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
    assert_eq!(set.len(), 2);
    for _ in 0..2 {
        assert!(set.try_join_next().unwrap().err().unwrap().is_cancelled());
    }
    assert!(set.is_empty());

    // So does a handle that is inserted when its executor is gone.
    let stage = Stage::new();
    let handle = stage.spawn(waits);
    drop(stage);
    set.insert(handle);
    assert!(set.try_join_next().unwrap().err().unwrap().is_cancelled());
}

#[test]
fn a_set_holds_tasks_of_several_executors() {
    let (first, second) = (Stage::new(), Stage::new());
    let mut set = JoinSet::new();
    set.insert(first.spawn(finishes));
    set.insert(second.spawn(finishes));
    second.executor().run_until_stalled();
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    assert!(set.try_join_next().is_none());
    first.executor().run_until_stalled();
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
}

#[test]
fn a_task_may_own_the_set_that_it_is_in() {
    let stage = Stage::new();
    let set = Rc::new(RefCell::new(JoinSet::new()));
    let held = Rc::clone(&set);
    let own = set.borrow_mut().insert(stage.spawn(move |_| {
        let _held = &held;
        Poll::Pending
    }));
    drop(set);
    stage.executor().run_until_stalled();
    own.abort();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn a_task_may_abort_its_neighbours_in_the_set_when_it_is_dropped() {
    let stage = Stage::new();
    let neighbours: Rc<Cell<Vec<AbortHandle>>> = Rc::default();

    struct AbortsInDrop(Rc<Cell<Vec<AbortHandle>>>);

    impl Drop for AbortsInDrop {
        fn drop(&mut self) {
            self.0.take().iter().for_each(AbortHandle::abort);
        }
    }

    let mut set = JoinSet::new();
    for _ in 0..5 {
        let aborts = AbortsInDrop(Rc::clone(&neighbours));
        let abort = set.insert(stage.spawn(move |_| {
            let _aborts = &aborts;
            Poll::Pending
        }));
        let mut all = neighbours.take();
        all.push(abort);
        neighbours.set(all);
    }
    stage.executor().run_until_stalled();
    drop(set);
    stage.expect(Seen { polls: 5, future_drops: 5, ..Seen::NOTHING });
}

#[test]
fn joining_the_next_costs_the_same_however_many_tasks_wait() {
    // The set polls no task's handle but that of the one that has finished, so the joiner is polled once for each.
    let executor = Executor::new();
    let tasks = many(20_000);
    let polls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&polls);
    let joined = executor.block_on(&mut ScriptPark::new(), async move {
        let mut set: JoinSet<()> = (0..tasks).map(|_| pending()).collect();
        yield_now().await;
        let mut joined = 0;
        for _ in 0..100 {
            set.spawn(ready(()));
            poll_fn(|cx| {
                counted.set(counted.get() + 1);
                set.poll_join_next(cx)
            })
            .await
            .unwrap()
            .unwrap();
            joined += 1;
        }
        joined
    });
    assert_eq!((joined, polls.get()), (100, 200));
}

#[test]
fn a_set_joins_inside_a_task_of_its_executor() {
    let executor = Executor::new();
    let sum = executor.block_on(&mut ThreadPark::new(), async {
        let tasks = (0..100).map(|_| spawn(async { yields(3).await }));
        let mut set = JoinSet::new();
        for task in tasks {
            set.insert(task);
        }
        spawn(async move { set.join_all().await.into_iter().sum::<usize>() }).await.unwrap()
    });
    assert_eq!(sum, 300);
}
