//! Values in a channel are dropped once, when nothing is borrowed: a drop may use the channel.

use std::cell::Cell;
use std::rc::Rc;

use hanol::sync::mpsc::{self, channel, unbounded_channel};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::foreign::{OnDrop, panics};
use crate::util::message_of;

#[test]
fn what_is_queued_is_dropped_with_the_receiver() {
    let drops = Rc::new(Cell::new(0));
    let (sender, receiver) = channel(4);
    let (unbounded, unbounded_receiver) = unbounded_channel();
    for _ in 0..3 {
        assert!(sender.try_send(OnDrop::counted(&drops)).is_ok());
        assert!(unbounded.send(OnDrop::counted(&drops)).is_ok());
    }
    drop(receiver);
    assert_eq!(drops.get(), 3);
    drop(unbounded_receiver);
    assert_eq!(drops.get(), 6);
}

#[test]
fn a_value_that_nobody_can_receive_is_dropped_at_once() {
    let drops = Rc::new(Cell::new(0));
    let (sender, receiver) = channel(2);
    let permit = sender.try_reserve().unwrap();
    let owned = sender.clone().try_reserve_owned().unwrap();
    drop(receiver);
    permit.send(OnDrop::counted(&drops));
    assert_eq!(drops.get(), 1);
    drop(owned.send(OnDrop::counted(&drops)));
    assert_eq!((drops.get(), sender.capacity()), (2, 2));
}

#[test]
fn a_value_of_a_send_that_is_given_up_is_dropped() {
    let drops = Rc::new(Cell::new(0));
    let (sender, mut receiver) = channel(1);
    assert!(sender.try_send(OnDrop::counted(&drops)).is_ok());
    let mut sending = spawn(sender.send(OnDrop::counted(&drops)));
    assert_pending!(sending.poll());
    drop(sending);
    assert_eq!(drops.get(), 1);
    drop(receiver.try_recv().ok().unwrap());
    assert_eq!(drops.get(), 2);
}

/// Each value that is dropped with the receiver looks at the channel, sends into it, and clones and drops a sender. One
/// uses a permit.
#[test]
fn the_drop_of_a_value_may_use_its_channel() {
    let (sender, receiver) = channel::<OnDrop>(4);
    let permit = Rc::new(Cell::new(Some(sender.clone().try_reserve_owned().unwrap())));
    let drops = Rc::new(Cell::new(0));
    for _ in 0..3 {
        let (user, permit, drops) = (sender.clone(), Rc::clone(&permit), Rc::clone(&drops));
        let value = OnDrop::new(move || {
            assert!(user.is_closed() && user.capacity() >= 3);
            assert!(user.clone().try_send(OnDrop::counted(&drops)).is_err());
            if let Some(permit) = permit.take() {
                drop(permit.send(OnDrop::counted(&drops)));
            }
        });
        assert!(sender.try_send(value).is_ok());
    }
    drop(receiver);
    assert_eq!(drops.get(), 4, "three that were refused, and one that was sent with the permit");
    assert_eq!((sender.strong_count(), sender.capacity()), (1, 4));
}

#[test]
fn the_drop_of_a_value_may_send_into_another_channel_of_the_same_kind() {
    let (other, mut other_receiver) = unbounded_channel::<OnDrop>();
    let (sender, receiver) = unbounded_channel::<OnDrop>();
    assert!(sender.send(OnDrop::new(move || assert!(other.send(OnDrop::new(|| ())).is_ok()))).is_ok());
    let mut receiving = spawn(other_receiver.recv());
    assert_pending!(receiving.poll());
    drop(receiver);
    assert!(receiving.is_woken());
    assert!(assert_ready!(receiving.poll()).is_some());
}

#[test]
fn a_channel_that_holds_its_own_senders_is_freed() {
    struct Message {
        _sender: mpsc::UnboundedSender<Message>,
        _counted: OnDrop,
    }
    let drops = Rc::new(Cell::new(0));
    let (sender, receiver) = unbounded_channel();
    for _ in 0..3 {
        assert!(sender.send(Message { _sender: sender.clone(), _counted: OnDrop::counted(&drops) }).is_ok());
    }
    let weak = sender.downgrade();
    drop(sender);
    assert!(!receiver.is_closed(), "its own values hold it open");
    drop(receiver);
    assert_eq!((drops.get(), weak.strong_count()), (3, 0));
}

#[test]
fn a_panic_in_the_drop_of_a_value_leaves_no_other_behind() {
    let drops = Rc::new(Cell::new(0));
    let (sender, receiver) = channel(4);
    let mut sending = spawn(sender.closed());
    assert_pending!(sending.poll());
    for number in 0..4 {
        let value = if number == 1 { OnDrop::new(|| panic!("the value panics")) } else { OnDrop::counted(&drops) };
        assert!(sender.try_send(value).is_ok());
    }
    let payload = panics(|| drop(receiver));
    assert_eq!(message_of(&*payload), "the value panics");
    assert_eq!(drops.get(), 3);
    assert!(sending.is_woken() && sender.is_closed());
    assert_eq!(sender.capacity(), 4);
}

#[hanol::test]
async fn a_task_that_is_aborted_drops_its_end() {
    let (sender, mut receiver) = channel::<u8>(1);
    let sending = hanol::spawn(async move { sender.closed().await });
    hanol::task::yield_now().await;
    sending.abort();
    assert_eq!(receiver.recv().await, None);

    let (sender, mut receiver) = channel::<u8>(1);
    let receiving = hanol::spawn(async move { receiver.recv().await });
    hanol::task::yield_now().await;
    receiving.abort();
    sender.closed().await;
}
