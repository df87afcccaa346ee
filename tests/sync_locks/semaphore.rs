//! `Semaphore`: fairness, many permits at once, closing, and permits that are passed on.

use std::cell::Cell;
use std::rc::Rc;

use hanol::sync::{Acquire, AcquireError, Semaphore, TryAcquireError};
use hanol::task::yield_now;
use tokio_test::task::{Spawn, spawn};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok};

use crate::list::assert_waits;
use crate::place::below;
use crate::waker::{on_drop, on_wake, poll_with};

/// One that waits for so many permits.
fn waiting(semaphore: &Semaphore, count: u32) -> Spawn<Acquire<'_>> {
    let mut acquire = spawn(semaphore.acquire_many(count));
    assert_pending!(acquire.poll());
    acquire
}

#[test]
fn permits_are_taken_and_go_back() {
    let semaphore = Semaphore::new(3);
    let one = assert_ready_ok!(spawn(semaphore.acquire()).poll());
    let two = assert_ready_ok!(spawn(semaphore.acquire_many(2)).poll());
    assert_eq!((one.num_permits(), two.num_permits(), semaphore.available_permits()), (1, 2, 0));
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    drop(one);
    assert_eq!(semaphore.try_acquire_many(2).unwrap_err(), TryAcquireError::NoPermits);
    assert_eq!(semaphore.try_acquire().unwrap().num_permits(), 1);
    drop(two);
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn those_who_wait_get_permits_in_their_order() {
    let semaphore = Semaphore::new(0);
    let (mut first, mut second) = (waiting(&semaphore, 1), waiting(&semaphore, 1));
    semaphore.add_permits(1);
    assert!(first.is_woken() && !second.is_woken());
    assert_pending!(second.poll());
    let permit = assert_ready_ok!(first.poll());
    assert!(!second.is_woken());
    drop(permit);
    assert!(second.is_woken());
    drop(assert_ready_ok!(second.poll()));
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn nobody_overtakes_one_that_waits_for_many() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut many = waiting(&semaphore, 3);
    assert_eq!(semaphore.available_permits(), 0, "it has begun to collect");
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    let mut few = waiting(&semaphore, 1);
    drop(held);
    assert!(!many.is_woken() && !few.is_woken());
    semaphore.add_permits(2);
    assert!(many.is_woken() && few.is_woken());
    let (many, few) = (assert_ready_ok!(many.poll()), assert_ready_ok!(few.poll()));
    assert_eq!((many.num_permits(), few.num_permits(), semaphore.available_permits()), (3, 1, 0));
}

#[test]
fn no_permits_are_to_be_had_at_any_time() {
    let semaphore = Semaphore::new(0);
    let _waits = waiting(&semaphore, 1);
    assert_eq!(assert_ready_ok!(spawn(semaphore.acquire_many(0)).poll()).num_permits(), 0);
    semaphore.add_permits(0);
    assert_eq!(semaphore.try_acquire_many(0).unwrap().num_permits(), 0);
}

#[test]
fn one_that_gives_up_passes_on_what_it_has_collected() {
    let semaphore = Semaphore::new(2);
    let many = waiting(&semaphore, 3);
    let (mut next, mut last) = (waiting(&semaphore, 1), waiting(&semaphore, 2));
    drop(many);
    assert!(next.is_woken() && !last.is_woken());
    drop(assert_ready_ok!(next.poll()));
    assert_eq!(assert_ready_ok!(last.poll()).num_permits(), 2);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn one_that_gives_up_after_it_got_all_passes_all_on() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    let first = waiting(&semaphore, 1);
    let mut second = waiting(&semaphore, 1);
    drop(held);
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    drop(assert_ready_ok!(second.poll()));
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn one_that_leaves_from_the_middle_takes_nothing_with_it() {
    let semaphore = Semaphore::new(0);
    let (mut first, middle, mut last) = (waiting(&semaphore, 1), waiting(&semaphore, 5), waiting(&semaphore, 1));
    drop(middle);
    semaphore.add_permits(2);
    assert_ready_ok!(first.poll()).forget();
    assert_ready_ok!(last.poll()).forget();
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn permits_are_forgotten_split_and_merged() {
    let semaphore = Semaphore::new(10);
    let mut permit = semaphore.try_acquire_many(5).unwrap();
    assert!(permit.split(6).is_none());
    let split = permit.split(2).unwrap();
    assert_eq!((permit.num_permits(), split.num_permits(), semaphore.available_permits()), (3, 2, 5));
    permit.merge(split);
    assert_eq!((permit.num_permits(), semaphore.available_permits()), (5, 5));
    assert!(std::ptr::eq(permit.semaphore(), &semaphore));
    permit.forget();
    assert_eq!(semaphore.available_permits(), 5);
    assert_eq!((semaphore.forget_permits(2), semaphore.available_permits()), (2, 3));
    assert_eq!((semaphore.forget_permits(9), semaphore.available_permits()), (3, 0));
}

#[test]
fn owned_permits_are_forgotten_split_and_merged() {
    let semaphore = Rc::new(Semaphore::new(10));
    let mut permit = Rc::clone(&semaphore).try_acquire_many_owned(5).unwrap();
    assert!(permit.split(6).is_none());
    let split = permit.split(2).unwrap();
    assert_eq!((permit.num_permits(), split.num_permits(), semaphore.available_permits()), (3, 2, 5));
    permit.merge(split);
    assert!(Rc::ptr_eq(permit.semaphore(), &semaphore));
    drop(permit);
    assert_eq!(semaphore.available_permits(), 10);
    Rc::clone(&semaphore).try_acquire_owned().unwrap().forget();
    assert_eq!(semaphore.available_permits(), 9);
    assert_eq!(Rc::clone(&semaphore).try_acquire_many_owned(10).unwrap_err(), TryAcquireError::NoPermits);
    assert_eq!(Rc::strong_count(&semaphore), 1);
}

#[test]
#[should_panic(expected = "another")]
fn permits_of_different_semaphores_are_not_merged() {
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    one.try_acquire().unwrap().merge(other.try_acquire().unwrap());
}

#[test]
fn closing_wakes_all_and_gives_out_no_more() {
    let semaphore = Rc::new(Semaphore::new(1));
    let held = semaphore.try_acquire().unwrap();
    let (mut first, second) = (waiting(&semaphore, 1), waiting(&semaphore, 2));
    semaphore.close();
    assert!(semaphore.is_closed() && first.is_woken() && second.is_woken());
    assert_ready_err!(first.poll());
    drop(second);
    drop(held);
    assert_eq!(semaphore.available_permits(), 1, "permits that are out go back all the same");
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
    assert_eq!(Rc::clone(&semaphore).try_acquire_owned().unwrap_err(), TryAcquireError::Closed);
    assert_ready_err!(spawn(semaphore.acquire()).poll());
    assert_ready_err!(spawn(Rc::clone(&semaphore).acquire_owned()).poll());
}

#[test]
fn closing_overtakes_a_permit_that_was_not_fetched() {
    let semaphore = Semaphore::new(0);
    let (mut got_it, mut collects) = (waiting(&semaphore, 1), waiting(&semaphore, 3));
    semaphore.add_permits(3);
    semaphore.close();
    assert_ready_err!(got_it.poll());
    assert_ready_err!(collects.poll());
    assert_eq!(semaphore.available_permits(), 3);
}

#[test]
fn errors_say_what_is_wrong() {
    let semaphore = Semaphore::new(0);
    assert_eq!(semaphore.try_acquire().unwrap_err().to_string(), "the semaphore has not enough permits");
    assert_eq!(format!("{semaphore:?}"), "Semaphore { available_permits: 0, is_closed: false, .. }");
    semaphore.close();
    assert_eq!(semaphore.try_acquire().unwrap_err().to_string(), "the semaphore is closed");
    let error: AcquireError = assert_ready_err!(spawn(semaphore.acquire()).poll());
    assert_eq!(error.to_string(), "the semaphore is closed");
}

#[test]
fn there_are_at_most_max_permits() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    semaphore.add_permits(0);
    let add = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| semaphore.add_permits(1)));
    assert!(add.is_err());
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
    assert!(std::panic::catch_unwind(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).is_err());
}

