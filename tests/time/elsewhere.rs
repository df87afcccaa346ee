//! A sleep is a number: it may be polled and dropped in other runtimes and on other threads.

use std::thread;

use futures_util::poll;
use hanol::runtime::Runtime;
use hanol::time::{Instant, Sleep, sleep, timeout};

use crate::timing::{HOUR, millis, runtime, take_mail};

/// A sleep that has its timer in this runtime.
fn armed_in(runtime: &Runtime, mut sleep: Sleep) -> Sleep {
    let before = runtime.metrics().timers;
    runtime.block_on(async { assert!(poll!(&mut sleep).is_pending()) });
    assert_eq!(runtime.metrics().timers, before + 1);
    sleep
}

fn assert_goes_on_here(sleep: Sleep) {
    let deadline = sleep.deadline();
    hanol::block_on(sleep);
    assert!(Instant::now() >= deadline);
}

#[test]
fn a_sleep_goes_on_in_another_runtime_of_the_thread() {
    let first = runtime();
    let sleep = armed_in(&first, sleep(millis(20)));
    assert_goes_on_here(sleep);
    take_mail(&first);
    assert_eq!(first.metrics().timers, 0, "the timer that was left behind is disarmed");
}

#[test]
fn a_sleep_goes_on_in_another_thread() {
    let first = runtime();
    let sleep = armed_in(&first, sleep(millis(20)));
    thread::spawn(|| assert_goes_on_here(sleep)).join().unwrap();
    take_mail(&first);
    assert_eq!(first.metrics().timers, 0, "the timer that was left behind is disarmed");
}

#[test]
fn a_sleep_outlives_its_runtime() {
    let first = runtime();
    let sleep = armed_in(&first, sleep(millis(20)));
    drop(first);
    assert_goes_on_here(sleep);
}

#[test]
fn a_sleep_goes_back_and_forth() {
    let (first, second) = (runtime(), runtime());
    let mut sleep = sleep(millis(30));
    let deadline = sleep.deadline();
    for _ in 0..5 {
        for (here, there) in [(&first, &second), (&second, &first)] {
            here.block_on(async {
                // It may have ended by now, and then it stays at its end.
                let _ = poll!(&mut sleep);
            });
            take_mail(there);
            assert_eq!(there.metrics().timers, 0);
        }
    }
    first.block_on(sleep);
    assert!(Instant::now() >= deadline);
    take_mail(&second);
    assert_eq!((first.metrics().timers, second.metrics().timers), (0, 0));
}

#[test]
fn a_sleep_that_is_dropped_on_another_thread_is_disarmed() {
    let runtime = runtime();
    let sleep = armed_in(&runtime, sleep(HOUR));
    thread::spawn(|| drop(sleep)).join().unwrap();
    take_mail(&runtime);
    assert_eq!(runtime.metrics().timers, 0);
}

#[test]
fn a_sleep_that_is_dropped_outside_of_its_runtime_is_disarmed() {
    let runtime = runtime();
    drop(armed_in(&runtime, sleep(HOUR)));
    take_mail(&runtime);
    assert_eq!(runtime.metrics().timers, 0);
}

#[test]
fn a_sleep_that_is_dropped_after_its_runtime_is_harmless() {
    let runtime = runtime();
    let first = armed_in(&runtime, sleep(HOUR));
    let second = armed_in(&runtime, sleep(HOUR));
    drop(runtime);
    // The number of a runtime's place may be taken again, the runtime's own number not so soon.
    let successors: Vec<_> = (0..100).map(|_| crate::timing::runtime()).collect();
    let armed: Vec<_> = successors.iter().map(|successor| armed_in(successor, sleep(HOUR))).collect();
    drop(first);
    thread::spawn(|| drop(second)).join().unwrap();
    for successor in &successors {
        take_mail(successor);
        assert_eq!(successor.metrics().timers, 1, "a stranger disarmed a timer");
    }
    drop(armed);
}

#[test]
fn a_sleep_that_is_moved_on_another_thread_goes_on_at_home() {
    let runtime = runtime();
    let mut sleep = armed_in(&runtime, sleep(HOUR));
    let sleep = thread::spawn(move || {
        sleep.reset(Instant::now() + millis(10));
        sleep
    });
    let sleep = sleep.join().unwrap();
    let deadline = sleep.deadline();
    runtime.block_on(sleep);
    assert!(Instant::now() >= deadline);
    take_mail(&runtime);
    assert_eq!(runtime.metrics().timers, 0);
}

#[test]
fn a_limit_goes_on_in_another_thread() {
    let runtime = runtime();
    let mut limited = Box::pin(timeout(millis(20), std::future::pending::<()>()));
    runtime.block_on(async { assert!(poll!(&mut limited).is_pending()) });
    let result = thread::spawn(|| hanol::block_on(limited)).join().unwrap();
    assert!(result.is_err());
    take_mail(&runtime);
    assert_eq!(runtime.metrics().timers, 0);
}
