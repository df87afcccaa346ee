//! Moving the end of a sleep.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::poll;
use hanol::time::{Instant, sleep, sleep_until};

use crate::timing::{HOUR, Random, in_own_process, millis, resident_memory, runtime};

#[hanol::test]
async fn a_sleep_that_is_moved_forward_ends_sooner() {
    let mut sleep = sleep(HOUR);
    assert!(poll!(&mut sleep).is_pending());
    let deadline = Instant::now() + millis(5);
    sleep.reset(deadline);
    assert_eq!(sleep.deadline(), deadline);
    (&mut sleep).await;
    assert!(Instant::now() >= deadline);
    assert!(sleep.is_elapsed());
}

#[hanol::test]
async fn a_sleep_that_is_put_off_ends_later() {
    let mut sleep = sleep(millis(2));
    assert!(poll!(&mut sleep).is_pending());
    let deadline = Instant::now() + millis(30);
    sleep.reset(deadline);
    sleep.await;
    assert!(Instant::now() >= deadline);
}

#[hanol::test]
async fn a_sleep_that_was_not_polled_can_be_moved() {
    let mut sleep = sleep(HOUR);
    let deadline = Instant::now() + millis(5);
    sleep.reset(deadline);
    sleep.await;
    assert!(Instant::now() >= deadline);
}

#[hanol::test]
async fn a_sleep_that_has_ended_can_be_used_again() {
    let mut sleep = sleep(millis(1));
    for _ in 0..5 {
        (&mut sleep).await;
        assert!(sleep.is_elapsed());
        let deadline = Instant::now() + millis(3);
        sleep.reset(deadline);
        assert!(!sleep.is_elapsed());
        (&mut sleep).await;
        assert!(Instant::now() >= deadline);
    }
}

#[hanol::test]
async fn a_sleep_that_has_fired_unseen_can_be_put_off() {
    let mut late = sleep(millis(1));
    assert!(poll!(&mut late).is_pending());
    sleep(millis(5)).await;
    // Its timer has fired, but it was not polled since.
    let deadline = Instant::now() + millis(20);
    late.reset(deadline);
    assert!(poll!(&mut late).is_pending());
    late.await;
    assert!(Instant::now() >= deadline);
}

#[hanol::test]
async fn a_sleep_can_be_moved_to_the_past() {
    let mut sleep = sleep(HOUR);
    assert!(poll!(&mut sleep).is_pending());
    sleep.reset(Instant::now());
    sleep.await;
}

#[hanol::test]
async fn a_task_sleeps_while_others_move_its_end() {
    let shared = Rc::new(RefCell::new(sleep(HOUR)));
    let sleeper = hanol::spawn({
        let shared = Rc::clone(&shared);
        async move { poll_fn(|cx| Pin::new(&mut *shared.borrow_mut()).poll(cx)).await }
    });
    hanol::task::yield_now().await;
    for after in [60, 10, 40, 20] {
        shared.borrow_mut().reset(Instant::now() + millis(after));
        sleep(millis(2)).await;
    }
    let deadline = shared.borrow().deadline();
    sleeper.await.unwrap();
    assert!(Instant::now() >= deadline);
}

#[hanol::test]
async fn random_moves_never_make_a_sleep_early() {
    let mut random = Random(4);
    let tasks: Vec<_> = (0..300)
        .map(|_| {
            let steps: Vec<_> = (0..4).map(|_| [random.duration(millis(60)), random.duration(millis(20))]).collect();
            hanol::spawn(async move {
                let mut moved = sleep(HOUR);
                for [after, pause] in steps {
                    moved.reset(Instant::now() + after);
                    if poll!(&mut moved).is_pending() {
                        sleep(pause).await;
                    }
                }
                let deadline = moved.deadline();
                moved.await;
                assert!(Instant::now() >= deadline);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Nothing piles up, neither here nor for timers that are armed and dropped.
#[test]
fn a_million_resets_take_no_memory() {
    in_own_process("reset::a_million_resets_take_no_memory", || {
        const TIMES: u64 = 1_000_000;
        let runtime = runtime();
        runtime.block_on(async {
            let mut moved = sleep(HOUR);
            assert!(poll!(&mut moved).is_pending());
            let now = Instant::now();
            let before = resident_memory();
            let mut random = Random(5);
            for time in 1..=TIMES {
                moved.reset(match time % 3 {
                    0 => now + HOUR + millis(time),
                    1 => now + HOUR - millis(time),
                    _ => now + HOUR + random.duration(HOUR),
                });
            }
            assert_eq!(runtime.metrics().timers, 1);
            for _ in 0..TIMES {
                let mut sleep = sleep_until(now + random.duration(HOUR));
                assert!(poll!(&mut sleep).is_pending());
            }
            assert_eq!(runtime.metrics().timers, 1);
            drop(moved);
            assert_eq!(runtime.metrics().timers, 0);
            if let Some((before, after)) = before.zip(resident_memory()) {
                // One byte for each of them would be more.
                assert!(after < before + TIMES as usize, "{before} bytes have become {after}");
            }
        });
    });
}
