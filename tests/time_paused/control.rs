//! Pausing, resuming, and what either does in the wrong place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use hanol::runtime::{Builder, Runtime};
use hanol::time::{Instant, advance, pause, resume, sleep};

use crate::timing::{HOUR, millis, panic_message, runtime};

fn paused_runtime() -> Runtime {
    Builder::new().start_paused(true).build().unwrap()
}

/// Lets some of the system's time pass.
fn hold_the_thread_up() {
    let start = std::time::Instant::now();
    while start.elapsed() < millis(2) {
        thread::yield_now();
    }
}

#[hanol::test]
async fn a_paused_clock_stands_still() {
    let before = Instant::now();
    pause();
    let paused = Instant::now();
    assert!(paused >= before, "the clock went back");
    assert!(paused - before < HOUR);
    hold_the_thread_up();
    assert_eq!(Instant::now(), paused);
    assert_eq!(paused.elapsed(), Duration::ZERO);
}

#[hanol::test]
async fn whole_milliseconds_are_exact_wherever_the_clock_was_paused() {
    sleep(Duration::from_micros(1_300)).await;
    pause();
    let start = Instant::now();
    for milliseconds in [1, 63, 64, 65, 4_095, 4_096, 1_000_000] {
        let before = Instant::now();
        sleep(millis(milliseconds)).await;
        assert_eq!(before.elapsed(), millis(milliseconds));
    }
    assert_eq!(start.elapsed(), millis(1 + 63 + 64 + 65 + 4_095 + 4_096 + 1_000_000));
}

#[hanol::test(start_paused = true)]
async fn parts_of_a_millisecond_are_rounded_up() {
    let start = Instant::now();
    sleep(Duration::from_micros(1)).await;
    assert_eq!(start.elapsed(), millis(1));
    sleep(Duration::from_micros(1_001)).await;
    assert_eq!(start.elapsed(), millis(3));
    sleep(Duration::ZERO).await;
    assert_eq!(start.elapsed(), millis(3));
}

#[hanol::test(start_paused = true)]
async fn a_resumed_clock_goes_on_from_where_it_stood() {
    let start = Instant::now();
    sleep(HOUR).await;
    resume();
    let resumed = Instant::now();
    assert!(resumed >= start + HOUR);
    while Instant::now() == resumed {}
    assert!(Instant::now() > resumed, "it goes");
    sleep(millis(2)).await;
    assert!(resumed.elapsed() >= millis(2));
    assert!(resumed.elapsed() < HOUR, "a sleep takes its own time");

    pause();
    let paused = Instant::now();
    hold_the_thread_up();
    assert_eq!(Instant::now(), paused);
    sleep(HOUR).await;
    assert_eq!(paused.elapsed(), HOUR);
}

/// What was armed before goes by the clock that stands, and the other way round.
#[hanol::test]
async fn armed_timers_follow_the_clock() {
    let mut armed = sleep(HOUR);
    assert!(futures_util::poll!(&mut armed).is_pending());
    pause();
    armed.await;

    let mut soon = sleep(millis(2));
    assert!(futures_util::poll!(&mut soon).is_pending());
    resume();
    let deadline = soon.deadline();
    soon.await;
    assert!(Instant::now() >= deadline);
}

#[hanol::test(start_paused = true)]
async fn a_task_pauses_and_resumes_for_all() {
    hanol::spawn(async { resume() }).await.unwrap();
    let going = Instant::now();
    while Instant::now() == going {}
    hanol::spawn(async { pause() }).await.unwrap();
    let paused = Instant::now();
    hold_the_thread_up();
    assert_eq!(Instant::now(), paused);
}

#[hanol::test(start_paused = true)]
#[should_panic(expected = "the time cannot be paused: the clock is paused already")]
async fn a_clock_is_not_paused_twice() {
    pause();
}

#[hanol::test]
#[should_panic(expected = "the time cannot be resumed: the clock is not paused")]
async fn a_clock_that_goes_is_not_resumed() {
    resume();
}

#[hanol::test(start_paused = true)]
#[should_panic(expected = "the time cannot be resumed: the clock is not paused")]
async fn a_clock_is_not_resumed_twice() {
    resume();
    resume();
}

