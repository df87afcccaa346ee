//! Sleeping: for how long, in which order, and what is left of a sleep that was dropped.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::poll;
use futures_util::stream::FuturesUnordered;
use hanol::task::{JoinHandle, yield_now};
use hanol::time::{Instant, sleep, sleep_until};

use crate::timing::{HOUR, Random, millis, runtime};

/// Sleeps, by the system's own clock.
async fn sleep_and_check(duration: Duration) {
    let start = std::time::Instant::now();
    sleep(duration).await;
    let slept = start.elapsed();
    assert!(slept >= duration, "slept {slept:?} instead of {duration:?}");
}

#[hanol::test]
async fn no_sleep_in_a_task_of_its_own_ends_early() {
    let mut random = Random(1);
    let tasks: Vec<_> = (0..1000).map(|_| hanol::spawn(sleep_and_check(random.duration(millis(100))))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[hanol::test]
async fn no_sleep_beside_others_in_one_task_ends_early() {
    let mut random = Random(2);
    join_all((0..1000).map(|_| sleep_and_check(random.duration(millis(100))))).await;
}

#[hanol::test]
async fn no_short_sleep_ends_early() {
    let mut random = Random(3);
    for _ in 0..300 {
        sleep_and_check(random.duration(millis(3))).await;
    }
}

#[hanol::test]
async fn no_sleep_of_a_round_number_ends_early() {
    for nanos in [0, 1, 1_000, 999_999, 1_000_000, 1_000_001, 2_000_000, 63_000_000, 64_000_000, 65_000_000] {
        sleep_and_check(Duration::from_nanos(nanos)).await;
    }
}

#[hanol::test]
async fn a_sleep_counts_from_the_call_and_not_from_the_first_poll() {
    let sleep = sleep(millis(5));
    let deadline = sleep.deadline();
    std::thread::sleep(millis(10));
    assert!(Instant::now() > deadline);
    sleep.await;
}

#[hanol::test]
async fn a_deadline_that_has_passed_is_over_with_the_next_turn() {
    let now = Instant::now();
    let mut past = vec![now];
    past.extend([Duration::from_nanos(1), millis(1), HOUR].iter().filter_map(|ago| now.checked_sub(*ago)));
    for deadline in past {
        let mut sleep = sleep_until(deadline);
        assert_eq!(sleep.deadline(), deadline);
        assert!(!sleep.is_elapsed(), "a sleep that was not polled has not ended");
        (&mut sleep).await;
        assert!(sleep.is_elapsed());
        // Once it has ended, that does not change.
        (&mut sleep).await;
    }
}

#[hanol::test]
async fn equal_deadlines_fire_in_the_order_in_which_they_were_armed() {
    const COUNT: usize = 1000;
    let order = Rc::new(RefCell::new(Vec::new()));
    let deadline = Instant::now() + millis(150);
    let mut tasks = Vec::new();
    for number in 0..COUNT {
        let order = Rc::clone(&order);
        tasks.push(hanol::spawn(async move {
            sleep_until(deadline).await;
            order.borrow_mut().push(number);
        }));
        if number % 100 == 0 {
            // Time goes on, so the first ones have moved within the wheel when the last ones are armed.
            sleep(millis(5)).await;
        }
    }
    yield_now().await;
    // Those that are disarmed leave no trace in the order of the others.
    tasks.iter().step_by(7).for_each(JoinHandle::abort);
    for task in tasks {
        let _ = task.await;
    }
    let order = order.take();
    assert!(order.len() >= COUNT - COUNT.div_ceil(7));
    assert!(order.is_sorted(), "{order:?}");
}

#[hanol::test]
async fn deadlines_in_one_task_fire_in_their_order() {
    let now = Instant::now();
    let sleeps = [30, 10, 50, 20, 40].map(|after| async move {
        sleep_until(now + millis(after)).await;
        after
    });
    let order: Vec<_> = FuturesUnordered::from_iter(sleeps).collect().await;
    assert_eq!(order, [10, 20, 30, 40, 50]);
}

#[test]
fn a_sleep_is_armed_by_its_first_poll_and_disarmed_when_it_is_dropped() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut sleeps: Vec<_> = (0..100).map(|_| sleep(HOUR)).collect();
        assert_eq!(runtime.metrics().timers, 0);
        for sleep in &mut sleeps {
            assert!(poll!(&mut *sleep).is_pending());
            assert!(poll!(&mut *sleep).is_pending());
        }
        assert_eq!(runtime.metrics().timers, 100);
        sleeps.truncate(40);
        assert_eq!(runtime.metrics().timers, 40);
        drop(sleeps);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[test]
fn a_sleep_that_has_ended_holds_no_timer() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut sleep = sleep(millis(1));
        (&mut sleep).await;
        assert_eq!(runtime.metrics().timers, 0);
        drop(sleep);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[test]
fn an_aborted_task_takes_its_timers_along() {
    let runtime = runtime();
    runtime.block_on(async {
        let task = hanol::spawn(async { join_all([sleep(HOUR), sleep(HOUR), sleep(HOUR)]).await });
        yield_now().await;
        assert_eq!(runtime.metrics().timers, 3);
        task.abort();
        assert_eq!(runtime.metrics().timers, 0);
    });
}
