//! `Notify`: permits, the line, broadcasts, and notifications that are passed on.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::FutureExt;
use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::sync::{Notified, Notify, OwnedNotified};
use hanol::task::yield_now;
use tokio_test::task::{Spawn, spawn};
use tokio_test::{assert_pending, assert_ready};

use crate::list::assert_waits;
use crate::place::below;
use crate::waker::{on_drop, on_wake, poll_with};

/// So many that wait.
fn waiting(notify: &Notify, count: usize) -> Vec<Spawn<Notified<'_>>> {
    let mut waiting: Vec<_> = (0..count).map(|_| spawn(notify.notified())).collect();
    waiting.iter_mut().for_each(|notified| assert_pending!(notified.poll()));
    waiting
}

fn woken(waiting: &[Spawn<Notified<'_>>]) -> Vec<usize> {
    (0..waiting.len()).filter(|&index| waiting[index].is_woken()).collect()
}

#[test]
fn one_permit_is_left_for_the_next_and_no_more() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_last();
    assert_ready!(spawn(notify.notified()).poll());
    assert_pending!(spawn(notify.notified()).poll());
}

#[test]
fn a_permit_is_not_taken_before_the_first_poll() {
    let notify = Notify::new();
    let unpolled = notify.notified();
    notify.notify_one();
    drop(unpolled);
    assert_ready!(spawn(notify.notified()).poll());
}

#[test]
fn those_who_wait_are_notified_in_their_order() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 3);
    for index in 0..3 {
        notify.notify_one();
        assert_eq!(woken(&waiting), [index]);
        assert_ready!(waiting[index].poll());
    }
}

#[test]
fn the_last_to_come_is_notified_first_if_asked() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 3);
    notify.notify_last();
    assert_eq!(woken(&waiting), [2]);
    notify.notify_one();
    assert_eq!(woken(&waiting), [0, 2]);
    notify.notify_last();
    waiting.iter_mut().for_each(|notified| assert_ready!(notified.poll()));
    assert_pending!(spawn(notify.notified()).poll());
}

#[test]
fn a_broadcast_reaches_all_that_exist_and_leaves_nothing() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 3);
    let mut unpolled = spawn(notify.notified());
    let mut owned_unpolled = spawn(Rc::new(Notify::new()).notified_owned());
    notify.notify_waiters();
    let mut later = spawn(notify.notified());
    assert_eq!(woken(&waiting), [0, 1, 2]);
    waiting.iter_mut().for_each(|notified| assert_ready!(notified.poll()));
    assert_ready!(unpolled.poll());
    assert_pending!(later.poll());
    assert_pending!(owned_unpolled.poll());
}

#[test]
fn a_broadcast_leaves_the_permit_to_others() {
    let notify = Notify::new();
    let mut before = spawn(notify.notified());
    notify.notify_one();
    notify.notify_waiters();
    assert_ready!(before.poll());
    assert_ready!(spawn(notify.notified()).poll());
    assert_pending!(spawn(notify.notified()).poll());
}

#[test]
fn one_that_is_ready_stays_ready() {
    let notify = Notify::new();
    notify.notify_one();
    let mut notified = spawn(notify.notified());
    assert_ready!(notified.poll());
    assert_ready!(notified.poll());
    assert!(notified.enter(|_, notified| notified.enable()));
}

#[test]
fn a_notification_that_is_dropped_goes_to_the_next() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 4);
    notify.notify_one();
    drop(waiting.remove(0));
    assert_eq!(woken(&waiting), [0]);
    drop(waiting.remove(0));
    assert_eq!(woken(&waiting), [0]);
    // One that has returned keeps it.
    assert_ready!(waiting[0].poll());
    drop(waiting.remove(0));
    assert_eq!(woken(&waiting), [] as [usize; 0]);
}

#[test]
fn a_notification_of_the_last_goes_to_the_last() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 3);
    notify.notify_last();
    drop(waiting.pop());
    assert_eq!(woken(&waiting), [1]);
}

#[test]
fn a_notification_that_is_dropped_by_the_last_one_stays_as_a_permit() {
    let notify = Notify::new();
    let only = waiting(&notify, 1);
    notify.notify_one();
    drop(only);
    assert_ready!(spawn(notify.notified()).poll());
    assert_pending!(spawn(notify.notified()).poll());
}

#[test]
fn a_broadcast_is_not_passed_on() {
    let notify = Notify::new();
    let first = waiting(&notify, 1);
    notify.notify_waiters();
    let mut second = waiting(&notify, 1);
    drop(first);
    assert_pending!(second[0].poll());
    assert!(!second[0].is_woken());
    drop(second);
    assert_pending!(spawn(notify.notified()).poll());
}

#[test]
fn one_that_leaves_the_line_is_not_notified() {
    let notify = Notify::new();
    let mut waiting = waiting(&notify, 3);
    drop(waiting.remove(1));
    notify.notify_one();
    notify.notify_one();
    assert_eq!(woken(&waiting), [0, 1]);
}

#[test]
fn an_enabled_one_has_its_place_before_it_is_polled() {
    let notify = Notify::new();
    let mut enabled = spawn(notify.notified());
    assert!(!enabled.enter(|_, notified| notified.enable()));
    assert!(!enabled.enter(|_, notified| notified.enable()));
    let mut later = waiting(&notify, 1);
    notify.notify_one();
    assert_ready!(enabled.poll());
    assert_pending!(later[0].poll());
}

