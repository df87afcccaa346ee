//! Ticks. Where ticks have to be late, the test holds the thread up.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use futures_util::poll;
use hanol::task::yield_now;
use hanol::time::{Instant, Interval, MissedTickBehavior, interval, interval_at, timeout};

use crate::timing::{HOUR, millis, panic_message, runtime};

const PERIOD: Duration = Duration::from_millis(20);

/// Waits for a tick, which is not early.
async fn tick(interval: &mut Interval) -> Instant {
    let tick = interval.tick().await;
    assert!(Instant::now() >= tick, "the tick came early");
    tick
}

/// The ticks of an interval whose second one is more than two periods late, from the start of the interval, and the moment
/// before the late one was fetched.
async fn ticks_after_a_delay(behavior: MissedTickBehavior, count: usize) -> (Instant, Instant, Vec<Instant>) {
    let mut interval = interval(PERIOD);
    interval.set_missed_tick_behavior(behavior);
    assert_eq!(interval.missed_tick_behavior(), behavior);
    let start = tick(&mut interval).await;
    thread::sleep(PERIOD * 3 + PERIOD / 2);
    let delayed_until = Instant::now();
    let mut ticks = Vec::new();
    for _ in 0..count {
        ticks.push(tick(&mut interval).await);
    }
    assert_eq!(ticks[0], start + PERIOD, "a late tick tells for when it was meant");
    (start, delayed_until, ticks)
}

#[hanol::test]
async fn the_first_tick_comes_at_once_and_the_others_are_one_period_apart() {
    let before = Instant::now();
    let mut interval = interval(millis(5));
    assert_eq!(interval.missed_tick_behavior(), MissedTickBehavior::Burst);
    let first = tick(&mut interval).await;
    assert!(first >= before);
    for number in 1..10 {
        assert_eq!(tick(&mut interval).await, first + millis(5) * number);
    }
}

#[hanol::test]
async fn the_first_tick_comes_at_the_start() {
    let start = Instant::now() + millis(10);
    let mut interval = interval_at(start, millis(3));
    assert_eq!(tick(&mut interval).await, start);
    assert_eq!(tick(&mut interval).await, start + millis(3));
}

#[hanol::test]
async fn burst_makes_up_for_missed_ticks() {
    let (start, _, ticks) = ticks_after_a_delay(MissedTickBehavior::Burst, 6).await;
    let expected: Vec<_> = (1..=6).map(|number| start + PERIOD * number).collect();
    assert_eq!(ticks, expected);
}

#[hanol::test]
async fn delay_starts_a_new_schedule() {
    let (_, delayed_until, ticks) = ticks_after_a_delay(MissedTickBehavior::Delay, 2).await;
    assert!(ticks[1] >= delayed_until + PERIOD, "the schedule begins with the late tick");
}

#[hanol::test]
async fn skip_leaves_missed_ticks_out_and_keeps_to_the_schedule() {
    let (start, delayed_until, ticks) = ticks_after_a_delay(MissedTickBehavior::Skip, 4).await;
    assert!(ticks[1] > delayed_until, "missed ticks are left out");
    for tick in &ticks[1..] {
        assert_eq!((*tick - start).as_nanos() % PERIOD.as_nanos(), 0, "the schedule is kept");
    }
    assert!(ticks.is_sorted_by(|earlier, later| earlier < later));
}

#[hanol::test]
#[should_panic(expected = "the period of an interval must not be zero")]
async fn a_period_of_zero_is_refused() {
    let _interval = interval(Duration::ZERO);
}

#[test]
fn a_period_of_zero_is_refused_with_a_start() {
    let message = panic_message(|| interval_at(Instant::now(), Duration::ZERO));
    assert_eq!(message, "the period of an interval must not be zero");
}

#[hanol::test]
async fn a_period_of_a_nanosecond_ticks() {
    let mut interval = interval(Duration::from_nanos(1));
    let first = tick(&mut interval).await;
    for number in 1..5 {
        assert_eq!(tick(&mut interval).await, first + Duration::from_nanos(1) * number);
    }
}

#[hanol::test]
async fn resets_start_a_new_schedule() {
    let mut interval = interval(PERIOD);
    tick(&mut interval).await;

    let before = Instant::now();
    interval.reset();
    let first = tick(&mut interval).await;
    assert!(first >= before + PERIOD);
    assert_eq!(tick(&mut interval).await, first + PERIOD);

    let before = Instant::now();
    interval.reset_immediately();
    let first = tick(&mut interval).await;
    assert!(first >= before);
    assert_eq!(tick(&mut interval).await, first + PERIOD);

    let before = Instant::now();
    interval.reset_after(millis(3));
    let first = tick(&mut interval).await;
    assert!(first >= before + millis(3));
    assert_eq!(tick(&mut interval).await, first + PERIOD);

    let start = Instant::now() + millis(7);
    interval.reset_at(start);
    assert_eq!(tick(&mut interval).await, start);
    assert_eq!(tick(&mut interval).await, start + PERIOD);
}

#[hanol::test]
async fn a_reset_reaches_a_tick_that_is_awaited() {
    let mut interval = interval(HOUR);
    tick(&mut interval).await;
    assert!(poll!(pin!(interval.tick())).is_pending());
    let soon = Instant::now() + millis(3);
    interval.reset_at(soon);
    assert_eq!(tick(&mut interval).await, soon);
}

#[hanol::test]
async fn a_tick_that_is_dropped_is_not_lost() {
    let mut interval = interval(PERIOD);
    let start = tick(&mut interval).await;
    assert!(timeout(millis(1), interval.tick()).await.is_err());
    drop(interval.tick());
    assert_eq!(tick(&mut interval).await, start + PERIOD);
}

#[test]
fn an_interval_has_one_timer_at_most() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut interval = interval(millis(2));
        assert_eq!(runtime.metrics().timers, 0);
        for _ in 0..10 {
            tick(&mut interval).await;
            assert!(runtime.metrics().timers <= 1);
        }
        let _ = poll!(pin!(interval.tick()));
        interval.reset_after(HOUR);
        assert!(poll!(pin!(interval.tick())).is_pending());
        assert_eq!(runtime.metrics().timers, 1);
        drop(interval);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[hanol::test]
async fn ticks_can_be_polled_by_hand() {
    let mut interval = interval(millis(2));
    let first = poll_fn(|cx| interval.poll_tick(cx)).await;
    let second = poll_fn(|cx| interval.poll_tick(cx)).await;
    assert_eq!(second, first + millis(2));
}

/// Whoever waits for a tick is woken when somebody else moves it, wherever it is moved.
#[hanol::test]
async fn a_reset_reaches_a_task_that_waits() {
    let resets: [fn(&mut Interval); 6] = [
        Interval::reset,
        Interval::reset_immediately,
        |interval| interval.reset_after(Duration::ZERO),
        |interval| interval.reset_after(millis(2)),
        |interval| interval.reset_at(Instant::now() + millis(2)),
        |interval| interval.reset_at(Instant::now()),
    ];
    for reset in resets {
        let start = Instant::now() + HOUR;
        let shared = Rc::new(RefCell::new(interval_at(start, millis(3))));
        let waiting = hanol::spawn({
            let shared = Rc::clone(&shared);
            poll_fn(move |cx| shared.borrow_mut().poll_tick(cx))
        });
        yield_now().await;
        reset(&mut shared.borrow_mut());
        assert!(waiting.await.unwrap() < start);
    }
}
