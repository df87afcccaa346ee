//! The watch channel: what receivers see, what wakes them, and what user code may do meanwhile.

#[path = "watch/alike.rs"]
mod alike;
mod foreign;
#[path = "task_list/place.rs"]
mod place;
#[path = "watch/reentrancy.rs"]
mod reentrancy;
mod timing;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use futures_util::poll;
use hanol::runtime::{Handle, OPERATIONS_PER_POLL, TaskState};
use hanol::sync::watch;
use hanol::task::yield_now;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok};

use self::foreign::on_drop;
use self::place::below;

#[test]
fn a_new_receiver_has_seen_the_value_that_is_there() {
    let (sender, mut receiver) = watch::channel(1);
    assert!(!receiver.has_changed().unwrap());
    assert!(!receiver.borrow().has_changed());
    sender.send(2).unwrap();
    let mut later = sender.subscribe();
    assert!(receiver.has_changed().unwrap() && !later.has_changed().unwrap());
    assert_pending!(poll_by_hand(later.changed()).poll());
    assert_ready_ok!(poll_by_hand(receiver.changed()).poll());
    assert_eq!(*receiver.borrow(), 2);
}

#[test]
fn a_clone_has_seen_what_the_original_has_seen() {
    let (sender, receiver) = watch::channel(());
    sender.send(()).unwrap();
    let mut unseen = receiver.clone();
    assert!(unseen.has_changed().unwrap());
    unseen.mark_unchanged();
    assert!(!unseen.clone().has_changed().unwrap());
    assert!(receiver.has_changed().unwrap());
}

#[test]
fn borrow_leaves_a_value_unseen_and_borrow_and_update_does_not() {
    let (sender, mut receiver) = watch::channel(1);
    sender.send(2).unwrap();
    for _ in 0..2 {
        let value = receiver.borrow();
        assert!(*value == 2 && value.has_changed());
    }
    let value = receiver.borrow_and_update();
    assert!(*value == 2 && value.has_changed());
    drop(value);
    assert!(!receiver.borrow_and_update().has_changed());
    assert!(!sender.borrow().has_changed());
}

#[test]
fn a_receiver_can_be_told_that_it_has_or_has_not_seen_the_value() {
    let (sender, mut receiver) = watch::channel(());
    receiver.mark_changed();
    assert!(receiver.has_changed().unwrap());
    assert_ready_ok!(poll_by_hand(receiver.changed()).poll());
    assert_pending!(poll_by_hand(receiver.changed()).poll());
    receiver.mark_changed();
    receiver.mark_changed();
    sender.send(()).unwrap();
    assert!(receiver.has_changed().unwrap());
    receiver.mark_unchanged();
    assert_pending!(poll_by_hand(receiver.changed()).poll());
}

#[hanol::test]
async fn every_waiting_receiver_is_woken_and_sees_the_latest_value() {
    let (sender, receiver) = watch::channel(0);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let mut receiver = receiver.clone();
            hanol::spawn(async move {
                receiver.changed().await.unwrap();
                let value = *receiver.borrow_and_update();
                (value, receiver.has_changed().unwrap())
            })
        })
        .collect();
    yield_now().await;
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    for task in tasks {
        assert_eq!(task.await.unwrap(), (2, false));
    }
}

#[test]
fn a_value_that_was_not_waited_for_is_changed_at_once() {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let mut changed = poll_by_hand(receiver.changed());
    assert_ready_ok!(changed.poll());
    drop(changed);
    assert_pending!(poll_by_hand(receiver.changed()).poll());
}

#[test]
fn without_senders_the_last_value_is_seen_and_then_it_is_an_error() {
    let (sender, mut receiver) = watch::channel(0);
    let other = sender.clone();
    drop(sender);
    assert!(!receiver.is_closed());
    other.send(1).unwrap();
    drop(other);
    assert!(receiver.is_closed() && receiver.has_changed().is_err());
    assert_ready_ok!(poll_by_hand(receiver.changed()).poll());
    assert_eq!(*receiver.borrow(), 1);
    assert_eq!(assert_ready_err!(poll_by_hand(receiver.changed()).poll()).to_string(), "channel closed");
}