#[test]
fn enabling_takes_the_permit_and_says_so() {
    let notify = Rc::new(Notify::new());
    notify.notify_one();
    let mut enabled = Rc::clone(&notify).notified_owned();
    assert!(Pin::new(&mut enabled).enable());
    assert_pending!(spawn(notify.notified()).poll());
    assert_ready!(spawn(enabled).poll());

    let mut enabled = Rc::clone(&notify).notified_owned();
    assert!(!Pin::new(&mut enabled).enable());
    notify.notify_one();
    assert!(Pin::new(&mut enabled).enable());
    let broadcast: &mut OwnedNotified = &mut Rc::clone(&notify).notified_owned();
    notify.notify_waiters();
    assert!(Pin::new(broadcast).enable());
}

#[test]
fn one_that_was_enabled_wakes_the_task_that_polls_it() {
    let notify = Notify::new();
    let mut notified = spawn(notify.notified());
    notified.enter(|_, notified| notified.enable());
    assert_pending!(notified.poll());
    notify.notify_one();
    assert!(notified.is_woken());
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let notify = Notify::new();
    let first = Rc::new(Cell::new(false));
    let mut notified = notify.notified();
    let noted = Rc::clone(&first);
    assert!(poll_with(&mut notified, on_wake(move || noted.set(true))).is_pending());
    let mut notified = spawn(notified);
    assert_pending!(notified.poll());
    notify.notify_one();
    assert!(notified.is_woken() && !first.get());
}

#[test]
fn wakers_may_call_back() {
    let notify = Rc::new(Notify::new());
    let mut in_wake = Rc::clone(&notify).notified_owned();
    let mut in_drop = Rc::clone(&notify).notified_owned();
    let mut victim = spawn(Rc::clone(&notify).notified_owned());
    let (again, other) = (Rc::clone(&notify), Rc::clone(&notify));
    assert!(poll_with(&mut in_wake, on_wake(move || again.notify_one())).is_pending());
    assert!(poll_with(&mut in_drop, on_drop(move || other.notify_one())).is_pending());
    assert_pending!(victim.poll());
    // Woken, it notifies the next, whose waker is dropped then, and notifies the next.
    notify.notify_one();
    assert!(victim.is_woken());
    assert_ready!(victim.poll());
}

#[test]
fn a_waker_that_is_replaced_or_given_up_may_notify() {
    let notify = Rc::new(Notify::new());
    let again = Rc::clone(&notify);
    let mut notified = Rc::clone(&notify).notified_owned();
    assert!(poll_with(&mut notified, on_drop(move || again.notify_one())).is_pending());
    assert_ready!(spawn(notified).poll());

    let again = Rc::clone(&notify);
    let mut given_up = Rc::clone(&notify).notified_owned();
    let mut waits = spawn(Rc::clone(&notify).notified_owned());
    assert!(poll_with(&mut given_up, on_drop(move || again.notify_one())).is_pending());
    assert_pending!(waits.poll());
    drop(given_up);
    assert!(waits.is_woken());
}

#[test]
fn a_panic_in_a_wake_keeps_nobody_from_being_woken() {
    let notify = Notify::new();
    let mut panicking = notify.notified();
    assert!(poll_with(&mut panicking, on_wake(|| panic!("on purpose"))).is_pending());
    let mut waiting = waiting(&notify, 2);
    notify.notify_waiters();
    assert_eq!(woken(&waiting), [0, 1]);
    waiting.iter_mut().for_each(|notified| assert_ready!(notified.poll()));
}

#[hanol::test]
async fn tasks_wake_each_other_in_turn() {
    let (ping, pong) = (Rc::new(Notify::new()), Rc::new(Notify::new()));
    let other = hanol::spawn({
        let (ping, pong) = (Rc::clone(&ping), Rc::clone(&pong));
        async move {
            for _ in 0..1000 {
                ping.notified().await;
                pong.notify_one();
            }
        }
    });
    for _ in 0..1000 {
        ping.notify_one();
        pong.notified().await;
    }
    other.await.unwrap();
}

#[hanol::test]
async fn a_loop_that_is_always_notified_gives_way() {
    let notify = Notify::new();
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        notify.notify_one();
        notify.notified().await;
    }
}

#[hanol::test]
async fn waiting_takes_nothing_from_the_budget() {
    let notify = Notify::new();
    let mut waits = notify.notified();
    for _ in 0..2 * OPERATIONS_PER_POLL {
        assert!(futures_util::poll!(&mut waits).is_pending());
    }
    notify.notify_one();
    assert!(futures_util::poll!(waits).is_ready());
}

#[hanol::test]
async fn the_list_names_the_wait_and_its_line() {
    let notify: &'static Notify = Box::leak(Box::default());
    let place = below("notified()");
    let notified = async { notify.notified().await };
    assert_waits(notified, "notified", place).await;
    let notify = Rc::new(Notify::new());
    let place = below("notified_owned()");
    let notified = async move { notify.notified_owned().await };
    assert_waits(notified, "notified", place).await;
}

#[hanol::test]
async fn an_owned_one_moves_into_a_task() {
    let notify = Rc::new(Notify::new());
    let task = hanol::spawn(Rc::clone(&notify).notified_owned());
    yield_now().await;
    notify.notify_one();
    task.await.unwrap();
    assert_eq!(Rc::strong_count(&notify), 1);
    assert!(notify.notified().now_or_never().is_none());
}
