//! The clock jumps from deadline to deadline, in order, when nobody can run.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use futures_util::poll;
use hanol::runtime::Builder;
use hanol::task::yield_now;
use hanol::time::{Elapsed, Instant, sleep, sleep_until, timeout};

use crate::timing::{HOUR, Random, millis, sized};

#[hanol::test(start_paused = true)]
async fn long_sleeps_take_no_time() {
    let start = Instant::now();
    for _ in 0..1000 {
        sleep(Duration::from_secs(1_000_000)).await;
    }
    assert_eq!(start.elapsed(), Duration::from_secs(1_000_000_000));
}

#[hanol::test(start_paused = true)]
async fn sleeps_end_in_the_order_of_their_deadlines_each_at_its_own() {
    let count = sized(2_000, 20_000);
    let start = Instant::now();
    let ends = Rc::new(RefCell::new(Vec::new()));
    let mut random = Random(7);
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let ends = Rc::clone(&ends);
            // Many deadlines are equal, others are days apart.
            let milliseconds = random.next() % [50, 5_000, 1_000_000_000][number % 3];
            hanol::spawn(async move {
                sleep(millis(milliseconds)).await;
                assert_eq!(start.elapsed(), millis(milliseconds));
                ends.borrow_mut().push((milliseconds, number));
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let ends = ends.borrow();
    assert_eq!(ends.len(), count);
    assert!(ends.is_sorted(), "sleeps that end together do so in the order in which they were armed");
}

/// A sleep that is moved stays in an early place of the wheel, which must not be taken for its deadline.
#[hanol::test(start_paused = true)]
async fn a_sleep_that_was_moved_ends_at_its_new_deadline() {
    let start = Instant::now();
    let mut moved = sleep(millis(10));
    let mut never = sleep(millis(20));
    assert!(poll!(&mut moved).is_pending());
    assert!(poll!(&mut never).is_pending());
    moved.reset(start + HOUR);
    never.reset(start + Duration::from_secs(u64::MAX / 1000 + 1));
    sleep(millis(30)).await;
    assert_eq!(start.elapsed(), millis(30));
    sleep(HOUR / 2).await;
    assert_eq!(start.elapsed(), HOUR / 2 + millis(30));
    moved.await;
    assert_eq!(start.elapsed(), HOUR);
    assert!(poll!(&mut never).is_pending());

    let mut nearer = sleep(HOUR);
    assert!(poll!(&mut nearer).is_pending());
    nearer.reset(Instant::now() + millis(1));
    nearer.await;
    assert_eq!(start.elapsed(), HOUR + millis(1));
}

/// As it is written where a sleep cannot be moved unless it is pinned.
#[hanol::test(start_paused = true)]
async fn a_pinned_sleep_is_moved() {
    let start = Instant::now();
    let mut pinned = std::pin::pin!(sleep(millis(10)));
    assert!(poll!(pinned.as_mut()).is_pending());
    pinned.as_mut().reset(start + HOUR);
    pinned.as_mut().await;
    assert_eq!(start.elapsed(), HOUR);
}

#[hanol::test(start_paused = true)]
async fn deadlines_that_have_passed_move_nothing() {
    let start = Instant::now();
    sleep_until(start).await;
    sleep(Duration::ZERO).await;
    sleep(HOUR).await;
    sleep_until(start).await;
    assert_eq!(start.elapsed(), HOUR);
}

#[hanol::test(start_paused = true)]
async fn the_clock_stands_while_a_task_is_ready() {
    let start = Instant::now();
    let slept = Rc::new(Cell::new(false));
    let sleeper = hanol::spawn({
        let slept = Rc::clone(&slept);
        async move {
            sleep(millis(1)).await;
            slept.set(true);
        }
    });
    for _ in 0..10_000 {
        yield_now().await;
        assert!(!slept.get());
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleeper.await.unwrap();
    assert_eq!(start.elapsed(), millis(1));
}

#[hanol::test(start_paused = true)]
async fn limits_pass_in_order() {
    let start = Instant::now();
    let inner = timeout(millis(500), pending::<()>());
    assert!(timeout(HOUR, inner).await.unwrap().is_err());
    assert_eq!(start.elapsed(), millis(500));

    assert_eq!(timeout(millis(100), sleep(millis(99))).await, Ok(()));
    assert_eq!(start.elapsed(), millis(599));
    // A future that is ready together with its limit wins.
    assert_eq!(timeout(millis(100), sleep(millis(100))).await, Ok(()));
    let late: Result<(), Elapsed> = timeout(millis(100), sleep(millis(101))).await;
    assert!(late.is_err());
    assert_eq!(start.elapsed(), millis(799));
}

/// Nothing jumps to the end of a sleep that has none: it would be over at once.
#[hanol::test(start_paused = true)]
async fn sleeps_without_an_end_never_end() {
    let start = Instant::now();
    let mut endless: Vec<_> =
        [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(i64::MAX as u64)].map(sleep).into();
    for sleep in &mut endless {
        assert!(poll!(sleep).is_pending());
    }
    // The runtime has nothing else to wait for than a thread that sends a wake.
    let (sender, receiver) = async_channel::bounded(1);
    let thread = std::thread::spawn(move || sender.send_blocking(()));
    receiver.recv().await.unwrap();
    thread.join().unwrap().unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(HOUR * 24 * 365 * 100).await;
    for sleep in &mut endless {
        assert!(poll!(sleep).is_pending());
    }
}

/// However many timers wait, a jump looks at the system once.
#[test]
fn a_jump_costs_one_look_at_the_system() {
    let runtime = Builder::new().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut far: Vec<_> = (1..1000).map(|number| sleep(HOUR * number)).collect();
        for sleep in &mut far {
            assert!(poll!(sleep).is_pending());
        }
        let before = runtime.metrics().polls;
        for _ in 0..100 {
            sleep(millis(1)).await;
        }
        assert_eq!(runtime.metrics().polls - before, 100);
    });
}

/// Code that measures by the clock is tested to the millisecond.
#[hanol::test(start_paused = true)]
async fn retries_with_growing_rests_take_the_sum_of_the_rests() {
    let start = Instant::now();
    let mut rest = millis(100);
    for _ in 0..5 {
        assert!(timeout(HOUR, async { Err::<(), _>("refused") }).await.unwrap().is_err());
        sleep(rest).await;
        rest *= 2;
    }
    assert_eq!(start.elapsed(), millis(100 + 200 + 400 + 800 + 1600));
}