#[test]
fn the_last_sender_that_goes_wakes_who_waits() {
    let (sender, mut receiver) = watch::channel(());
    let other = sender.clone();
    let mut changed = poll_by_hand(receiver.changed());
    assert_pending!(changed.poll());
    drop(sender);
    assert!(!changed.is_woken());
    drop(other);
    assert!(changed.is_woken());
    assert_ready_err!(changed.poll());
}

#[test]
fn without_receivers_send_fails_and_the_other_ways_do_not() {
    let (sender, receiver) = watch::channel("first");
    drop(receiver);
    let error = sender.send("second").unwrap_err();
    assert_eq!((error.0, error.to_string()), ("second", "channel closed".to_owned()));
    assert_eq!(*sender.borrow(), "first");
    assert_eq!(sender.send_replace("third"), "first");
    sender.send_modify(|value| *value = "fourth");
    assert!(sender.send_if_modified(|value| std::mem::replace(value, "fifth") == "fourth"));
    assert_eq!(*sender.subscribe().borrow(), "fifth");
}

#[test]
fn only_a_closure_that_says_so_has_changed_the_value() {
    let (sender, mut receiver) = watch::channel(1);
    let mut changed = poll_by_hand(receiver.changed());
    assert_pending!(changed.poll());
    assert!(!sender.send_if_modified(|value| *value == 7));
    assert!(!changed.is_woken());
    assert!(sender.send_if_modified(|value| {
        *value = 2;
        true
    }));
    assert!(changed.is_woken());
    assert_ready_ok!(changed.poll());
}

#[test]
fn closed_waits_until_the_last_receiver_is_gone_and_a_new_one_opens_the_channel_again() {
    let (sender, receiver) = watch::channel(());
    let other = receiver.clone();
    let mut closed = poll_by_hand(sender.closed());
    assert_pending!(closed.poll());
    drop(receiver);
    assert!(!closed.is_woken() && !sender.is_closed());
    drop(other);
    assert!(closed.is_woken() && sender.is_closed());

    let receiver = sender.subscribe();
    assert_pending!(closed.poll());
    assert!(!sender.is_closed());
    drop(receiver);
    assert!(closed.is_woken());
    assert_ready!(closed.poll());
}

#[test]
fn handles_are_counted_and_know_their_channel() {
    let (sender, receiver) = watch::channel(());
    let (others, mut other) = watch::channel(());
    let clones = (sender.clone(), receiver.clone());
    assert_eq!((sender.sender_count(), sender.receiver_count()), (2, 2));
    assert!(sender.same_channel(&clones.0) && receiver.same_channel(&clones.1));
    assert!(!sender.same_channel(&others) && !receiver.same_channel(&other));
    drop(clones);
    assert_eq!((sender.sender_count(), sender.receiver_count()), (1, 1));
    other.clone_from(&receiver);
    assert_eq!((sender.receiver_count(), others.receiver_count()), (2, 0));
    assert_eq!(*watch::Sender::<u8>::default().borrow(), 0);
}

#[test]
fn wait_for_looks_at_the_value_that_is_there_even_if_it_was_seen() {
    let (_sender, mut receiver) = watch::channel(3);
    let value = assert_ready_ok!(poll_by_hand(receiver.wait_for(|value| *value == 3)).poll());
    assert!(*value == 3 && !value.has_changed());
}

#[test]
fn wait_for_skips_values_and_marks_what_it_looked_at_as_seen() {
    let (sender, mut receiver) = watch::channel(0);
    let looked_at = RefCell::new(Vec::new());
    let mut wait = poll_by_hand(receiver.wait_for(|value| {
        looked_at.borrow_mut().push(*value);
        *value == 5
    }));
    assert_pending!(wait.poll());
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert!(wait.is_woken());
    assert_pending!(wait.poll());
    assert_pending!(wait.poll());
    assert_eq!(*looked_at.borrow(), [0, 2]);
    drop(wait);
    assert!(!receiver.has_changed().unwrap());

    sender.send(5).unwrap();
    let value = assert_ready_ok!(poll_by_hand(receiver.wait_for(|value| *value == 5)).poll());
    assert!(value.has_changed());
    drop(value);
    assert!(!receiver.has_changed().unwrap());
}

