//! User code that comes back to the channel, or panics, while the channel calls it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use hanol::sync::broadcast;
use hanol::sync::broadcast::error::TryRecvError;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready_eq};

use crate::foreign::{on_drop, on_wake, poll_with};

/// A value that calls closures when it is cloned and when it is dropped.
struct Value {
    on_clone: Rc<dyn Fn()>,
    on_drop: Rc<dyn Fn()>,
}

impl Value {
    fn on_clone(action: impl Fn() + 'static) -> Self {
        Self { on_clone: Rc::new(action), on_drop: Rc::new(|| {}) }
    }

    fn on_drop(action: impl Fn() + 'static) -> Self {
        Self { on_clone: Rc::new(|| {}), on_drop: Rc::new(action) }
    }

    fn plain() -> Self {
        Self::on_drop(|| {})
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        (self.on_clone)();
        Self::plain()
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

#[test]
fn a_value_may_use_the_channel_when_it_is_cloned() {
    let (sender, receiver) = broadcast::channel(1);
    let mut first = sender.subscribe();
    let second = Rc::new(RefCell::new(receiver));
    let _third = sender.subscribe();
    let seen = Rc::new(Cell::new(0));
    let value = Value::on_clone({
        let (sender, second, seen) = (sender.clone(), Rc::clone(&second), Rc::clone(&seen));
        move || {
            seen.set(seen.get() + 1);
            if seen.get() == 1 {
                // The same value, which is being cloned, and then one that pushes it out.
                assert!(second.borrow_mut().try_recv().is_ok());
                sender.send(Value::plain()).unwrap();
            }
        }
    });
    sender.send(value).unwrap();
    assert!(first.try_recv().is_ok());
    assert_eq!(seen.get(), 2);
    assert_eq!((first.len(), second.borrow().len()), (1, 1));
    assert!(first.try_recv().is_ok() && second.borrow_mut().try_recv().is_ok());
}

#[test]
fn a_value_whose_clone_panics_counts_as_received() {
    let (sender, mut first) = broadcast::channel(4);
    let mut second = sender.subscribe();
    sender.send(Value::on_clone(|| panic!("of the value"))).unwrap();
    sender.send(Value::plain()).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(first.try_recv()))).is_err());
    assert!(first.try_recv().is_ok());
    assert!(matches!(first.try_recv(), Err(TryRecvError::Empty)));
    assert!(second.try_recv().is_ok(), "the last to receive it needs no clone");
    assert!(second.try_recv().is_ok());
    assert!(sender.is_empty());
}

#[test]
fn a_value_may_use_the_channel_when_it_makes_room() {
    let (sender, mut receiver) = broadcast::channel(1);
    let drops = Rc::new(Cell::new(0));
    let value = Value::on_drop({
        let (sender, drops) = (sender.downgrade(), Rc::clone(&drops));
        move || {
            drops.set(drops.get() + 1);
            let sender = sender.upgrade().expect("somebody sends");
            assert_eq!(sender.len(), 1);
            sender.send(Value::plain()).unwrap();
        }
    });
    sender.send(value).unwrap();
    sender.send(Value::plain()).unwrap();
    assert_eq!(drops.get(), 1);
    assert!(matches!(receiver.try_recv(), Err(TryRecvError::Lagged(2))));
    assert!(receiver.try_recv().is_ok());
}

#[test]
fn a_value_whose_drop_panics_has_made_room_and_all_are_told() {
    let (sender, mut receiver) = broadcast::channel(1);
    let mut slow = sender.subscribe();
    sender.send(Value::on_drop(|| panic!("of the value"))).unwrap();
    // It has a clone, so the value itself is still there.
    drop(receiver.try_recv());
    let mut recv = poll_by_hand(receiver.recv());
    assert!(recv.poll().is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| sender.send(Value::plain()).is_ok())).is_err());
    assert!(recv.is_woken());
    assert!(recv.poll().is_ready());
    assert!(matches!(slow.try_recv(), Err(TryRecvError::Lagged(1))));
    assert!(slow.try_recv().is_ok());
}

#[test]
fn a_receiver_that_goes_drops_values_that_use_the_channel_or_panic() {
    let (sender, receiver) = broadcast::channel(4);
    let drops = Rc::new(Cell::new(0));
    let counting = |action: Box<dyn Fn()>| {
        let drops = Rc::clone(&drops);
        Value::on_drop(move || {
            drops.set(drops.get() + 1);
            action();
        })
    };
    let weak = sender.downgrade();
    let subscribe = move || {
        let sender = weak.upgrade().expect("there is a sender");
        assert_eq!((sender.len(), sender.receiver_count()), (0, 0));
        drop(sender.subscribe());
        assert!(sender.send(Value::plain()).is_err());
    };
    sender.send(counting(Box::new(subscribe))).unwrap();
    sender.send(counting(Box::new(|| panic!("of the value")))).unwrap();
    sender.send(counting(Box::new(|| {}))).unwrap();
    let mut closed = poll_by_hand(sender.closed());
    assert_pending!(closed.poll());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(receiver))).is_err());
    assert_eq!(drops.get(), 3);
    assert!(closed.is_woken());
    let mut receiver = sender.subscribe();
    sender.send(Value::plain()).unwrap();
    assert!(receiver.try_recv().is_ok());
}

#[test]
fn a_waker_may_come_back_to_the_channel() {
    let (sender, mut receiver) = broadcast::channel(4);
    let mut second = sender.subscribe();
    let wakes = Rc::new(Cell::new(0));
    let waker = on_wake({
        let (sender, wakes) = (sender.downgrade(), Rc::clone(&wakes));
        move || {
            wakes.set(wakes.get() + 1);
            let sender = sender.upgrade().expect("there is a sender");
            sender.send(sender.len()).unwrap();
            drop(sender.subscribe());
        }
    });
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &waker).is_pending());
    let mut other = poll_by_hand(second.recv());
    assert_pending!(other.poll());
    sender.send(7).unwrap();
    assert_eq!(wakes.get(), 1);
    assert!(other.is_woken());
    assert_ready_eq!(other.poll(), Ok(7));
    drop((recv, other));
    assert_eq!((second.try_recv(), receiver.try_recv(), receiver.try_recv()), (Ok(1), Ok(7), Ok(1)));
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_being_woken() {
    let (sender, mut first) = broadcast::channel(1);
    let (mut second, mut third) = (sender.subscribe(), sender.subscribe());
    let mut before = poll_by_hand(first.recv());
    assert_pending!(before.poll());
    let mut recv = second.recv();
    assert!(poll_with(&mut recv, &on_wake(|| panic!("of the waker"))).is_pending());
    let mut after = poll_by_hand(third.recv());
    assert_pending!(after.poll());
    sender.send(()).unwrap();
    assert!(before.is_woken() && after.is_woken());
    assert!(poll_with(&mut recv, &on_wake(|| {})).is_ready());
}

#[test]
fn a_value_that_comes_while_a_waker_is_exchanged_is_not_missed() {
    let (sender, mut receiver) = broadcast::channel(1);
    let mut recv = receiver.recv();
    let old = on_drop({
        let sender = sender.clone();
        move || drop(sender.send("in between"))
    });
    assert!(poll_with(&mut recv, &old).is_pending());
    drop(old);
    let mut moved = poll_by_hand(recv);
    assert_ready_eq!(moved.poll(), Ok("in between"));
}
