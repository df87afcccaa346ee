//! Timers and wakers that are not the runtime's: a sleep hands out whatever waker it was polled with last.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use hanol::runtime::Runtime;
use hanol::time::{Instant, Sleep, sleep, sleep_until, timeout};

use crate::timing::{CountingWaker, HOUR, millis, runtime};

fn poll_with(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
    Pin::new(sleep).poll(&mut Context::from_waker(waker))
}

/// Does something when it is woken, once.
struct OnWake(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Wake for OnWake {
    fn wake(self: Arc<Self>) {
        let action = self.0.lock().unwrap().take();
        action.into_iter().for_each(|action| action());
    }
}

fn on_wake(action: impl FnOnce() + Send + 'static) -> Waker {
    Arc::new(OnWake(Mutex::new(Some(Box::new(action))))).into()
}

/// Does something when its last copy is dropped.
struct OnDrop<F: FnOnce() + Send>(Mutex<Option<F>>);

impl<F: FnOnce() + Send> Wake for OnDrop<F> {
    fn wake(self: Arc<Self>) {}
}

impl<F: FnOnce() + Send> Drop for OnDrop<F> {
    fn drop(&mut self) {
        let action = self.0.lock().unwrap().take();
        action.into_iter().for_each(|action| action());
    }
}

fn on_drop(action: impl FnOnce() + Send + 'static) -> Waker {
    Arc::new(OnDrop(Mutex::new(Some(action)))).into()
}

#[hanol::test]
async fn the_waker_of_the_last_poll_is_woken() {
    let (first, second) = (CountingWaker::new(), CountingWaker::new());
    let mut sleep = sleep(millis(5));
    assert!(poll_with(&mut sleep, &first.clone().into()).is_pending());
    assert!(poll_with(&mut sleep, &second.clone().into()).is_pending());
    hanol::time::sleep(millis(6)).await;
    assert_eq!((first.count(), second.count()), (0, 1));
    assert!(poll_with(&mut sleep, &first.clone().into()).is_ready());
    assert_eq!(Arc::strong_count(&first) + Arc::strong_count(&second), 2, "a waker was kept");
}

#[hanol::test]
async fn a_sleep_that_was_polled_in_one_task_ends_in_another() {
    let mut sleep = sleep(millis(10));
    let deadline = sleep.deadline();
    let first = hanol::spawn(async move {
        assert!(futures_util::poll!(&mut sleep).is_pending());
        Some(sleep)
    });
    let sleep = first.await.unwrap().unwrap();
    hanol::spawn(sleep).await.unwrap();
    assert!(Instant::now() >= deadline);
}

#[hanol::test]
async fn a_sleep_that_is_dropped_wakes_nobody() {
    let woken = CountingWaker::new();
    let mut dropped = sleep(millis(1));
    assert!(poll_with(&mut dropped, &woken.clone().into()).is_pending());
    drop(dropped);
    assert_eq!(Arc::strong_count(&woken), 1);
    sleep(millis(3)).await;
    assert_eq!(woken.count(), 0);
}

#[test]
fn a_sleep_is_dropped_in_the_wake_of_another() {
    let runtime = runtime();
    runtime.block_on(async {
        let woken = CountingWaker::new();
        let soon = Instant::now() + millis(5);
        // One that fires in the same turn after it, one that would fire later, one that was never armed.
        let mut victims = [sleep_until(soon), sleep(HOUR), sleep(HOUR)];
        let mut killer = sleep_until(soon);
        for victim in &mut victims[..2] {
            assert!(poll_with(victim, &woken.clone().into()).is_pending());
        }
        assert!(poll_with(&mut killer, &on_wake(move || drop(victims))).is_pending());
        assert_eq!(runtime.metrics().timers, 3);
        sleep_until(soon).await;
        assert_eq!(runtime.metrics().timers, 0);
        assert_eq!(woken.count(), 1, "the one that was due had fired");
        assert!(poll_with(&mut killer, Waker::noop()).is_ready());
    });
}

#[test]
fn a_sleep_is_armed_and_moved_in_the_wake_of_another() {
    let runtime = runtime();
    runtime.block_on(async {
        let moved = Arc::new(Mutex::new(sleep(HOUR)));
        let woken = CountingWaker::new();
        assert!(poll_with(&mut moved.lock().unwrap(), &woken.clone().into()).is_pending());
        let armed = Arc::new(Mutex::new(None));
        let action = {
            let (moved, armed, waker) = (Arc::clone(&moved), Arc::clone(&armed), woken.clone().into());
            move || {
                moved.lock().unwrap().reset(Instant::now() + millis(1));
                let mut another = sleep(millis(1));
                assert!(poll_with(&mut another, &waker).is_pending());
                *armed.lock().unwrap() = Some(another);
            }
        };
        let mut first = sleep(millis(1));
        assert!(poll_with(&mut first, &on_wake(action)).is_pending());
        sleep(millis(2)).await;
        sleep(millis(3)).await;
        assert_eq!(woken.count(), 2);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[hanol::test]
async fn a_panic_in_a_wake_keeps_no_other_timer_from_firing() {
    let soon = Instant::now() + millis(3);
    let woken = CountingWaker::new();
    let mut sleeps: Vec<_> = (0..9).map(|_| sleep_until(soon)).collect();
    for (number, sleep) in sleeps.iter_mut().enumerate() {
        let waker = if number % 2 == 0 { woken.clone().into() } else { on_wake(|| panic!("on purpose")) };
        assert!(poll_with(sleep, &waker).is_pending());
    }
    sleep_until(soon).await;
    assert_eq!(woken.count(), 5);
    // And the runtime goes on.
    assert!(timeout(millis(1), std::future::pending::<()>()).await.is_err());
}

/// A timer's last copy of a waker may hold anything: a sleep, a task's handle, a whole runtime.
#[test]
fn a_waker_that_a_timer_drops_may_drop_anything() {
    let runtime = runtime();
    runtime.block_on(async {
        let mut victim = sleep(HOUR);
        assert!(poll_with(&mut victim, Waker::noop()).is_pending());
        let mut dropped = sleep(HOUR);
        assert!(poll_with(&mut dropped, &on_drop(move || drop(victim))).is_pending());
        assert_eq!(runtime.metrics().timers, 2);
        drop(dropped);
        assert_eq!(runtime.metrics().timers, 0);

        let mut polled_again = sleep(HOUR);
        let spawned = Arc::new(Mutex::new(0));
        let spawn = {
            let spawned = Arc::clone(&spawned);
            move || drop(hanol::spawn(async move { *spawned.lock().unwrap() += 1 }))
        };
        assert!(poll_with(&mut polled_again, &on_drop(spawn)).is_pending());
        assert!(poll_with(&mut polled_again, Waker::noop()).is_pending());
        hanol::task::yield_now().await;
        assert_eq!(*spawned.lock().unwrap(), 1);
    });
}

#[hanol::test]
async fn a_waker_that_a_timer_drops_may_drop_a_runtime() {
    // A runtime is made and dropped where the waker is: that enters and leaves it.
    let another = || drop(Runtime::new().unwrap());
    let mut dropped = sleep(HOUR);
    assert!(poll_with(&mut dropped, &on_drop(another)).is_pending());
    drop(dropped);

    let mut polled_again = sleep(HOUR);
    assert!(poll_with(&mut polled_again, &on_drop(another)).is_pending());
    assert!(poll_with(&mut polled_again, Waker::noop()).is_pending());
}