#[test]
fn wait_for_looks_at_the_last_value_before_it_fails() {
    let (sender, mut receiver) = watch::channel(0);
    sender.send(1).unwrap();
    drop(sender);
    let looked_at = Cell::new(None);
    let look = |value: &i32| {
        looked_at.set(Some(*value));
        false
    };
    assert_ready_err!(poll_by_hand(receiver.wait_for(look)).poll());
    assert_eq!(looked_at.get(), Some(1));
    assert_ready_ok!(poll_by_hand(receiver.wait_for(|value| *value == 1)).poll());
}

#[test]
fn a_condition_that_panics_harms_nobody() {
    let (sender, mut receiver) = watch::channel(0);
    let mut wait = poll_by_hand(receiver.wait_for(|_| panic!("of the test")));
    assert!(catch_unwind(AssertUnwindSafe(|| wait.poll().is_ready())).is_err());
    drop(wait);
    sender.send_modify(|value| *value += 1);
    assert_eq!(*receiver.borrow_and_update(), 1);
}

#[test]
fn a_reference_keeps_its_value_while_others_are_sent() {
    let (sender, receiver) = watch::channel("first".to_owned());
    let first = receiver.borrow();
    sender.send("second".to_owned()).unwrap();
    let second = sender.borrow();
    sender.send("third".to_owned()).unwrap();
    assert_eq!((&**first, &**second, &**receiver.borrow()), ("first", "second", "third"));
    // Only references to the latest value matter to those who change it.
    sender.send_modify(|value| value.push('!'));
    assert_eq!(sender.send_replace(String::new()), "third!");
    assert_eq!((&**first, &**second), ("first", "second"));
}

#[hanol::test]
async fn a_reference_may_be_held_across_an_await() {
    let (sender, mut receiver) = watch::channel(1);
    let task = hanol::spawn(async move {
        let held = receiver.wait_for(|value| *value == 1).await.unwrap();
        yield_now().await;
        *held
    });
    yield_now().await;
    sender.send(2).unwrap();
    assert_eq!(task.await.unwrap(), 1);
}

#[test]
fn changing_the_value_itself_panics_while_a_reference_lives_and_changes_nothing() {
    let (sender, mut receiver) = watch::channel(1);
    let held = sender.borrow();
    for change in [
        &(|| sender.send_modify(|value| *value = 2)) as &dyn Fn(),
        &|| assert!(sender.send_if_modified(|_| true)),
        &|| assert_eq!(sender.send_replace(2), 1),
    ] {
        let panicked = catch_unwind(AssertUnwindSafe(change)).unwrap_err();
        let message = panicked.downcast_ref::<&str>().expect("the message is a literal");
        assert!(message.contains("while a `Ref` to it lives"), "{message}");
    }
    assert!(*held == 1 && *receiver.borrow() == 1 && !receiver.has_changed().unwrap());
    drop(held);
    sender.send_modify(|value| *value = 2);
    assert_eq!(*receiver.borrow_and_update(), 2);
}

#[test]
fn a_value_is_dropped_when_nobody_can_see_it_any_more() {
    let (sender, receiver) = watch::channel(Rc::new(()));
    let mut dropped = vec![Rc::downgrade(&sender.borrow())];
    let held = receiver.borrow();
    for _ in 0..3 {
        let value = Rc::new(());
        dropped.push(Rc::downgrade(&value));
        sender.send(value).unwrap();
    }
    let alive = || dropped.iter().map(|value| value.strong_count() > 0).collect::<Vec<_>>();
    assert_eq!(alive(), [true, false, false, true]);
    drop(held);
    drop(sender);
    assert_eq!(alive(), [false, false, false, true]);
    drop(receiver);
    assert_eq!(alive(), [false; 4]);
}

