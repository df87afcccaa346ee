//! Rules 8 and 9: the loop never sleeps with ready tasks and never spins without any, and every turn of it is bounded.

mod util;

use std::cell::{Cell, RefCell};
use std::future::{poll_fn, ready};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use hanol_executor::budget::{self, OPERATIONS_PER_POLL};
use hanol_executor::{Config, Executor, JoinSet, TaskState, ThreadPark, Wait, WaitKind, spawn, yield_now};

use self::util::{Probe, ScriptPark, finishes_at, many, waits};

/// The behaviour of a task that always wakes itself.
fn busy(cx: &mut Context<'_>) -> Poll<()> {
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Awaits one leaf operation that is always ready.
async fn operation() {
    let here = Location::caller();
    poll_fn(|cx| budget::poll_proceed(cx, here)).await;
}

/// How often the future of `block_on` was polled, this poll included.
fn polls_of_main(executor: &Executor) -> u32 {
    executor.tasks()[0].polls
}

/// The largest number of polls between two looks for events, among busy tasks.
fn polls_between_parks(executor: &Executor, tasks: usize, turns: usize) -> usize {
    let probe = Probe::new(executor);
    for _ in 0..tasks {
        drop(executor.spawn(probe.future(busy)));
    }
    let longest = Rc::new(Cell::new(0));
    let (seen, measured, mut last) = (Rc::clone(&longest), probe.clone(), 0);
    let mut park = ScriptPark::new().at_each(move |wait| {
        assert_eq!(wait, Wait::Poll, "the loop sleeps although tasks are ready");
        seen.set(seen.get().max(measured.polls() - last));
        last = measured.polls();
    });
    executor.block_on(&mut park, async {
        while probe.polls() < turns * tasks {
            yield_now().await;
        }
    });
    longest.get()
}

#[test]
fn a_turn_has_at_most_so_many_polls_as_configured() {
    for polls_per_turn in [1, 2, 7, 8, 100] {
        let executor = Executor::with_config(Config { polls_per_turn, ..Config::default() });
        let longest = polls_between_parks(&executor, 20, 20);
        assert!(longest <= polls_per_turn as usize, "{longest} polls in a turn of {polls_per_turn}");
    }
}

#[test]
fn a_turn_has_128_polls_by_default() {
    assert_eq!(Config::default().polls_per_turn, 128);
    let longest = polls_between_parks(&Executor::new(), 1000, 3);
    assert_eq!(longest, 128);
}

#[test]
fn a_single_busy_task_does_not_keep_the_loop_from_looking_for_events() {
    let longest = polls_between_parks(&Executor::new(), 1, 1000);
    assert!(longest <= 128, "{longest} polls in a turn");
}

#[test]
fn an_event_among_busy_tasks_waits_for_its_turn_in_the_queue_and_no_longer() {
    const BUSY: usize = 50;
    let executor = Executor::with_config(Config { polls_per_turn: 8, ..Config::default() });
    let busy_ones = Probe::new(&executor);
    for _ in 0..BUSY {
        drop(executor.spawn(busy_ones.future(busy)));
    }
    let waiting = Probe::new(&executor);
    let task = executor.spawn(waiting.future(finishes_at(2)));
    let (event, count, woken_at) = (waiting.clone(), busy_ones.clone(), Rc::new(Cell::new(None)));
    let at = Rc::clone(&woken_at);
    let mut park = ScriptPark::new().at_each(move |_| {
        if event.polls() == 1 && at.get().is_none() {
            event.waker().wake();
            at.set(Some(count.polls()));
        }
    });
    let polled_at = executor.block_on(&mut park, async {
        drop(task.await);
        busy_ones.polls()
    });
    // The task, and then the future of `block_on` that joins it, each stand behind the others that are ready.
    let waited = polled_at - woken_at.get().unwrap();
    assert!(waited <= 2 * BUSY, "other tasks were polled {waited} times before");
}

#[test]
fn a_wake_from_another_thread_is_seen_within_a_turn() {
    let executor = Executor::with_config(Config { polls_per_turn: 8, ..Config::default() });
    let busy_one = Probe::new(&executor);
    let waiting = Probe::new(&executor);
    drop(executor.spawn(waiting.future(waits)));
    let (woken, polls) = (Rc::new(Cell::new(None)), Rc::new(Cell::new(None)));
    let (woken_at, polled_at, other) = (Rc::clone(&woken), Rc::clone(&polls), waiting.clone());
    let mut count = 0;
    let task = busy_one.future(move |cx| {
        count += 1;
        if count == 3 {
            let waker = other.waker();
            thread::spawn(move || waker.wake()).join().unwrap();
            woken_at.set(Some(count));
        }
        if other.polls() == 2 {
            polled_at.set(Some(count));
            return Poll::Ready(());
        }
        busy(cx)
    });
    drop(executor.block_on(&mut ScriptPark::new(), task).fetched());
    let waited = polls.get().unwrap() - woken.get().unwrap();
    assert!(waited <= 8 + 1, "it took {waited} polls");
}

#[test]
fn the_future_of_block_on_is_polled_only_when_it_was_woken() {
    let executor = Executor::new();
    let main = Probe::new(&executor);
    let others = executor.spawn(async {
        let mut set: JoinSet<()> = (0..100)
            .map(|_| async {
                for _ in 0..100 {
                    yield_now().await;
                }
            })
            .collect();
        while set.join_next().await.is_some() {}
    });
    let waker = main.clone();
    let mut park = ScriptPark::new().then(|| ()).then(|| ()).then(move || waker.waker().wake());
    drop(executor.block_on(&mut park, main.future(finishes_at(2))).fetched());
    assert!(others.is_finished());
    assert_eq!((main.polls(), park.blocks()), (2, 3));
}

#[test]
fn a_park_that_returns_early_costs_no_poll() {
    let executor = Executor::new();
    let main = Probe::new(&executor);
    let waker = main.clone();
    let mut park = (0..100).fold(ScriptPark::new(), |park, _| park.then(|| ()));
    park = park.then(move || waker.waker().wake());
    drop(executor.block_on(&mut park, main.future(finishes_at(2))).fetched());
    assert_eq!((main.polls(), park.blocks(), park.polls()), (2, 101, 0));
}

#[test]
fn a_loop_without_work_blocks_once_for_each_event() {
    let executor = Executor::new();
    let main = Probe::new(&executor);
    let events = 1000;
    let park = (0..events).fold(ScriptPark::new(), |park, _| {
        let waker = main.clone();
        park.then(move || waker.waker().wake())
    });
    let mut park = park;
    drop(executor.block_on(&mut park, main.future(finishes_at(events + 1))).fetched());
    assert_eq!((main.polls(), park.blocks(), park.polls()), (events + 1, events, 0));
}

#[test]
fn a_future_that_is_ready_at_once_neither_parks_nor_waits() {
    let executor = Executor::new();
    let mut park = ScriptPark::new();
    executor.block_on(&mut park, ready(()));
    executor.run(&mut park);
    assert_eq!((park.blocks(), park.polls()), (0, 0));
}

/// A small generator of numbers, so that a failed test fails again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn the_loop_never_sleeps_while_a_task_is_ready_whatever_the_tasks_do() {
    for seed in 0..many(200) as u64 {
        let mut numbers = Numbers(seed);
        let executor = Rc::new(Executor::with_config(Config {
            polls_per_turn: 1 + numbers.below(10) as u32,
            ..Config::default()
        }));
        let waiting: Rc<RefCell<Vec<Waker>>> = Rc::default();
        for _ in 0..20 {
            let (waiting, mut numbers) = (Rc::clone(&waiting), Numbers(numbers.0 ^ numbers.below(1 << 30)));
            drop(executor.spawn(poll_fn(move |cx| match numbers.below(20) {
                0 => Poll::Ready(()),
                1..10 => busy(cx),
                _ => {
                    waiting.borrow_mut().push(cx.waker().clone());
                    Poll::Pending
                }
            })));
        }
        let of_park = Rc::clone(&executor);
        let mut park = ScriptPark::new();
        for _ in 0..10_000 {
            let waiting = Rc::clone(&waiting);
            park = park.then(move || {
                let waker = waiting.borrow_mut().pop().expect("the loop sleeps and nobody waits");
                waker.wake();
            });
        }
        let mut park = park.at_each(move |wait| {
            let is_ready = of_park.tasks().iter().any(|task| task.state == TaskState::Ready);
            assert_eq!(
                is_ready,
                wait == Wait::Poll,
                "a look for events is for when tasks are ready, a sleep for when not"
            );
        });
        executor.run(&mut park);
        assert_eq!(executor.tasks().len(), 0);
    }
}

