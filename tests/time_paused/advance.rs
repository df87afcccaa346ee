//! Moving the clock on by hand.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::{FutureExt, poll};
use hanol::runtime::{Builder, Handle};
use hanol::time::{Instant, advance, sleep, sleep_until, timeout};
use tokio_test::{assert_pending, assert_ready, task};

use crate::timing::{CountingWaker, HOUR, millis};
use crate::util::message_of;

#[hanol::test(start_paused = true)]
async fn the_clock_is_moved_by_as_much_as_was_asked() {
    let start = Instant::now();
    advance(HOUR).await;
    assert_eq!(start.elapsed(), HOUR);
    advance(Duration::from_nanos(1)).await;
    assert_eq!(start.elapsed(), HOUR + Duration::from_nanos(1));
    advance(Duration::ZERO).await;
    assert_eq!(start.elapsed(), HOUR + Duration::from_nanos(1));
}

#[hanol::test(start_paused = true)]
async fn timers_on_the_way_fire_in_their_order_before_it_returns() {
    let start = Instant::now();
    let fired = Rc::new(RefCell::new(Vec::new()));
    for milliseconds in [300, 100, 1, 64, 200, 100, 4_096, 301] {
        let fired = Rc::clone(&fired);
        hanol::spawn(async move {
            sleep(millis(milliseconds)).await;
            // One step: they all find the clock where it has been moved to.
            fired.borrow_mut().push((milliseconds, start.elapsed()));
        });
    }
    hanol::task::yield_now().await;
    advance(millis(300)).await;
    let now = millis(300);
    assert_eq!(*fired.borrow(), [(1, now), (64, now), (100, now), (100, now), (200, now), (300, now)]);
    advance(HOUR).await;
    assert_eq!(fired.borrow()[6..], [(301, HOUR + now), (4_096, HOUR + now)]);
}

#[hanol::test(start_paused = true)]
async fn no_timer_is_early() {
    let mut sleep = task::spawn(sleep(millis(10)));
    assert_pending!(sleep.poll());
    advance(millis(9)).await;
    assert!(!sleep.is_woken());
    advance(Duration::from_nanos(999_999)).await;
    assert!(!sleep.is_woken());
    advance(Duration::from_nanos(1)).await;
    assert!(sleep.is_woken());
    assert_ready!(sleep.poll());
}

#[hanol::test(start_paused = true)]
async fn a_limit_passes_as_soon_as_the_clock_is_beyond_it() {
    let mut limited = task::spawn(timeout(millis(100), std::future::pending::<()>()));
    assert_pending!(limited.poll());
    advance(millis(100)).await;
    assert!(limited.is_woken());
    assert!(assert_ready!(limited.poll()).is_err());
}

#[hanol::test(start_paused = true)]
async fn a_sleep_that_is_moved_keeps_out_of_the_way() {
    let mut sleep = task::spawn(sleep(millis(10)));
    assert_pending!(sleep.poll());
    let later = Instant::now() + millis(50);
    sleep.reset(later);
    advance(millis(49)).await;
    assert!(!sleep.is_woken());
    assert_pending!(sleep.poll());
    advance(millis(1)).await;
    assert!(sleep.is_woken());
    assert_ready!(sleep.poll());
}

#[hanol::test(start_paused = true)]
async fn nothing_happens_before_the_first_poll_and_nothing_is_undone_after_it() {
    let start = Instant::now();
    drop(advance(HOUR));
    assert_eq!(start.elapsed(), Duration::ZERO);
    let mut dropped = advance(HOUR);
    assert!(poll!(&mut dropped).is_pending());
    drop(dropped);
    assert_eq!(start.elapsed(), HOUR);
    let mut polled_twice = advance(HOUR);
    assert!(poll!(&mut polled_twice).is_pending());
    assert!(poll!(&mut polled_twice).is_ready());
    assert_eq!(start.elapsed(), HOUR * 2);
}

#[hanol::test]
async fn a_clock_that_goes_is_not_advanced() {
    let line = line!() + 1;
    let refused = AssertUnwindSafe(advance(HOUR)).catch_unwind().await.unwrap_err();
    let message = message_of(&*refused);
    assert!(message.contains("call `hanol::time::pause` first"), "{message}");
    assert!(message.contains(&format!("advance.rs:{line}:")), "{message}");
}

#[hanol::test(start_paused = true)]
async fn further_than_the_clock_can_express_is_refused() {
    let start = Instant::now();
    let refused = AssertUnwindSafe(advance(Duration::MAX)).catch_unwind().await.unwrap_err();
    assert!(message_of(&*refused).ends_with("the clock cannot express a moment that far away"));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// The wakers of timers are foreign code: they may ask for the time, arm timers and advance the clock.
#[test]
fn a_waker_may_use_the_clock() {
    struct Advances;

    impl Wake for Advances {
        fn wake(self: Arc<Self>) {
            let before = Instant::now();
            let mut again = advance(HOUR);
            assert!(again.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
            assert_eq!(before.elapsed(), HOUR);
            let mut armed = sleep_until(before);
            assert!(armed.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    }

    let runtime = Builder::new().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let woken = CountingWaker::new();
        let (mut first, mut second, mut third) = (sleep(millis(1)), sleep(millis(1)), sleep(HOUR));
        for (sleep, waker) in [
            (&mut first, Arc::new(Advances).into()),
            (&mut second, woken.clone().into()),
            (&mut third, woken.clone().into()),
        ] {
            assert!(sleep.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
        }
        advance(millis(1)).await;
        assert_eq!(start.elapsed(), HOUR + millis(1));
        assert_eq!(woken.count(), 2);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[hanol::test(start_paused = true)]
async fn a_panic_in_a_waker_keeps_no_timer_from_firing() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }

    let woken = CountingWaker::new();
    let mut sleeps: Vec<_> = (0..6).map(|_| sleep(millis(1))).collect();
    for (number, sleep) in sleeps.iter_mut().enumerate() {
        let waker: Waker = if number % 2 == 0 { Arc::new(Panics).into() } else { woken.clone().into() };
        assert!(sleep.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    advance(millis(1)).await;
    assert_eq!(woken.count(), 3);
}

#[hanol::test(start_paused = true)]
async fn the_task_list_shows_who_advances_the_clock() {
    // It is polled after this task's first poll, and before its second one.
    let seen = hanol::spawn(async { Handle::current().tasks() });
    let line = line!() + 1;
    advance(HOUR).await;
    let tasks = seen.await.unwrap();
    let waiting = tasks[0].waiting.as_ref().unwrap();
    assert_eq!(waiting.operation, "yield");
    assert_eq!(waiting.location.line(), line);
}
