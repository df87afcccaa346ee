//! A crowd of timers, half of which are cancelled.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use hanol::task::JoinHandle;
use hanol::time::{Instant, sleep};

use crate::timing::{HOUR, Random, millis, runtime, sized};

/// What a timer did.
struct Fired {
    deadline: Instant,
    at: Instant,
    number: usize,
}

/// Sleeps in `count` tasks for random times, and cancels every other one of them at once. The rest, in their order.
fn fire(count: usize, longest: Duration) -> Vec<Fired> {
    let runtime = runtime();
    let fired = Rc::new(RefCell::new(Vec::with_capacity(count)));
    runtime.block_on(async {
        let mut random = Random(6);
        let tasks: Vec<JoinHandle<()>> = (0..count)
            .map(|number| {
                let fired = Rc::clone(&fired);
                let duration = random.duration(longest);
                hanol::spawn(async move {
                    // The deadline counts from the arming, so it lies before none that has been armed and has fired.
                    let sleep = sleep(duration);
                    let deadline = sleep.deadline();
                    sleep.await;
                    fired.borrow_mut().push(Fired { deadline, at: Instant::now(), number });
                })
            })
            .collect();
        // All are armed when this has been polled once more.
        hanol::task::yield_now().await;
        let unfinished = tasks.iter().step_by(2).filter(|task| !task.is_finished());
        let cancelled = unfinished.inspect(|task| task.abort()).count();
        for task in tasks {
            let _ = task.await;
        }
        assert_eq!(fired.borrow().len(), count - cancelled);
        assert_eq!((runtime.metrics().timers, runtime.metrics().tasks), (0, 0));
    });
    fired.take()
}

#[test]
fn a_crowd_of_timers_fires_in_order_and_none_early() {
    let count = sized(20_000, 100_000);
    let fired = fire(count, millis(500));
    assert!(fired.len() >= count / 2);
    assert!(fired.iter().all(|timer| timer.at >= timer.deadline), "a timer was early");
    for pair in fired.windows(2) {
        // Deadlines are rounded up to a tick of 1 ms.
        assert!(pair[0].deadline < pair[1].deadline + millis(1), "a timer overtook one of an earlier tick");
    }
}

#[test]
fn a_crowd_of_timers_that_are_due_at_once_fires_in_order() {
    let numbers: Vec<_> =
        fire(sized(20_000, 100_000), Duration::from_nanos(1)).iter().map(|timer| timer.number).collect();
    assert!(numbers.is_sorted());
}

#[test]
fn a_crowd_of_timers_that_is_dropped_is_disarmed() {
    let runtime = runtime();
    let count = sized(20_000, 100_000);
    runtime.block_on(async {
        let mut random = Random(7);
        for _ in 0..3 {
            let durations: Vec<_> = (0..count).map(|_| HOUR + random.duration(HOUR)).collect();
            let tasks: Vec<_> = durations.into_iter().map(|duration| hanol::spawn(sleep(duration))).collect();
            hanol::task::yield_now().await;
            assert_eq!(runtime.metrics().timers, count);
            tasks.iter().for_each(JoinHandle::abort);
            assert_eq!((runtime.metrics().timers, runtime.metrics().tasks), (0, 0));
        }
    });
}

/// A loop that was held up fires each timer once.
#[test]
fn timers_that_came_due_while_the_thread_was_held_up_fire_once() {
    let runtime = runtime();
    let count = Rc::new(RefCell::new(vec![0; 1000]));
    runtime.block_on(async {
        let mut random = Random(8);
        let tasks: Vec<_> = (0..1000)
            .map(|number| {
                let (count, sleep) = (Rc::clone(&count), sleep(random.duration(millis(30))));
                hanol::spawn(async move {
                    sleep.await;
                    count.borrow_mut()[number] += 1;
                })
            })
            .collect();
        hanol::task::yield_now().await;
        std::thread::sleep(millis(40));
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(count.take(), vec![1; 1000]);
}