#[test]
fn a_task_that_is_always_ready_gives_way_after_128_operations() {
    let executor = Executor::new();
    let operations = Rc::new(Cell::new(0));
    let counted = Rc::clone(&operations);
    let seen = executor.block_on(&mut ScriptPark::new(), async move {
        let greedy = spawn(async move {
            loop {
                operation().await;
                counted.set(counted.get() + 1);
            }
        });
        let mut seen = Vec::new();
        for _ in 0..4 {
            yield_now().await;
            seen.push(operations.get());
        }
        greedy.abort();
        seen
    });
    assert_eq!(seen, [128, 256, 384, 512]);
    assert_eq!(OPERATIONS_PER_POLL, 128);
}

#[test]
fn the_future_of_block_on_has_the_same_budget() {
    let executor = Executor::new();
    let polls = executor.block_on(&mut ScriptPark::new(), async {
        for _ in 0..10 * OPERATIONS_PER_POLL {
            operation().await;
        }
        polls_of_main(&executor)
    });
    assert_eq!(polls, 10);
}

#[test]
fn an_operation_that_was_given_back_is_not_counted() {
    let executor = Executor::new();
    executor.block_on(
        &mut ScriptPark::new(),
        poll_fn(|cx| {
            for _ in 0..10 * OPERATIONS_PER_POLL {
                assert!(budget::poll_proceed(cx, Location::caller()).is_ready());
                budget::give_back();
            }
            for _ in 0..OPERATIONS_PER_POLL {
                assert!(budget::poll_proceed(cx, Location::caller()).is_ready());
            }
            assert!(budget::poll_proceed(cx, Location::caller()).is_pending());
            Poll::Ready(())
        }),
    );
}

