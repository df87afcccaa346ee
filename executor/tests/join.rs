//! Waiting for a task's result, with every count after every step.

mod util;

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use hanol_executor::{Executor, JoinHandle, ThreadPark, spawn, yield_now};

use self::util::{Fault, Foreign, Output, Seen, Stage, finishes, finishes_at, many, panic_message, waits};

#[test]
fn before_the_task_runs() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.poll_join(&mut handle).is_pending());
    stage.expect(Seen { ready: 1, ..Seen::NOTHING });

    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });

    drop(stage.join(&mut handle).unwrap());
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
}

#[test]
fn after_the_task_has_finished() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.run_one());
    drop(stage.join(&mut handle).unwrap());
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn many_polls_of_the_handle_wake_the_joiner_once() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes_at(2));
    for _ in 0..3 {
        assert!(stage.poll_join(&mut handle).is_pending());
    }
    assert!(stage.run_one());
    assert!(stage.poll_join(&mut handle).is_pending());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });

    stage.probe.waker().wake();
    assert!(stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
}

#[test]
fn the_joiner_that_polled_last_is_woken_and_the_others_are_dropped() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let (first, first_waker) = Foreign::new(Fault::Nothing);
    assert!(Pin::new(&mut handle).poll(&mut Context::from_waker(&first_waker)).is_pending());
    drop(first_waker);
    assert_eq!((first.wakes(), first.drops()), (0, 0));

    assert!(stage.poll_join(&mut handle).is_pending());
    assert_eq!((first.wakes(), first.drops()), (0, 1));

    assert!(stage.run_one());
    assert_eq!((first.wakes(), first.drops()), (0, 1));
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
}

#[test]
fn a_handle_that_is_dropped_takes_its_joiner_along() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let (joiner, waker) = Foreign::new(Fault::Nothing);
    assert!(Pin::new(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert_eq!((joiner.wakes(), joiner.drops()), (0, 0));

    drop(handle);
    assert_eq!((joiner.wakes(), joiner.drops()), (0, 1));
    assert!(stage.run_one());
    assert_eq!((joiner.wakes(), joiner.drops()), (0, 1));
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_handle_that_gave_its_result_panics_when_it_is_polled_again() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.run_one());
    drop(stage.join(&mut handle).unwrap());

    let message = panic_message(|| stage.poll_join(&mut handle).is_ready());
    assert!(message.contains("after it had given its result"), "{message}");
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn when_the_executor_goes_the_joiner_is_woken_and_finds_the_task_cancelled() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert!(stage.run_one());
    assert!(stage.poll_join(&mut handle).is_pending());

    stage.drop_executor();
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn an_output_that_was_not_fetched_goes_with_the_executor() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    assert!(stage.run_one());
    stage.drop_executor();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn from_another_task() {
    let stage = Stage::new();
    let handle = stage.spawn(finishes_at(2));
    let joined = stage.executor().spawn(async move { drop(handle.await.unwrap()) });
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    assert!(!joined.is_finished());

    stage.probe.waker().wake();
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert!(joined.is_finished());
}

#[test]
fn a_result_is_handed_over_by_a_handle_that_changes_hands() {
    let stage = Stage::new();
    let mut handle: JoinHandle<Output> = stage.spawn(finishes_at(2));
    assert!(stage.poll_join(&mut handle).is_pending());
    let joined = stage.executor().spawn(async move { drop(handle.await.unwrap()) });
    stage.executor().run_until_stalled();
    stage.probe.waker().wake();
    stage.executor().run_until_stalled();
    assert!(joined.is_finished());
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_task_of_one_executor_may_join_a_task_of_another() {
    let (first, second) = (Executor::new(), Executor::new());
    let task = first.spawn(async {
        yield_now().await;
        7
    });
    let joiner = second.spawn(async move { task.await.unwrap() });
    second.run_until_stalled();
    assert!(!joiner.is_finished());
    first.run_until_stalled();
    second.run_until_stalled();
    assert_eq!(second.block_on(&mut ThreadPark::new(), joiner).unwrap(), 7);
}

#[test]
fn handles_work_inside_combinators_with_wakers_of_their_own() {
    let executor = Executor::new();
    let sum = executor.block_on(&mut ThreadPark::new(), async {
        let task = |number: u64| {
            spawn(async move {
                for _ in 0..number % 7 {
                    yield_now().await;
                }
                number
            })
        };
        let unordered: FuturesUnordered<_> = (0..500).map(task).collect();
        let sum = unordered.fold(0, |sum, number| async move { sum + number.unwrap() }).await;
        let numbers = join_all((0..500).map(task)).await;
        sum + numbers.into_iter().map(Result::unwrap).sum::<u64>()
    });
    assert_eq!(sum, 2 * 499 * 500 / 2);
    assert_eq!(executor.tasks().len(), 0);
}

#[test]
fn a_long_chain_of_joins_needs_no_stack() {
    let executor = Executor::new();
    let length = many(100_000);
    let mut last = executor.spawn(async { 0 });
    for _ in 0..length {
        let previous = last;
        last = executor.spawn(async move { previous.await.unwrap() + 1 });
    }
    // Polled from the end of the chain, so that each of them waits.
    let reached = executor.block_on(&mut ThreadPark::new(), last).unwrap();
    assert_eq!(reached, length);
    assert_eq!(executor.tasks().len(), 0);
}

#[test]
fn a_join_is_ready_also_when_it_was_polled_for_the_first_time_then() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    stage.executor().run_until_stalled();
    assert!(matches!(stage.poll_join(&mut handle), Poll::Ready(Ok(_))));
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}
