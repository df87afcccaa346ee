//! Senders, weak ones, and their counts.

use hanol::sync::mpsc::{channel, unbounded_channel};

#[test]
fn senders_are_counted() {
    let (sender, receiver) = channel::<u8>(1);
    let counts = || (receiver.sender_strong_count(), receiver.sender_weak_count());
    assert_eq!(counts(), (1, 0));
    let (clone, weak) = (sender.clone(), sender.downgrade());
    assert_eq!(counts(), (2, 1));
    let other_weak = weak.clone();
    assert_eq!((sender.strong_count(), sender.weak_count()), (2, 2));
    assert_eq!((weak.strong_count(), weak.weak_count()), (2, 2));
    drop((clone, weak));
    assert_eq!(counts(), (1, 1));
    let upgraded = other_weak.upgrade().unwrap();
    assert!(upgraded.same_channel(&sender));
    assert_eq!(counts(), (2, 1));
}

#[test]
fn a_weak_sender_does_not_keep_the_channel_open() {
    let (sender, receiver) = channel::<u8>(1);
    let weak = sender.downgrade();
    let upgraded = weak.upgrade().unwrap();
    drop(sender);
    assert!(!receiver.is_closed());
    drop(upgraded);
    assert!(receiver.is_closed() && weak.upgrade().is_none());
    drop(receiver);
    assert_eq!((weak.strong_count(), weak.weak_count()), (0, 1));
}

#[test]
fn a_weak_sender_of_a_channel_whose_receiver_is_gone_finds_it_closed() {
    let (sender, receiver) = channel(1);
    let weak = sender.downgrade();
    drop(receiver);
    assert_eq!(weak.upgrade().unwrap().try_send(1).unwrap_err().into_inner(), 1);
}

#[test]
fn weak_senders_of_unbounded_channels_count_as_well() {
    let (sender, receiver) = unbounded_channel::<u8>();
    let weak = sender.downgrade();
    let clone = weak.clone();
    assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (1, 2));
    assert!(clone.upgrade().unwrap().same_channel(&sender));
    drop(sender);
    assert!(weak.upgrade().is_none() && receiver.is_closed());
    assert_eq!((weak.strong_count(), clone.weak_count()), (0, 2));
}

#[test]
fn channels_are_told_apart() {
    let ((first, _first), (second, _second)) = (channel::<u8>(1), channel::<u8>(1));
    assert!(first.same_channel(&first.clone()) && !first.same_channel(&second));
    let ((first, _first), (second, _second)) = (unbounded_channel::<u8>(), unbounded_channel::<u8>());
    assert!(first.same_channel(&first.clone()) && !first.same_channel(&second));
}

#[test]
fn every_part_can_be_shown() {
    let (sender, mut receiver) = channel::<u8>(2);
    let shown = format!("{sender:?} {:?} {:?}", sender.downgrade(), sender.clone().try_reserve_owned());
    assert_eq!(
        shown,
        "Sender { len: 0, closed: false, .. } WeakSender { len: 0, closed: false, .. } \
         Ok(OwnedPermit { len: 0, closed: false, .. })"
    );
    sender.try_send(1).unwrap();
    drop(sender);
    assert_eq!(format!("{receiver:?}"), "Receiver { len: 1, closed: true, .. }");
    assert_eq!(format!("{:?}", receiver.recv()), "Recv { len: 1, closed: true, .. }");
}
