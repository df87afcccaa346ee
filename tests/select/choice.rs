//! Which branch is polled first, and when a task gives way.

use std::cell::Cell;
use std::future::{pending, ready};
use std::rc::Rc;

use hanol::runtime::{Builder, OPERATIONS_PER_POLL, RngSeed, Runtime};
use hanol::select;
use hanol::task::{JoinSet, yield_now};

use crate::futures::{FOR_EVER, Log};

fn runtime(seed: RngSeed) -> Runtime {
    Builder::new().rng_seed(seed).build().unwrap()
}

/// Which of eight ready branches are selected, so many times.
async fn choices(count: usize) -> Vec<u32> {
    let mut choices = Vec::new();
    for _ in 0..count {
        choices.push(select! {
            _ = ready(()) => 0,
            _ = ready(()) => 1,
            _ = ready(()) => 2,
            _ = ready(()) => 3,
            _ = ready(()) => 4,
            _ = ready(()) => 5,
            _ = ready(()) => 6,
            _ = ready(()) => 7,
        });
    }
    choices
}

#[test]
fn branches_that_are_ready_are_selected_about_as_often() {
    let choices = runtime(RngSeed::from_u64(1)).block_on(choices(8_000));
    for branch in 0..8 {
        let count = choices.iter().filter(|&&choice| choice == branch).count();
        assert!((900..1_100).contains(&count), "branch {branch} was selected {count} times");
    }
}

#[test]
fn a_seed_makes_the_choices_repeatable() {
    let seed = RngSeed::from_bytes(b"a seed");
    let expected = runtime(seed).block_on(choices(40));
    assert_eq!(runtime(seed).block_on(choices(40)), expected);
    assert_ne!(runtime(RngSeed::from_bytes(b"another seed")).block_on(choices(40)), expected);

    // What runs between does not matter.
    let runtime_in_two_runs = runtime(seed);
    let mut seen = runtime_in_two_runs.block_on(choices(20));
    runtime(RngSeed::from_u64(3)).block_on(choices(5));
    tokio_test::block_on(choices(5));
    seen.extend(runtime_in_two_runs.block_on(async { hanol::spawn(choices(20)).await.unwrap() }));
    assert_eq!(seen, expected);
}

#[test]
fn without_a_seed_each_runtime_makes_other_choices() {
    let [first, second] = [(), ()].map(|()| hanol::block_on(choices(40)));
    assert_ne!(first, second);
}

#[hanol::test]
async fn from_the_first_branch_on_polls_go_round_in_the_order_of_writing() {
    let log = Log::default();
    let mut seen = [false; 3];
    while seen != [true; 3] {
        select! {
            _ = log.future("a", FOR_EVER) => {}
            _ = log.future("b", FOR_EVER) => {}
            _ = log.future("c", FOR_EVER) => {}
            _ = ready(()) => {}
        }
        let polls: Vec<_> =
            log.take().into_iter().filter_map(|event| event.strip_prefix("poll ").map(str::to_owned)).collect();
        // The branch that is ready ends each round.
        assert!("abc".ends_with(&polls.concat()), "{polls:?}");
        if let Some(first) = polls.first() {
            seen["abc".find(first.as_str()).unwrap()] = true;
        }
    }
    loop {
        select! {
            _ = ready(()), if false => {}
            _ = log.future("b", 1) => {}
            _ = log.future("c", FOR_EVER) => {}
        }
        let events = log.take();
        let round_from_c = ["poll c", "poll b"];
        if events.starts_with(&round_from_c.map(str::to_owned)) {
            break;
        }
        assert!(events.starts_with(&["poll b", "poll c"].map(str::to_owned)), "{events:?}");
    }
}

#[hanol::test]
async fn biased_polls_begin_with_the_first_branch() {
    let log = Log::default();
    for _ in 0..20 {
        select! {
            biased;
            _ = log.future("a", FOR_EVER) => {}
            _ = log.future("b", 2) => {}
            _ = log.future("c", 2) => {}
        }
        let polls = ["poll a", "poll b", "poll c"];
        log.assert([&polls[..], &polls, &["poll a", "poll b", "drop a", "drop b", "drop c"]].concat());
    }
}

/// Uses up a poll's budget, but for so many operations.
async fn leave_of_budget(operations: u32) {
    yield_now().await;
    let mut none = JoinSet::<()>::new();
    for _ in operations..OPERATIONS_PER_POLL {
        assert!(none.join_next().await.is_none());
    }
}

#[hanol::test]
async fn it_gives_way_when_the_budget_is_used_up_and_takes_nothing_from_it() {
    let turns = Rc::new(Cell::new(0));
    let other = hanol::spawn({
        let turns = Rc::clone(&turns);
        async move {
            loop {
                turns.set(turns.get() + 1);
                yield_now().await;
            }
        }
    });
    leave_of_budget(1).await;
    let before = turns.get();
    for _ in 0..2 * OPERATIONS_PER_POLL {
        select! {
            biased;
            _ = pending::<()>() => {}
            _ = ready(()) => {}
        }
    }
    assert_eq!(turns.get(), before, "one operation is left");

    leave_of_budget(0).await;
    let before = turns.get();
    let polled = Cell::new(0);
    select! {
        biased;
        _ = async { polled.set(turns.get()); pending::<()>().await } => {}
        _ = ready(()) => {}
    }
    assert_eq!((turns.get(), polled.get()), (before + 1, before + 1), "no branch was polled before");
    other.abort();
}

#[hanol::test]
async fn a_loop_over_operations_that_are_always_ready_gives_way() {
    let stop = Rc::new(Cell::new(false));
    drop(hanol::spawn({
        let stop = Rc::clone(&stop);
        async move { stop.set(true) }
    }));
    let mut none = JoinSet::<()>::new();
    let mut rounds = 0;
    while !stop.get() {
        select! {
            _ = none.join_next() => rounds += 1,
            _ = pending::<()>() => {}
        }
    }
    // The last one is done when the task goes on.
    assert_eq!(rounds, OPERATIONS_PER_POLL + 1);
}
