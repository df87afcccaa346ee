//! Rule 11: what timers cost the loop. It reads the clock at most once a turn, and not at all without timers; arming,
//! cancelling and moving a timer makes no system call.

mod timing;

use std::future::{pending, poll_fn};
use std::task::Poll;

use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Builder, Runtime};
use hanol::task::yield_now;
use hanol::time::{Instant, interval, sleep, timeout};

use self::timing::{HOUR, Random, millis, runtime};

/// Sends a byte to and fro, so that the loop waits for events. The answers may have a limit.
async fn play(rounds: usize, limited: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    let echo = hanol::spawn(async move {
        let mut byte = [0];
        while server.read(&mut byte).await.unwrap() == 1 {
            server.write_all(&byte).await.unwrap();
        }
    });
    for _ in 0..rounds {
        client.write_all(&[1]).await.unwrap();
        if limited {
            timeout(HOUR, client.read_exact(&mut [0])).await.unwrap().unwrap();
        } else {
            client.read_exact(&mut [0]).await.unwrap();
        }
    }
    drop(client);
    echo.await.unwrap();
}

#[test]
fn without_timers_the_clock_is_not_read() {
    let runtime = runtime();
    runtime.block_on(async {
        play(100, false).await;
        for _ in 0..1000 {
            yield_now().await;
        }
        // These need no timer.
        let _never_polled = (sleep(HOUR), interval(HOUR));
        timeout(HOUR, async {}).await.unwrap();
    });
    let metrics = runtime.metrics();
    assert!(metrics.polls > 100, "the loop has waited for events");
    assert_eq!(metrics.clock_reads, 0);
}

#[test]
fn when_the_last_timer_is_gone_the_clock_is_not_read_any_more() {
    let runtime = runtime();
    runtime.block_on(async {
        sleep(millis(2)).await;
        let _ = timeout(millis(1), pending::<()>()).await;
        let mut dropped = sleep(HOUR);
        assert!(poll!(&mut dropped).is_pending());
        drop(dropped);
        let before = runtime.metrics();
        assert!(before.clock_reads > 0);
        play(100, false).await;
        assert_eq!(runtime.metrics().clock_reads, before.clock_reads);
    });
}

#[test]
fn with_timers_the_clock_is_read_once_for_each_look_at_the_system() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut far = sleep(HOUR);
        assert!(poll!(&mut far).is_pending());
        let before = runtime.metrics();
        play(500, false).await;
        let after = runtime.metrics();
        let (reads, polls) = (after.clock_reads - before.clock_reads, after.polls - before.polls);
        assert!(polls >= 500);
        assert!(reads <= polls, "{reads} reads in {polls} polls");
    });
}

/// Has a task that always wakes itself polled so many times.
fn spin(runtime: &Runtime, polls: u64) {
    let mut polled = 0;
    runtime.block_on(poll_fn(|cx| {
        polled += 1;
        cx.waker().wake_by_ref();
        if polled == polls { Poll::Ready(()) } else { Poll::Pending }
    }));
}

#[test]
fn with_timers_the_clock_is_read_once_a_turn() {
    for interval in [1, 10, 128] {
        let runtime = Builder::new().event_interval(interval).build().unwrap();
        let mut far: Vec<_> = (0..100).map(|_| sleep(HOUR)).collect();
        runtime.block_on(async {
            for sleep in &mut far {
                assert!(poll!(sleep).is_pending());
            }
        });
        let before = runtime.metrics();
        spin(&runtime, u64::from(interval) * 100);
        let after = runtime.metrics();
        let reads = after.clock_reads - before.clock_reads;
        assert!((99..=100).contains(&reads), "{reads} reads in 100 turns of {interval} polls");
        assert_eq!(after.polls, before.polls, "there is no socket to look at");
    }
}

#[test]
fn a_sleep_costs_two_turns_and_one_wait() {
    let runtime = runtime();
    runtime.block_on(async {
        for _ in 0..20 {
            // All of it within one row of the wheel's lowest level or across two: then there is one more stop.
            let before = runtime.metrics();
            sleep(millis(3)).await;
            let after = runtime.metrics();
            assert!(after.polls - before.polls <= 2);
            assert!(after.clock_reads - before.clock_reads <= 3);
        }
    });
}

#[test]
fn arming_moving_and_cancelling_make_no_system_call() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut random = Random(9);
        let before = runtime.metrics();
        let mut sleeps: Vec<_> = (0..10_000).map(|_| sleep(HOUR + random.duration(HOUR))).collect();
        for sleep in &mut sleeps {
            assert!(poll!(sleep).is_pending());
        }
        assert_eq!(runtime.metrics().timers, 10_000);
        for sleep in &mut sleeps {
            sleep.reset(Instant::now() + random.duration(HOUR));
            assert!(poll!(sleep).is_pending());
        }
        drop(sleeps);
        let after = runtime.metrics();
        assert_eq!((after.polls, after.clock_reads), (before.polls, before.clock_reads));
        assert_eq!(after.timers, 0);
    });
}

/// Limits that are armed and cancelled with every message make the loop look no more often than the messages do.
#[test]
fn limits_that_do_not_pass_cost_no_look_at_the_system() {
    const ROUNDS: usize = 300;
    let looks = |limited: bool| {
        let runtime = runtime();
        runtime.block_on(play(ROUNDS, limited));
        runtime.metrics().polls
    };
    let (with, without) = (looks(true), looks(false));
    // The system may bundle what it reports in one way or another, but a look of its own for each message would show.
    assert!(with < without + ROUNDS as u64 / 2, "{with} looks with limits, {without} without");
}