#[test]
fn giving_back_more_than_was_taken_does_not_raise_the_budget() {
    let executor = Executor::new();
    let operations = executor.block_on(
        &mut ScriptPark::new(),
        poll_fn(|cx| {
            (0..1000).for_each(|_| budget::give_back());
            let here = Location::caller();
            Poll::Ready((0..10_000).take_while(|_| budget::poll_proceed(cx, here).is_ready()).count())
        }),
    );
    assert_eq!(operations, OPERATIONS_PER_POLL as usize);
}

#[test]
fn a_task_without_budget_is_ready_and_says_so() {
    let executor = Executor::new();
    let task = executor.spawn(async {
        loop {
            operation().await;
        }
    });
    assert!(executor.try_run_one());
    let info = executor.tasks().into_iter().find(|info| info.id == task.id()).unwrap();
    assert_eq!(info.state, TaskState::Ready);
    assert_eq!(info.waits_for.map(|record| record.kind), Some(WaitKind::BUDGET));
    assert_eq!(info.polls, 1);
}

#[test]
fn there_is_no_budget_outside_of_a_run() {
    let operations_here = || {
        let cx = &mut Context::from_waker(Waker::noop());
        (0..1000).take_while(|_| budget::poll_proceed(cx, Location::caller()).is_ready()).count()
    };
    assert_eq!(operations_here(), 1000);
    let executor = Executor::new();
    executor.block_on(&mut ThreadPark::new(), async {
        for _ in 0..100 {
            operation().await;
        }
    });
    assert_eq!(operations_here(), 1000);
    drop(executor.spawn(operation()));
    executor.run_until_stalled();
    assert_eq!(operations_here(), 1000);
}

#[test]
fn joining_finished_tasks_is_an_operation_too() {
    let executor = Executor::new();
    let handles: Vec<_> = (0..1000).map(|_| executor.spawn(ready(()))).collect();
    let mut set: JoinSet<()> = JoinSet::new();
    for _ in 0..1000 {
        set.insert(executor.spawn(ready(())));
    }
    executor.run_until_stalled();

    let polls = executor.block_on(&mut ScriptPark::new(), async {
        for handle in handles {
            handle.await.unwrap();
        }
        let by_handles = polls_of_main(&executor);
        while set.join_next().await.is_some() {}
        (by_handles, polls_of_main(&executor))
    });
    assert_eq!(polls, (1000_u32.div_ceil(OPERATIONS_PER_POLL), 2001_u32.div_ceil(OPERATIONS_PER_POLL)));
}

#[test]
fn waiting_for_tasks_costs_no_budget() {
    let executor = Executor::new();
    let mut handles: Vec<_> = (0..1000).map(|_| executor.spawn(std::future::pending::<()>())).collect();
    executor.block_on(
        &mut ScriptPark::new(),
        poll_fn(|cx| {
            for handle in &mut handles {
                assert!(std::pin::Pin::new(handle).poll(cx).is_pending());
            }
            assert!(budget::poll_proceed(cx, Location::caller()).is_ready());
            Poll::Ready(())
        }),
    );
}