#[test]
fn a_future_that_is_given_up_leaves_nothing_and_has_seen_nothing() {
    let (sender, mut receiver) = watch::channel(0);
    let dropped = Rc::new(Cell::new(0));
    let count = || {
        let dropped = Rc::clone(&dropped);
        on_drop(move || dropped.set(dropped.get() + 1))
    };
    drop(foreign_poll(receiver.changed(), count()));
    drop(foreign_poll(receiver.wait_for(|_| false), count()));
    drop(foreign_poll(sender.closed(), count()));
    assert_eq!(dropped.get(), 3);

    // One that was woken and then given up has not marked the value as seen.
    let changed = foreign_poll(receiver.changed(), count());
    sender.send(1).unwrap();
    drop(changed);
    assert_eq!(dropped.get(), 4);
    assert!(receiver.has_changed().unwrap());
}

/// Polls a future, which has to wait.
fn foreign_poll<F: Future + Unpin>(mut future: F, waker: std::task::Waker) -> F {
    assert!(foreign::poll_with(&mut future, &waker).is_pending());
    future
}

#[hanol::test]
async fn a_task_that_always_finds_a_change_gives_way() {
    let (sender, mut receiver) = watch::channel(0_u32);
    let rounds = Rc::new(Cell::new(0));
    let task = hanol::spawn({
        let rounds = Rc::clone(&rounds);
        async move {
            loop {
                sender.send(0).unwrap();
                receiver.changed().await.unwrap();
                rounds.set(rounds.get() + 1);
            }
        }
    });
    yield_now().await;
    assert_eq!(rounds.get(), OPERATIONS_PER_POLL);
    task.abort();
}

#[hanol::test]
async fn looking_in_vain_takes_nothing_from_the_budget() {
    let (sender, mut receiver) = watch::channel(0_u32);
    let task = hanol::spawn(async move {
        for _ in 0..10 * OPERATIONS_PER_POLL {
            assert!(poll!(receiver.changed()).is_pending());
        }
        sender.send(1).unwrap();
        // It would wait here, if there were nothing left.
        poll!(receiver.changed()).is_ready()
    });
    assert!(task.await.unwrap());
}

#[hanol::test]
async fn a_condition_that_sends_what_it_looks_at_gives_way() {
    let (sender, mut receiver) = watch::channel(0_u32);
    let looks = Rc::new(Cell::new(0));
    let task = hanol::spawn({
        let looks = Rc::clone(&looks);
        async move {
            let condition = |value: &u32| {
                looks.set(looks.get() + 1);
                sender.send(value + 1).unwrap();
                false
            };
            drop(receiver.wait_for(condition).await);
        }
    });
    yield_now().await;
    assert_eq!(looks.get(), OPERATIONS_PER_POLL);
    task.abort();
}

#[hanol::test]
async fn the_task_list_says_who_waits_for_a_change_and_where() {
    let (sender, mut receiver) = watch::channel(0);
    let mut second = receiver.clone();
    let changed_at = below("changed(");
    let changed = hanol::spawn(async move { receiver.changed().await.is_ok() });
    let wait_for_at = below("wait_for(");
    let wait_for = hanol::spawn(async move { second.wait_for(|value| *value == 9).await.is_ok() });
    let closed_at = below("closed(");
    let closed = hanol::spawn(async move { sender.closed().await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let expected = [
        (changed.id(), "changed", changed_at),
        (wait_for.id(), "changed", wait_for_at),
        (closed.id(), "channel closed", closed_at),
    ];
    for (id, operation, place) in expected {
        let task = tasks.iter().find(|task| task.id == id).unwrap();
        let waiting = task.waiting.as_ref().unwrap();
        assert_eq!(task.state, TaskState::Waiting);
        assert_eq!((waiting.operation, waiting.location.to_string()), (operation, place));
        assert_eq!(waiting.resource, None);
    }
}

#[test]
fn what_it_looks_like_in_a_log() {
    let (sender, mut receiver) = watch::channel(7);
    assert_eq!(
        format!("{sender:?}"),
        "Sender { shared: Shared { value: 7, version: 0, senders: 1, receivers: 1, .. } }"
    );
    assert_eq!(format!("{:?}", receiver.borrow_and_update()), "Ref { value: 7, has_changed: false }");
    assert_eq!(format!("{:?}", receiver.changed()), "Changed { seen: 0, .. }");
    sender.send_modify(|_| {
        assert!(format!("{receiver:?}").contains("value: <being changed>"));
    });
}
