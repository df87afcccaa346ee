//! User code that comes back to the channel, or panics, while the channel calls it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use hanol::sync::watch;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready_ok};

use crate::foreign::{on_drop, on_wake, poll_with};

/// A value that calls a closure when it is dropped.
struct OnDrop(Box<dyn Fn()>);

impl OnDrop {
    fn nothing() -> Self {
        Self(Box::new(|| {}))
    }
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0();
    }
}

#[test]
fn a_value_may_send_when_it_is_dropped() {
    let (sender, mut receiver) = watch::channel(OnDrop::nothing());
    let sender = Rc::new(sender);
    let again = Rc::clone(&sender);
    let sends = Rc::new(Cell::new(0));
    let count = Rc::clone(&sends);
    let send = move || {
        count.set(count.get() + 1);
        again.send(OnDrop::nothing()).unwrap();
    };
    sender.send(OnDrop(Box::new(send))).unwrap();
    receiver.mark_unchanged();
    sender.send(OnDrop::nothing()).unwrap();
    assert_eq!(sends.get(), 1);
    assert!(receiver.borrow_and_update().has_changed());
    // It has been replaced by what it sent; nothing is left to be dropped twice.
    drop((sender, receiver));
    assert_eq!(sends.get(), 1);
}

#[test]
fn a_value_whose_drop_panics_has_been_replaced_and_announced() {
    let (sender, mut receiver) = watch::channel(OnDrop::nothing());
    sender.send(OnDrop(Box::new(|| panic!("of the value")))).unwrap();
    receiver.mark_unchanged();
    let mut other = receiver.clone();
    let mut changed = poll_by_hand(receiver.changed());
    assert_pending!(changed.poll());
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(OnDrop::nothing()))).is_err());
    assert!(changed.is_woken());
    assert_ready_ok!(changed.poll());
    drop(changed);
    assert!(other.borrow_and_update().has_changed());
    sender.send(OnDrop::nothing()).unwrap();
}

#[test]
fn the_closure_that_changes_the_value_cannot_use_it_through_the_channel() {
    let (sender, mut receiver) = watch::channel(1);
    let attempts: [&dyn Fn(); 4] =
        [&|| drop(sender.borrow()), &|| drop(receiver.borrow()), &|| sender.send(2).unwrap(), &|| {
            sender.send_modify(|value| *value = 2)
        }];
    for attempt in attempts {
        let changed = catch_unwind(AssertUnwindSafe(|| {
            sender.send_modify(|value| {
                *value += 10;
                attempt();
            });
        }));
        let payload = changed.unwrap_err();
        let message = payload.downcast_ref::<&str>().expect("the message is a literal");
        assert!(message.contains("by the closure that is changing it"), "{message}");
    }
    // What the closures had changed until they panicked stays, and nobody was told.
    assert_eq!(*sender.borrow(), 41);
    assert!(!receiver.has_changed().unwrap());
    sender.send_modify(|value| *value += 1);
    assert_eq!(*receiver.borrow_and_update(), 42);
}

#[test]
fn the_closure_that_changes_the_value_may_use_the_rest_of_the_channel() {
    let (sender, receiver) = watch::channel(1);
    let receiver = RefCell::new(Some(receiver));
    sender.send_modify(|value| {
        assert_eq!(sender.receiver_count(), 1);
        let other = sender.subscribe();
        assert!(!other.has_changed().unwrap());
        drop((other, receiver.take()));
        assert!(sender.is_closed());
        assert!(sender.send(5).is_err());
        *value = 2;
    });
    assert_eq!(*sender.borrow(), 2);
}

#[test]
fn a_condition_may_send_and_gets_a_reference_to_what_it_saw() {
    let (sender, mut receiver) = watch::channel(1);
    let condition = |value: &i32| {
        sender.send(value + 1).unwrap();
        *value == 1
    };
    let value = assert_ready_ok!(poll_by_hand(receiver.wait_for(condition)).poll());
    assert_eq!(*value, 1);
    drop(value);
    assert!(receiver.has_changed().unwrap());
    assert_eq!(*receiver.borrow_and_update(), 2);
}

#[test]
fn a_waker_may_come_back_to_the_channel() {
    let (sender, receiver) = watch::channel(0);
    let sender = Rc::new(sender);
    let mut receivers = [receiver.clone(), receiver];
    let [first, second] = &mut receivers;
    let mut changed = first.changed();
    let wakes = Rc::new(Cell::new(0));
    let waker = on_wake({
        let (sender, wakes) = (Rc::clone(&sender), Rc::clone(&wakes));
        move || {
            wakes.set(wakes.get() + 1);
            let mut another = sender.subscribe();
            sender.send(*sender.borrow() + 1).unwrap();
            assert!(another.borrow_and_update().has_changed());
        }
    });
    assert!(poll_with(&mut changed, &waker).is_pending());
    let mut other = poll_by_hand(second.changed());
    assert_pending!(other.poll());
    sender.send(10).unwrap();
    assert_eq!(wakes.get(), 1, "it was not waiting any more when it sent");
    assert!(other.is_woken());
    assert_ready_ok!(other.poll());
    drop((changed, other));
    assert_eq!(*receivers[0].borrow(), 11);
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_being_woken() {
    let (sender, receiver) = watch::channel(0);
    let mut receivers = [receiver.clone(), receiver.clone(), receiver];
    let [first, second, third] = &mut receivers;
    let mut before = poll_by_hand(first.changed());
    assert_pending!(before.poll());
    let mut changed = second.changed();
    assert!(poll_with(&mut changed, &on_wake(|| panic!("of the waker"))).is_pending());
    let mut after = poll_by_hand(third.changed());
    assert_pending!(after.poll());
    sender.send(1).unwrap();
    assert!(before.is_woken() && after.is_woken());
    assert!(poll_with(&mut changed, &on_wake(|| {})).is_ready());
}

#[test]
fn a_change_that_comes_while_a_waker_is_exchanged_is_not_missed() {
    let (sender, mut receiver) = watch::channel(0);
    let sender = Rc::new(sender);
    let mut changed = receiver.changed();
    let old = on_drop({
        let sender = Rc::clone(&sender);
        move || sender.send(1).unwrap()
    });
    assert!(poll_with(&mut changed, &old).is_pending());
    // The channel has the last one, and drops it when it gets another.
    drop(old);
    let mut moved = poll_by_hand(changed);
    assert_ready_ok!(moved.poll());
}

#[test]
fn only_the_waker_of_the_last_poll_is_woken() {
    let (sender, mut receiver) = watch::channel(0);
    let wakes = Rc::new(Cell::new(0));
    let count = Rc::clone(&wakes);
    let mut changed = receiver.changed();
    assert!(poll_with(&mut changed, &on_wake(move || count.set(count.get() + 1))).is_pending());
    let mut moved = poll_by_hand(changed);
    assert_pending!(moved.poll());
    sender.send(1).unwrap();
    assert!(moved.is_woken());
    assert_eq!(wakes.get(), 0);
}
