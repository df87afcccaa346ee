//! Intervals, exactly: by a clock that does not go on by itself no tick is late unless the test makes it late.

use std::time::Duration;

use hanol::time::{Instant, Interval, MissedTickBehavior, advance, interval, interval_at, timeout};

use crate::timing::{HOUR, millis};

/// The next ticks, each with the time at which it came, in milliseconds since `start`.
async fn ticks(interval: &mut Interval, start: Instant, count: usize) -> Vec<(u64, u64)> {
    let mut ticks = Vec::new();
    for _ in 0..count {
        let tick = interval.tick().await;
        let since = |instant: Instant| instant.duration_since(start).as_millis() as u64;
        ticks.push((since(tick), since(Instant::now())));
    }
    ticks
}

#[hanol::test(start_paused = true)]
async fn ticks_come_when_they_are_due() {
    let start = Instant::now();
    let mut interval = interval(millis(10));
    assert_eq!(ticks(&mut interval, start, 4).await, [(0, 0), (10, 10), (20, 20), (30, 30)]);
    let mut daily = interval_at(start + HOUR, HOUR * 24);
    assert_eq!(daily.tick().await, start + HOUR);
    assert_eq!(daily.tick().await, start + HOUR * 25);
    assert_eq!(start.elapsed(), HOUR * 25);
}

/// The table in the documentation of [`MissedTickBehavior`].
#[hanol::test(start_paused = true)]
async fn missed_ticks_are_treated_as_documented() {
    for (behavior, further) in [
        (MissedTickBehavior::Burst, [(10, 25), (20, 25), (30, 30), (40, 40)]),
        (MissedTickBehavior::Delay, [(10, 25), (35, 35), (45, 45), (55, 55)]),
        (MissedTickBehavior::Skip, [(10, 25), (30, 30), (40, 40), (50, 50)]),
    ] {
        let start = Instant::now();
        let mut interval = interval(millis(10));
        interval.set_missed_tick_behavior(behavior);
        assert_eq!(ticks(&mut interval, start, 1).await, [(0, 0)]);
        advance(millis(25)).await;
        assert_eq!(ticks(&mut interval, start, 4).await, further, "{behavior:?}");
    }
}

/// Up to 5 ms late is on time.
#[hanol::test(start_paused = true)]
async fn a_tick_that_is_hardly_late_keeps_the_schedule() {
    for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip] {
        for (late, next) in [(5, 20), (6, if behavior == MissedTickBehavior::Delay { 26 } else { 20 })] {
            let start = Instant::now();
            let mut interval = interval(millis(10));
            interval.set_missed_tick_behavior(behavior);
            ticks(&mut interval, start, 1).await;
            advance(millis(10 + late)).await;
            assert_eq!(ticks(&mut interval, start, 2).await, [(10, 10 + late), (next, next)], "{behavior:?}");
        }
    }
}

#[hanol::test(start_paused = true)]
async fn resets_start_a_new_schedule() {
    let start = Instant::now();
    let mut interval = interval(millis(100));
    assert_eq!(ticks(&mut interval, start, 2).await, [(0, 0), (100, 100)]);
    advance(millis(50)).await;
    interval.reset();
    assert_eq!(ticks(&mut interval, start, 2).await, [(250, 250), (350, 350)]);
    advance(millis(50)).await;
    interval.reset_immediately();
    assert_eq!(ticks(&mut interval, start, 2).await, [(400, 400), (500, 500)]);
    interval.reset_after(millis(7));
    assert_eq!(ticks(&mut interval, start, 2).await, [(507, 507), (607, 607)]);
    interval.reset_at(start + HOUR);
    let hour = 3_600_000;
    assert_eq!(ticks(&mut interval, start, 2).await, [(hour, hour), (hour + 100, hour + 100)]);
}

#[hanol::test(start_paused = true)]
async fn a_tick_that_is_dropped_is_not_lost() {
    let start = Instant::now();
    let mut interval = interval(millis(100));
    interval.tick().await;
    for _ in 0..9 {
        assert!(timeout(millis(10), interval.tick()).await.is_err());
    }
    assert_eq!(start.elapsed(), millis(90));
    assert_eq!(timeout(millis(10), interval.tick()).await, Ok(start + millis(100)));
}

#[hanol::test(start_paused = true)]
async fn a_thousand_intervals_keep_together() {
    let start = Instant::now();
    let tasks: Vec<_> = (1..=1000)
        .map(|period| {
            hanol::spawn(async move {
                let mut interval = interval(millis(period));
                for number in 0..20 {
                    assert_eq!(interval.tick().await, start + millis(period) * number);
                    assert_eq!(Instant::now(), start + millis(period) * number);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(start.elapsed(), millis(1000) * 19);
    assert_ne!(start.elapsed(), Duration::ZERO);
}
