//! `hanol::join!` and `hanol::try_join!`: their outputs, who is polled when, and what becomes of the futures.

#![cfg(feature = "macros")]
// What the macros expand to must not warn, whatever they are given, and is free of `unsafe`.
#![deny(warnings)]
#![forbid(unsafe_code)]

#[path = "select/futures.rs"]
mod futures;
#[path = "task_list/place.rs"]
mod place;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{IntoFuture, Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::{JoinSet, yield_now};
use hanol::time::sleep;
use hanol::{join, try_join};
use tokio::sync::oneshot;
use tokio_test::{assert_pending, assert_ready, task};

use self::futures::{FOR_EVER, Log};
use self::place::below;

const HOUR: Duration = Duration::from_secs(3600);

async fn give<T>(value: T, turns: usize) -> T {
    for _ in 0..turns {
        yield_now().await;
    }
    value
}

#[hanol::test]
async fn the_outputs_come_as_a_tuple_in_the_order_of_writing() {
    assert_eq!(join!(give(1, 2), give("two", 0), give('3', 1)), (1, "two", '3'));
    assert_eq!(join!(biased; give(1, 2), give("two", 0),), (1, "two"));
    assert_eq!(join!(ready(1)), (1,));
    assert_eq!(join!(ready(1),), (1,));
    let () = join!();
    let () = join!(biased;);
}

#[hanol::test]
async fn the_values_come_as_a_tuple_if_all_succeed() {
    let tuple = try_join!(give(Ok::<_, String>(1), 2), give(Ok("two"), 0), give(Ok('3'), 1));
    assert_eq!(tuple, Ok((1, "two", '3')));
    assert_eq!(try_join!(biased; ready(Ok::<_, ()>(1)),), Ok((1,)));
    assert_eq!(try_join!(), Ok::<(), ()>(()));
    assert_eq!(try_join!(biased;), Ok::<(), ()>(()));
}

#[hanol::test]
async fn the_first_error_ends_it() {
    let log = Log::default();
    let fail = async {
        log.future("fail", 1).await;
        Err::<Infallible, _>("failed")
    };
    let other = async {
        log.future("other", FOR_EVER).await;
        Ok(())
    };
    let result = try_join!(biased; other, fail, pending::<Result<(), _>>());
    log.add("ended");
    assert_eq!(result.map(drop), Err("failed"));
    log.assert(["poll other", "poll fail", "poll other", "poll fail", "drop fail", "drop other", "ended"]);
}

#[hanol::test]
async fn of_errors_in_the_same_poll_the_first_that_is_polled_counts() {
    assert_eq!(try_join!(ready(Err::<(), _>(1)), ready(Err::<(), _>(2))), Err(1));
    // The second poll begins with the second future, unless it is biased.
    assert_eq!(try_join!(give(Err::<(), _>(1), 1), give(Err::<(), _>(2), 1)), Err(2));
    assert_eq!(try_join!(biased; give(Err::<(), _>(1), 1), give(Err::<(), _>(2), 1)), Err(1));
}

#[hanol::test]
async fn an_error_goes_on_with_a_question_mark() {
    async fn sum(texts: [&str; 2]) -> Result<u32, Box<dyn std::error::Error>> {
        let [left, right] = texts;
        let (left, right) = try_join!(async { left.parse::<u32>() }, async { right.parse::<u32>() })?;
        Ok(left + right)
    }
    assert_eq!(sum(["1", "2"]).await.unwrap(), 3);
    assert!(sum(["1", "two"]).await.is_err());
}

#[hanol::test]
async fn the_futures_run_side_by_side() {
    let (sender, receiver) = oneshot::channel();
    let (reply, answer) = oneshot::channel();
    let (answer, ()) = join!(
        async {
            sender.send(1).unwrap();
            answer.await.unwrap()
        },
        async { reply.send(receiver.await.unwrap() + 1).unwrap() },
    );
    assert_eq!(answer, 2);
}

#[hanol::test]
async fn futures_may_borrow_what_is_around() {
    let mut text = String::from("a");
    let count = Cell::new(0);
    let ((), ()) = join!(
        async {
            count.set(count.get() + 1);
            yield_now().await;
            text.push('b');
        },
        async { count.set(count.get() + 1) },
    );
    assert_eq!((text.as_str(), count.get()), ("ab", 2));
}

#[hanol::test]
async fn the_expressions_may_await_and_return_and_keep_their_temporaries() {
    async fn outer(early: Option<u32>) -> Option<(u32, usize)> {
        let (first, second) = join!(ready(early?), {
            give((), 1).await;
            give(2, 1)
        });
        let (length, whole) = join!(&mut Box::pin(async { "text".len() }), give(first + second, 1));
        Some((whole, length))
    }
    assert_eq!(outer(None).await, None);
    assert_eq!(outer(Some(1)).await, Some((3, 4)));
}

#[hanol::test]
async fn a_branch_takes_whatever_turns_into_a_future() {
    struct Seven;
    impl IntoFuture for Seven {
        type Output = Result<u32, ()>;
        type IntoFuture = Ready<Self::Output>;
        fn into_future(self) -> Self::IntoFuture {
            ready(Ok(7))
        }
    }
    assert_eq!(join!(Seven, give(1, 1)), (Ok(7), 1));
    assert_eq!(try_join!(Seven, give(Ok(1), 1)), Ok((7, 1)));
}

#[hanol::test]
async fn outputs_that_cannot_be_made_give_no_warning() {
    async fn never() -> Infallible {
        pending().await
    }
    if hanol::time::timeout(Duration::from_millis(1), async { join!(never(), ready(1)) }).await.is_ok() {
        panic!("it cannot be done");
    }
    let result = try_join!(async { Ok::<_, Infallible>(1) }, ready(Ok(2)));
    assert_eq!(result, Ok((1, 2)));
    let result = try_join!(async { Err::<Infallible, _>(1) }, ready(Ok(2)));
    assert!(matches!(result, Err(1)));
}

#[test]
fn each_poll_begins_with_another_future() {
    let log = Log::default();
    let mut join = task::spawn(async { join!(log.future("a", 9), log.future("b", 9), log.future("c", 9)) });
    for expected in ["abc", "bca", "cab", "abc"] {
        assert_pending!(join.poll());
        let polls: String = log.take().iter().filter_map(|event| event.strip_prefix("poll ")).collect();
        assert_eq!(polls, expected);
    }
}

#[test]
fn biased_polls_begin_with_the_first_future() {
    let log = Log::default();
    let mut join = task::spawn(async { join!(biased; log.future("a", 9), log.future("b", 9), log.future("c", 9)) });
    for _ in 0..4 {
        assert_pending!(join.poll());
        log.assert(["poll a", "poll b", "poll c"]);
    }
}

#[test]
fn a_future_that_is_done_is_dropped_at_once_and_not_polled_again() {
    let log = Log::default();
    let mut join = task::spawn(async { join!(biased; log.future("a", 1), log.future("b", 0), log.future("c", 2)) });
    assert_pending!(join.poll());
    log.assert(["poll a", "poll b", "drop b", "poll c"]);
    assert_pending!(join.poll());
    log.assert(["poll a", "drop a", "poll c"]);
    assert_eq!(assert_ready!(join.poll()), ("a", "b", "c"));
    log.assert(["poll c", "drop c"]);
}

#[test]
fn dropping_it_half_way_drops_futures_and_outputs() {
    let log = Log::default();
    let mut join = task::spawn(async {
        join!(biased; log.future("a", FOR_EVER), async { log.value("b") }, log.future("c", FOR_EVER));
    });
    assert_pending!(join.poll());
    log.assert(["poll a", "poll c"]);
    drop(join);
    log.assert(["drop a", "drop b", "drop c"]);

    let mut join = task::spawn(async {
        let kept = async { Ok::<_, ()>(log.value("b")) };
        let fails = async { log.future("a", 1).await.parse::<u32>().map_err(drop) };
        try_join!(biased; kept, fails).map(drop)
    });
    assert_pending!(join.poll());
    log.assert(["poll a"]);
    assert_eq!(assert_ready!(join.poll()), Err(()));
    log.assert(["poll a", "drop a", "drop b"]);
}

#[test]
fn a_future_that_panics_takes_the_others_with_it() {
    let log = Log::default();
    let mut join = task::spawn(async {
        join!(biased; log.future("a", FOR_EVER), async { assert!(log.take().is_empty(), "polled") }, log.future("c", 0));
    });
    catch_unwind(AssertUnwindSafe(|| assert_pending!(join.poll()))).unwrap_err();
    log.assert(["drop a", "drop c"]);
}

#[test]
fn a_wake_of_any_future_wakes_the_task() {
    let (first, first_receiver) = oneshot::channel();
    let (second, second_receiver) = oneshot::channel();
    let mut join = task::spawn(async { join!(first_receiver, second_receiver) });
    assert_pending!(join.poll());
    assert!(!join.is_woken());
    second.send(2).unwrap();
    assert!(join.is_woken());
    assert_pending!(join.poll());
    first.send(1).unwrap();
    assert!(join.is_woken());
    assert_eq!(assert_ready!(join.poll()), (Ok(1), Ok(2)));
}

/// Does operations that are always ready, for ever.
async fn greedy(operations: &Cell<u32>) {
    let mut none = JoinSet::<()>::new();
    loop {
        none.join_next().await;
        operations.set(operations.get() + 1);
    }
}

#[hanol::test]
async fn a_future_that_uses_up_the_budget_does_not_keep_the_others_from_it() {
    let operations = [const { Cell::new(0_u32) }; 3];
    let [first, second, third] = &operations;
    let turns = async {
        for _ in 0..30 {
            yield_now().await;
        }
        assert_eq!(operations.each_ref().map(|cell| cell.get().div_ceil(OPERATIONS_PER_POLL)), [10; 3]);
    };
    hanol::select! {
        biased;
        () = turns => {}
        _ = async { join!(greedy(first), greedy(second), greedy(third)) } => {}
    }
}

#[hanol::test]
async fn the_first_future_that_waits_is_listed_whichever_is_polled_first() {
    let places = Rc::new(RefCell::new(Vec::new()));
    let join = {
        let places = Rc::clone(&places);
        async move {
            places.borrow_mut().push(below("sleep("));
            let second = sleep(HOUR);
            let always_ready = async {
                while !places.borrow().is_empty() {
                    yield_now().await;
                }
            };
            join!(give((), 1), pending::<()>(), second, sleep(HOUR), always_ready);
        }
    };
    let task = hanol::spawn(join);
    yield_now().await;
    for turn in 0..20 {
        let info = Handle::current().tasks().into_iter().find(|info| info.id == task.id()).unwrap();
        let waiting = info.waiting.unwrap();
        if turn == 0 {
            assert_eq!(waiting.operation, "yield", "the first is not done yet");
        } else {
            assert_eq!((waiting.operation, &waiting.location.to_string()), ("sleep", &places.borrow()[0]));
        }
        yield_now().await;
    }

    let silent = hanol::spawn({
        let places = Rc::clone(&places);
        async move {
            places.borrow_mut().push(below("try_join!"));
            try_join!(pending::<Result<(), ()>>(), pending::<Result<(), ()>>()).map(drop)
        }
    });
    yield_now().await;
    let info = Handle::current().tasks().into_iter().find(|info| info.id == silent.id()).unwrap();
    let waiting = info.waiting.unwrap();
    assert_eq!((waiting.operation, &waiting.location.to_string()), ("join!", &places.borrow()[1]));
}

#[hanol::test]
async fn it_takes_sixty_four_futures() {
    let sum = Cell::new(0);
    macro_rules! add {
        ($($number:literal)*) => {
            join!($(async { give((), $number % 5).await; sum.set(sum.get() + $number) }),*)
        };
    }
    add! {
        1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    };
    assert_eq!(sum.get(), 64 * 65 / 2);
}

#[test]
fn it_works_without_any_runtime() {
    assert_eq!(tokio_test::block_on(async { join!(give(1, 2), give(2, 1)) }), (1, 2));
    assert_eq!(tokio_test::block_on(async { try_join!(give(Err::<(), _>(1), 2), pending::<Result<(), _>>()) }), Err(1));
}

#[test]
fn a_waiting_join_holds_its_futures_and_little_else() {
    let join = async {
        let bytes = [1_u8; 1000];
        let first = async move {
            yield_now().await;
            bytes.len()
        };
        join!(first, async { 2 })
    };
    // The array before it is in its future, and in it; a pin for each, and the state.
    assert!(size_of_val(&join) < 2 * 1000 + 128, "{}", size_of_val(&join));
}
