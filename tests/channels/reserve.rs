//! Permits: room that is reserved before there is a value.

use hanol::sync::mpsc::channel;
use hanol::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

#[test]
fn a_permit_takes_room_and_sends_into_it() {
    let (sender, mut receiver) = channel(2);
    let permit = assert_ready!(spawn(sender.reserve()).poll()).unwrap();
    assert_eq!((sender.capacity(), receiver.len()), (1, 0));
    sender.try_send(1).unwrap();
    assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
    permit.send(3);
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(1), Ok(3)));
    assert_eq!(sender.capacity(), 2);
}

#[test]
fn a_permit_that_is_dropped_gives_its_room_to_the_next() {
    let (sender, _receiver) = channel::<u8>(1);
    let permit = sender.try_reserve().unwrap();
    assert!(matches!(sender.try_reserve(), Err(TrySendError::Full(()))));
    let mut next = spawn(sender.reserve());
    assert_pending!(next.poll());
    drop(permit);
    assert!(next.is_woken());
    assert!(matches!(sender.try_reserve(), Err(TrySendError::Full(()))), "it is granted");
    let permit = assert_ready!(next.poll()).unwrap();
    drop((permit, next));
    assert_eq!(sender.capacity(), 1);
}

#[test]
fn the_receiver_is_woken_by_what_a_permit_sends() {
    let (sender, mut receiver) = channel(1);
    let permit = sender.try_reserve().unwrap();
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    permit.send(1);
    assert!(receiving.is_woken());
    assert_eq!(assert_ready!(receiving.poll()), Some(1));
}

#[test]
fn several_permits_come_together_or_not_at_all() {
    let (sender, mut receiver) = channel(4);
    sender.try_send(0).unwrap();
    assert!(matches!(sender.try_reserve_many(4), Err(TrySendError::Full(()))));
    let mut permits = sender.try_reserve_many(3).unwrap();
    assert_eq!((permits.len(), sender.capacity()), (3, 0));
    permits.next().unwrap().send(1);
    drop(permits.next());
    assert_eq!((permits.len(), sender.capacity()), (1, 1));
    drop(permits);
    assert_eq!(sender.capacity(), 2);
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
    assert_eq!(sender.capacity(), 4);

    assert_eq!(sender.try_reserve_many(0).unwrap().count(), 0);
    assert!(matches!(sender.try_reserve_many(5), Err(TrySendError::Full(()))));
    let refused = assert_ready!(spawn(sender.reserve_many(5)).poll());
    assert!(matches!(refused, Err(SendError(()))));
    assert_eq!(sender.capacity(), 4);
}

#[test]
fn whoever_wants_much_collects_what_comes_free() {
    let (sender, mut receiver) = channel(3);
    for number in 0..3 {
        sender.try_send(number).unwrap();
    }
    let mut wants_much = spawn(sender.reserve_many(2));
    let mut wants_little = spawn(sender.send(9));
    assert_pending!(wants_much.poll());
    assert_pending!(wants_little.poll());
    receiver.try_recv().unwrap();
    assert!(!wants_much.is_woken() && !wants_little.is_woken(), "what is free is kept for the first in line");
    assert_eq!((sender.capacity(), sender.try_send(8)), (0, Err(TrySendError::Full(8))));
    receiver.try_recv().unwrap();
    assert!(wants_much.is_woken() && !wants_little.is_woken());
    let permits = assert_ready!(wants_much.poll()).unwrap();
    receiver.try_recv().unwrap();
    assert_eq!(assert_ready!(wants_little.poll()), Ok(()));
    permits.zip([1, 2]).for_each(|(permit, value)| permit.send(value));
    assert_eq!((receiver.try_recv(), receiver.try_recv(), receiver.try_recv()), (Ok(9), Ok(1), Ok(2)));
}

#[test]
fn those_behind_one_that_gives_up_get_what_it_had_collected() {
    let (sender, mut receiver) = channel(3);
    for number in 0..3 {
        sender.try_send(number).unwrap();
    }
    let mut wants_much = spawn(sender.reserve_many(3));
    let mut others = [(); 3].map(|()| spawn(sender.reserve()));
    assert_pending!(wants_much.poll());
    others.iter_mut().for_each(|other| assert_pending!(other.poll()));
    receiver.try_recv().unwrap();
    receiver.try_recv().unwrap();
    drop(wants_much);
    assert_eq!(others.each_ref().map(|other| other.is_woken()), [true, true, false]);
}

#[test]
fn permits_that_are_given_up_together_serve_all_who_wait() {
    let (sender, _receiver) = channel::<u8>(3);
    let permits = sender.try_reserve_many(3).unwrap();
    let mut waiting = [1, 2].map(|count| spawn(sender.reserve_many(count)));
    waiting.iter_mut().for_each(|waits| assert_pending!(waits.poll()));
    drop(permits);
    for waits in &mut waiting {
        assert!(waits.is_woken());
        assert!(assert_ready!(waits.poll()).is_ok());
    }
}

#[test]
fn an_owned_permit_carries_its_sender() {
    let (sender, mut receiver) = channel(1);
    let (other, _other_receiver) = channel(1);
    let permit = assert_ready!(spawn(sender.clone().reserve_owned()).poll()).unwrap();
    assert_eq!(sender.strong_count(), 2);
    assert!(permit.same_channel_as_sender(&sender) && !permit.same_channel_as_sender(&other));
    assert!(!permit.same_channel(&other.clone().try_reserve_owned().unwrap()));

    let Err(TrySendError::Full(refused)) = sender.clone().try_reserve_owned() else { panic!("there is room for one") };
    assert!(refused.same_channel(&sender));
    drop(refused);

    let sent = permit.send(7);
    assert!(sent.same_channel(&sender));
    assert_eq!(receiver.try_recv(), Ok(7));

    let released = sent.try_reserve_owned().unwrap().release();
    assert_eq!(sender.capacity(), 1);
    drop((sender, released.try_reserve_owned().unwrap()));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn whoever_gives_up_an_owned_permit_passes_its_room_on_and_drops_its_sender() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let mut given_up = spawn(sender.clone().reserve_owned());
    let mut next = spawn(sender.clone().reserve_owned());
    assert_pending!(given_up.poll());
    assert_pending!(next.poll());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(given_up.is_woken());
    drop(given_up);
    assert_eq!(sender.strong_count(), 2);
    assert!(next.is_woken());
    assert_ready!(next.poll()).unwrap().send(2);
    assert_eq!((sender.strong_count(), receiver.try_recv()), (1, Ok(2)));
}