#[test]
fn outside_a_runtime_there_is_no_clock_to_pause() {
    assert!(panic_message(pause).starts_with("the time cannot be paused outside a hanol runtime"));
    assert!(panic_message(resume).starts_with("the time cannot be resumed outside a hanol runtime"));
    let message = panic_message(|| futures_util::FutureExt::now_or_never(advance(HOUR)));
    assert!(message.ends_with("was advanced outside a hanol runtime"), "{message}");
    let before = Instant::now();
    while Instant::now() == before {}
}

#[test]
fn the_clock_belongs_to_the_runtime() {
    let (paused, going) = (paused_runtime(), runtime());
    let stands_at = paused.block_on(async { Instant::now() });
    hold_the_thread_up();
    let outside = Instant::now();
    assert!(outside > stands_at, "outside the runtime the clock goes");
    going.block_on(async { assert!(Instant::now() >= outside) });
    paused.block_on(async {
        assert_eq!(Instant::now(), stands_at);
        sleep(HOUR).await;
    });
    assert!(Instant::now() < stands_at + HOUR);
    paused.block_on(async { assert_eq!(Instant::now(), stands_at + HOUR) });
}

#[test]
fn runtimes_that_are_entered_in_each_other_keep_their_clocks() {
    let (first, second, going) = (paused_runtime(), paused_runtime(), runtime());
    first.block_on(async { sleep(HOUR).await });
    second.block_on(async { sleep(HOUR * 2).await });
    let in_first = first.enter();
    let first_time = Instant::now();
    {
        let in_second = second.enter();
        assert!(Instant::now() > first_time + HOUR / 2);
        {
            let _in_going = going.enter();
            assert!(Instant::now() < first_time);
        }
        assert!(Instant::now() > first_time + HOUR / 2);
        drop(in_second);
    }
    assert_eq!(Instant::now(), first_time);
    drop(in_first);
    assert!(Instant::now() < first_time);
}

#[test]
fn a_runtime_is_paused_from_outside_while_it_is_entered() {
    let runtime = runtime();
    let context = runtime.enter();
    pause();
    drop(context);
    let start = runtime.block_on(async { Instant::now() });
    runtime.block_on(async { sleep(HOUR).await });
    assert_eq!(runtime.block_on(async { start.elapsed() }), HOUR);
}

#[hanol::test(start_paused = true)]
async fn a_nested_block_on_is_refused_and_changes_nothing() {
    let start = Instant::now();
    sleep(HOUR).await;
    let nested = catch_unwind(AssertUnwindSafe(|| hanol::block_on(sleep(HOUR))));
    assert!(nested.is_err());
    assert_eq!(start.elapsed(), HOUR);
    hold_the_thread_up();
    assert_eq!(start.elapsed(), HOUR);
    sleep(HOUR).await;
    assert_eq!(start.elapsed(), HOUR * 2);
}

#[test]
fn a_panic_leaves_the_context_with_its_clock() {
    let runtime = paused_runtime();
    let panicked = catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { panic!("on purpose") })));
    assert!(panicked.is_err());
    let before = Instant::now();
    while Instant::now() == before {}
    let start = runtime.block_on(async { Instant::now() });
    runtime.block_on(async { sleep(HOUR).await });
    assert_eq!(runtime.block_on(async { start.elapsed() }), HOUR);
}

#[hanol::main(start_paused = true)]
async fn main_with_a_paused_clock() -> Duration {
    let start = Instant::now();
    sleep(HOUR).await;
    start.elapsed()
}

#[test]
fn main_starts_paused() {
    assert_eq!(main_with_a_paused_clock(), HOUR);
}

#[hanol::test(start_paused = false)]
async fn a_clock_that_should_go_goes() {
    let before = Instant::now();
    while Instant::now() == before {}
}

#[test]
fn a_paused_clock_is_not_read() {
    let runtime = paused_runtime();
    runtime.block_on(async {
        for _ in 0..100 {
            sleep(HOUR).await;
        }
    });
    assert_eq!(runtime.metrics().clock_reads, 0);
    runtime.block_on(async {
        resume();
        sleep(millis(1)).await;
    });
    assert!(runtime.metrics().clock_reads > 0);
}
