//! `Barrier`: tasks that wait for each other, leaders, and tasks that leave.

use std::cell::Cell;
use std::rc::Rc;

use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::sync::Barrier;
use hanol::task::yield_now;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::list::assert_waits;
use crate::place::below;
use crate::waker::{on_drop, on_wake, poll_with};

#[test]
fn nobody_waits_at_a_barrier_for_one_or_none() {
    for size in [0, 1] {
        let barrier = Barrier::new(size);
        for _ in 0..2 {
            assert!(assert_ready!(spawn(barrier.wait()).poll()).is_leader());
        }
    }
}

#[test]
fn the_last_one_leads_and_the_others_are_woken() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let (mut first, mut second, mut third) = (spawn(barrier.wait()), spawn(barrier.wait()), spawn(barrier.wait()));
        assert_pending!(first.poll());
        assert_pending!(second.poll());
        assert_pending!(first.poll());
        assert_eq!(format!("{barrier:?}"), "Barrier { size: 3, arrived: 2 }");
        assert!(assert_ready!(third.poll()).is_leader());
        assert!(first.is_woken() && second.is_woken());
        assert!(!assert_ready!(first.poll()).is_leader());
        assert!(!assert_ready!(second.poll()).is_leader());
    }
}

#[test]
fn one_that_has_not_fetched_its_result_does_not_count_in_the_next_round() {
    let barrier = Barrier::new(2);
    let (mut first, mut second) = (spawn(barrier.wait()), spawn(barrier.wait()));
    assert_pending!(first.poll());
    assert!(assert_ready!(second.poll()).is_leader());
    let mut third = spawn(barrier.wait());
    assert_pending!(third.poll());
    assert!(!assert_ready!(first.poll()).is_leader());
    assert_pending!(third.poll());
    drop(first);
    let mut fourth = spawn(barrier.wait());
    assert!(assert_ready!(fourth.poll()).is_leader());
    assert!(!assert_ready!(third.poll()).is_leader());
}

#[test]
fn one_that_leaves_is_replaced_by_another() {
    let barrier = Barrier::new(3);
    let (mut leaves, mut stays) = (spawn(barrier.wait()), spawn(barrier.wait()));
    drop(spawn(barrier.wait()));
    assert_pending!(leaves.poll());
    assert_pending!(stays.poll());
    drop(leaves);
    assert_eq!(format!("{barrier:?}"), "Barrier { size: 3, arrived: 1 }");
    let (mut another, mut last) = (spawn(barrier.wait()), spawn(barrier.wait()));
    assert_pending!(another.poll());
    assert!(assert_ready!(last.poll()).is_leader());
    // One that leaves when all have arrived leaves nobody behind.
    drop(another);
    assert!(!assert_ready!(stays.poll()).is_leader());
    assert_eq!(format!("{barrier:?}"), "Barrier { size: 3, arrived: 0 }");
}

#[test]
fn wakers_may_call_back() {
    let barrier = Rc::new(Barrier::new(2));
    let again = Rc::clone(&barrier);
    let mut first = barrier.wait();
    let arrives = on_wake(move || assert!(spawn(again.wait()).poll().is_pending()));
    assert!(poll_with(&mut first, arrives).is_pending());
    assert!(assert_ready!(spawn(barrier.wait()).poll()).is_leader());
    assert_eq!(format!("{barrier:?}"), "Barrier { size: 2, arrived: 0 }", "what arrived in the wake has left");

    // A waker that is dropped by the one who leaves arrives alone.
    let again = Rc::clone(&barrier);
    let mut leaves = barrier.wait();
    let arrives = on_drop(move || assert!(spawn(again.wait()).poll().is_pending()));
    assert!(poll_with(&mut leaves, arrives).is_pending());
    drop(leaves);
}

#[test]
fn a_panic_in_a_wake_keeps_nobody_from_being_woken() {
    let barrier = Barrier::new(3);
    let mut panicking = barrier.wait();
    assert!(poll_with(&mut panicking, on_wake(|| panic!("on purpose"))).is_pending());
    let mut second = spawn(barrier.wait());
    assert_pending!(second.poll());
    assert!(assert_ready!(spawn(barrier.wait()).poll()).is_leader());
    assert!(second.is_woken());
}

#[hanol::test]
async fn no_task_goes_on_before_all_have_arrived() {
    const TASKS: u32 = 20;
    let (barrier, arrived) = (Rc::new(Barrier::new(TASKS as usize)), Rc::new(Cell::new(0)));
    let work = |number: u32| {
        let (barrier, arrived) = (Rc::clone(&barrier), Rc::clone(&arrived));
        async move {
            let mut led = 0;
            for round in 1..=10 {
                for _ in 0..(number + round) % 3 {
                    yield_now().await;
                }
                arrived.set(arrived.get() + 1);
                led += u32::from(barrier.wait().await.is_leader());
                assert!(arrived.get() >= round * TASKS);
            }
            led
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|number| hanol::spawn(work(number))).collect();
    let mut led = 0;
    for task in tasks {
        led += task.await.unwrap();
    }
    assert_eq!(led, 10, "each round has one leader");
}

#[hanol::test]
async fn a_loop_that_never_waits_gives_way() {
    let barrier = Barrier::new(1);
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        barrier.wait().await;
    }
}

#[hanol::test]
async fn waiting_takes_nothing_from_the_budget() {
    let barrier = Barrier::new(2);
    let mut waits = barrier.wait();
    for _ in 0..2 * OPERATIONS_PER_POLL {
        assert!(futures_util::poll!(&mut waits).is_pending());
    }
    // An await here would give way and start with a new budget.
    assert!(futures_util::poll!(barrier.wait()).is_ready());
    assert!(futures_util::poll!(waits).is_ready());
}

#[hanol::test]
async fn the_list_names_the_wait_and_its_line() {
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
    let place = below("wait()");
    let wait = async { barrier.wait().await };
    assert_waits(wait, "barrier", place).await;
}
