//! A paused runtime and other threads, with and without clocks of their own.

use std::thread;
use std::time::Duration;

use hanol::runtime::{Builder, Handle};
use hanol::time::{Instant, Sleep, advance, pause, resume, sleep, timeout};

use crate::timing::{HOUR, ThreadNumber, millis, sized};

#[test]
fn two_runtimes_on_two_threads_have_different_clocks() {
    let run = |step: Duration| {
        thread::spawn(move || {
            hanol::block_on(async move {
                pause();
                let start = Instant::now();
                for number in 1..=1000 {
                    sleep(step).await;
                    assert_eq!(start.elapsed(), step * number);
                }
            });
        })
    };
    let threads = [run(millis(1)), run(HOUR), run(millis(64))];
    let going = Instant::now();
    hanol::block_on(sleep(millis(2)));
    assert!(going.elapsed() >= millis(2) && going.elapsed() < HOUR);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Without a deadline the runtime sleeps, and another thread wakes it; the clock has not moved.
#[hanol::test(start_paused = true)]
async fn a_thread_wakes_an_idle_runtime() {
    let start = Instant::now();
    let (sender, receiver) = async_channel::bounded(1);
    let runtime_thread = ThreadNumber::current();
    let thread = thread::spawn(move || {
        for number in 0..10 {
            runtime_thread.wait_until_asleep();
            sender.send_blocking(number).unwrap();
        }
    });
    for number in 0..10 {
        assert_eq!(receiver.recv().await.unwrap(), number);
    }
    thread.join().unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// A wake that has been sent before the runtime is idle comes before any deadline.
#[hanol::test(start_paused = true)]
async fn a_wake_that_was_sent_comes_before_the_next_deadline() {
    let start = Instant::now();
    for _ in 0..sized(200, 2_000) {
        let (sender, receiver) = async_channel::bounded(1);
        let mut waiting = Box::pin(timeout(HOUR, receiver.recv()));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        thread::scope(|scope| {
            scope.spawn(|| sender.send_blocking(7).unwrap());
        });
        assert_eq!(waiting.await.unwrap().unwrap(), 7);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// A thread that wakes whenever it likes: no message is lost, before or after a deadline.
#[hanol::test(start_paused = true)]
async fn what_another_thread_sends_is_never_lost() {
    let count = sized(2_000, 20_000);
    let (sender, receiver) = async_channel::bounded(1);
    let thread = thread::spawn(move || (0..count).try_for_each(|number| sender.send_blocking(number)));
    for number in 0..count {
        loop {
            if let Ok(received) = timeout(millis(1), receiver.recv()).await {
                assert_eq!(received.unwrap(), number);
                break;
            }
        }
    }
    thread.join().unwrap().unwrap();
}

/// A handle's question is mail as well: it is answered although the clock jumps all the time.
#[test]
fn a_runtime_that_jumps_answers() {
    let (sender, handle) = std::sync::mpsc::channel();
    let (stop, stopped) = async_channel::bounded::<()>(1);
    let thread = thread::spawn(move || {
        Builder::new().start_paused(true).build().unwrap().block_on(async move {
            sender.send(Handle::current()).unwrap();
            while timeout(HOUR, stopped.recv()).await.is_err() {}
        });
    });
    let handle: Handle = handle.recv().unwrap();
    for _ in 0..50 {
        assert_eq!(handle.tasks().len(), 1);
    }
    stop.send_blocking(()).unwrap();
    thread.join().unwrap();
}

/// A sleep keeps its deadline when it goes to a runtime with another clock.
#[test]
fn a_sleep_goes_to_a_runtime_with_another_clock() {
    let runtime = Builder::new().start_paused(true).build().unwrap();
    let mut armed: Option<Sleep> = None;
    runtime.block_on(async {
        assert!(futures_util::poll!(armed.insert(sleep(HOUR))).is_pending());
    });
    let sleep = armed.unwrap();
    let deadline = sleep.deadline();
    thread::spawn(move || {
        hanol::block_on(async move {
            pause();
            sleep.await;
            assert!(Instant::now() >= deadline);
            assert!(Instant::now() < deadline + millis(2));
        });
    })
    .join()
    .unwrap();
    // Its timer there is gone, so there is nothing to jump to.
    runtime.block_on(async {
        let before = Instant::now();
        hanol::time::sleep(HOUR * 2).await;
        assert_eq!(before.elapsed(), HOUR * 2);
    });
    assert_eq!(runtime.metrics().timers, 0);
}

/// Pausing on one thread leaves the other's clock going.
#[hanol::test]
async fn a_thread_without_a_runtime_has_the_systems_clock() {
    pause();
    advance(HOUR * 24).await;
    let here = Instant::now();
    let there = thread::spawn(Instant::now).join().unwrap();
    assert!(here > there);
    resume();
    assert!(Instant::now() > there);
}

/// A closure that is waited for holds the clock; one that nobody waits for does not.
#[cfg(feature = "blocking")]
#[hanol::test(start_paused = true)]
async fn the_clock_waits_for_blocking_work() {
    use hanol::task::{spawn_blocking, unblock};

    let start = Instant::now();
    for number in 1..=20 {
        let napping = || thread::sleep(Duration::from_millis(1));
        timeout(HOUR, unblock(napping)).await.unwrap();
        timeout(HOUR, spawn_blocking(napping)).await.unwrap().unwrap();
        assert_eq!(start.elapsed(), HOUR * (number - 1));

        // The task of a closure whose handle was dropped still waits for it, and so does the clock.
        let (sender, done) = async_channel::bounded(1);
        drop(spawn_blocking(move || {
            napping();
            sender.send_blocking(()).unwrap();
        }));
        timeout(HOUR, done.recv()).await.unwrap().unwrap();

        // Given up, it goes on alone.
        let (sender, held) = std::sync::mpsc::channel::<()>();
        drop(unblock(move || held.recv()));
        sleep(HOUR).await;
        drop(sender);
        assert_eq!(start.elapsed(), HOUR * number);
    }
}
