//! Deadlines that no clock reaches are accepted, never come, and keep nobody else waiting.

use std::time::Duration;

use futures_util::poll;
use hanol::time::{Instant, Interval, Sleep, interval, interval_at, sleep, sleep_until, timeout, timeout_at};

use crate::timing::{HOUR, millis, runtime};

/// Durations at the edges of the types that they pass through: seconds and nanoseconds, the seconds of `timespec`,
/// milliseconds in 64 bits, the timeout of `epoll_wait`.
fn far() -> Vec<Duration> {
    let nanosecond = Duration::from_nanos(1);
    let edges = [
        Duration::MAX,
        Duration::from_secs(u64::MAX),
        Duration::from_secs(u64::MAX / 10),
        Duration::from_secs(u64::MAX / 1000),
        Duration::from_secs(i64::MAX as u64),
        Duration::from_secs(i64::MAX as u64 / 1000),
        Duration::from_millis(u64::MAX),
        Duration::from_millis(i64::MAX as u64),
        Duration::from_nanos(u64::MAX),
        Duration::from_millis(u64::from(u32::MAX)),
        Duration::from_millis(i32::MAX as u64),
    ];
    edges.iter().flat_map(|&edge| [edge - nanosecond, edge, edge.saturating_add(nanosecond)]).collect()
}

fn far_instants() -> Vec<Instant> {
    let now = Instant::now();
    far().into_iter().filter_map(|after| now.checked_add(after)).collect()
}

#[hanol::test]
async fn far_sleeps_never_end_and_others_do() {
    let sleeps = far().into_iter().map(sleep);
    let mut sleeps: Vec<Sleep> = sleeps.chain(far_instants().into_iter().map(sleep_until)).collect();
    for _ in 0..2 {
        for sleep in &mut sleeps {
            assert!(poll!(&mut *sleep).is_pending());
            assert!(sleep.deadline() > Instant::now() + HOUR);
        }
        sleep(millis(10)).await;
    }
    assert!(sleeps.iter().all(|sleep| !sleep.is_elapsed()));
}

#[hanol::test]
async fn far_limits_never_pass() {
    for duration in far() {
        let mut limited = Box::pin(timeout(duration, std::future::pending::<()>()));
        assert!(poll!(&mut limited).is_pending());
        sleep(Duration::ZERO).await;
        assert!(poll!(&mut limited).is_pending());
        assert_eq!(timeout(duration, sleep(millis(1))).await, Ok(()));
    }
    for deadline in far_instants() {
        assert_eq!(timeout_at(deadline, sleep(millis(1))).await, Ok(()));
    }
}

#[hanol::test]
async fn far_intervals_tick_once() {
    async fn assert_stopped(interval: &mut Interval) {
        assert!(poll!(std::pin::pin!(interval.tick())).is_pending());
        sleep(Duration::ZERO).await;
        assert!(poll!(std::pin::pin!(interval.tick())).is_pending());
    }

    for period in far() {
        let mut interval = interval(period);
        assert_eq!(interval.period(), period);
        interval.tick().await;
        assert_stopped(&mut interval).await;

        interval.reset_immediately();
        interval.tick().await;
        interval.reset();
        assert_stopped(&mut interval).await;
        interval.reset_after(period);
        assert_stopped(&mut interval).await;
    }
    for start in far_instants() {
        let mut interval = interval_at(start, millis(1));
        assert_stopped(&mut interval).await;
        interval.reset_immediately();
        interval.tick().await;
        interval.reset_at(start);
        assert_stopped(&mut interval).await;
    }
}

#[hanol::test]
async fn a_sleep_is_moved_far_away_and_back() {
    for deadline in far_instants() {
        let mut sleep = sleep(millis(1));
        assert!(poll!(&mut sleep).is_pending());
        sleep.reset(deadline);
        hanol::time::sleep(millis(2)).await;
        assert!(poll!(&mut sleep).is_pending());
        let near = Instant::now() + millis(1);
        sleep.reset(near);
        sleep.await;
        assert!(Instant::now() >= near);
    }
}

/// The wait for a deadline that is further away than the system can wait is made of several long ones.
#[test]
fn far_timers_do_not_keep_the_loop_busy() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut sleeps: Vec<Sleep> = far().into_iter().map(sleep).collect();
        for sleep in &mut sleeps {
            assert!(poll!(sleep).is_pending());
        }
        let before = runtime.metrics();
        sleep(millis(50)).await;
        // At most one wait for the deadline, and one for the bucket that it cascades from.
        let polls = runtime.metrics().polls - before.polls;
        assert!(polls <= 2, "{polls} polls for one sleep");
    });
}