#[test]
fn wakers_may_call_back() {
    let semaphore = Rc::new(Semaphore::new(1));
    let held = semaphore.try_acquire().unwrap();
    let mut first = semaphore.acquire();
    let mut second = Rc::clone(&semaphore).acquire_owned();
    let third = Rc::new(Cell::new(Some(spawn(Rc::clone(&semaphore).acquire_owned()))));
    let more = Rc::clone(&semaphore);
    assert!(poll_with(&mut first, on_wake(move || more.add_permits(1))).is_pending());
    let (more, leaves) = (Rc::clone(&semaphore), Rc::clone(&third));
    let wake = on_wake(move || {
        drop(leaves.take());
        assert_eq!(more.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
        more.add_permits(7);
    });
    assert!(poll_with(&mut second, wake).is_pending());
    let mut waits = third.take().unwrap();
    assert_pending!(waits.poll());
    third.set(Some(waits));
    drop(held);
    assert_eq!(semaphore.available_permits(), 7);
    drop((first, second));
    assert_eq!(semaphore.available_permits(), 9);
}

#[test]
fn a_waker_that_is_dropped_may_bring_permits() {
    let semaphore = Rc::new(Semaphore::new(0));
    let more = Rc::clone(&semaphore);
    let mut acquire = semaphore.acquire();
    assert!(poll_with(&mut acquire, on_drop(move || more.add_permits(1))).is_pending());
    // The next poll replaces it, and finds what its drop has brought.
    assert_ready_ok!(spawn(acquire).poll()).forget();

    let more = Rc::clone(&semaphore);
    let mut acquire = semaphore.acquire();
    assert!(poll_with(&mut acquire, on_drop(move || more.add_permits(1))).is_pending());
    let mut next = waiting(&semaphore, 1);
    drop(acquire);
    assert_ready_ok!(next.poll()).forget();
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn a_panic_in_a_wake_loses_no_permit() {
    let semaphore = Semaphore::new(0);
    let mut panicking = semaphore.acquire();
    assert!(poll_with(&mut panicking, on_wake(|| panic!("on purpose"))).is_pending());
    let mut next = waiting(&semaphore, 1);
    semaphore.add_permits(2);
    assert!(next.is_woken());
    drop(panicking);
    drop(assert_ready_ok!(next.poll()));
    assert_eq!(semaphore.available_permits(), 2);
}

#[hanol::test]
async fn so_many_tasks_at_once_and_no_more() {
    let semaphore = Rc::new(Semaphore::new(3));
    // As many copies as tasks that have a permit.
    let (working, most) = (Rc::new(()), Rc::new(Cell::new(0)));
    let work = |number: u32| {
        let (semaphore, working, most) = (Rc::clone(&semaphore), Rc::downgrade(&working), Rc::clone(&most));
        async move {
            let _permit = semaphore.acquire().await.unwrap();
            let working = working.upgrade().unwrap();
            most.set((Rc::strong_count(&working) - 1).max(most.get()));
            for _ in 0..number % 5 {
                yield_now().await;
            }
        }
    };
    let tasks: Vec<_> = (0..100).map(|number| hanol::spawn(work(number))).collect();
    for (number, task) in tasks.into_iter().enumerate() {
        if number % 7 == 3 {
            task.abort();
        } else {
            task.await.unwrap();
        }
    }
    assert_eq!((most.get(), semaphore.available_permits()), (3, 3));
}

#[hanol::test]
async fn a_loop_that_always_gets_a_permit_gives_way() {
    let semaphore = Semaphore::new(1);
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        drop(semaphore.acquire().await);
    }
    assert_eq!(semaphore.available_permits(), 1);
}

#[hanol::test]
async fn the_list_names_the_wait_and_its_line() {
    let semaphore: &'static Semaphore = Box::leak(Box::new(Semaphore::new(0)));
    let place = below("acquire()");
    let acquire = async { semaphore.acquire().await };
    assert_waits(acquire, "semaphore", place).await;
    let place = below("acquire_many(");
    let acquire = async { semaphore.acquire_many(2).await };
    assert_waits(acquire, "semaphore", place).await;
    let semaphore = Rc::new(Semaphore::new(0));
    let place = below("acquire_owned(");
    let acquire = async move { semaphore.acquire_owned().await };
    assert_waits(acquire, "semaphore", place).await;
}
