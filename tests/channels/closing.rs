//! What happens when one side goes.

use hanol::sync::mpsc::channel;
use hanol::sync::mpsc::error::{SendError, TryRecvError, TrySendError};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

#[test]
fn the_last_sender_ends_the_channel_after_what_is_queued() {
    let (sender, mut receiver) = channel(2);
    let other = sender.clone();
    sender.try_send(1).unwrap();
    drop(sender);
    assert!(!receiver.is_closed());
    other.try_send(2).unwrap();
    drop(other);
    assert!(receiver.is_closed());
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(1));
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(2));
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), None);
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), None, "it may be asked again");
}

#[test]
fn a_receiver_that_waits_is_woken_by_the_end() {
    let (sender, mut receiver) = channel::<u8>(1);
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    drop(sender.clone());
    assert!(!receiving.is_woken());
    drop(sender);
    assert!(receiving.is_woken());
    assert_eq!(assert_ready!(receiving.poll()), None);
}

#[test]
fn a_closed_receiver_gets_what_is_queued() {
    let (sender, mut receiver) = channel(2);
    sender.try_send(1).unwrap();
    receiver.close();
    receiver.close();
    assert!(sender.is_closed() && receiver.is_closed());
    assert_eq!(assert_ready!(spawn(sender.send(2)).poll()), Err(SendError(2)));
    assert!(matches!(sender.try_reserve(), Err(TrySendError::Closed(()))));
    assert!(matches!(assert_ready!(spawn(sender.reserve()).poll()), Err(SendError(()))));
    let Err(TrySendError::Closed(sender)) = sender.try_reserve_owned() else { panic!("the receiver is closed") };
    assert!(assert_ready!(spawn(sender.reserve_owned()).poll()).is_err());
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(1));
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), None);
}

/// The task that waits may be another one than the one that closes.
#[test]
fn whoever_waits_with_a_receiver_that_is_closed_is_woken() {
    let (sender, mut receiver) = channel::<u8>(1);
    let permit = sender.try_reserve().unwrap();
    let mut task = spawn(());
    assert_pending!(task.enter(|cx, _| receiver.poll_recv(cx)));
    receiver.close();
    assert!(!task.is_woken(), "there is a permit");
    drop(permit);
    assert!(task.is_woken());

    let (_sender, mut receiver) = channel::<u8>(1);
    assert_pending!(task.enter(|cx, _| receiver.poll_recv(cx)));
    receiver.close();
    assert!(task.is_woken());

    let (_sender, mut receiver) = channel::<u8>(1);
    assert_pending!(task.enter(|cx, _| receiver.poll_recv(cx)));
    drop(receiver);
    assert!(!task.is_woken(), "nobody waits with a receiver that is gone");
}

#[test]
fn a_closed_receiver_waits_for_permits_that_were_given() {
    let (sender, mut receiver) = channel(3);
    let (first, second) = (sender.try_reserve().unwrap(), sender.try_reserve().unwrap());
    receiver.close();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    {
        let mut receiving = spawn(receiver.recv());
        assert_pending!(receiving.poll());
        first.send(1);
        assert!(receiving.is_woken());
        assert_eq!(assert_ready!(receiving.poll()), Some(1));
    }
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    drop(second);
    assert!(receiving.is_woken());
    assert_eq!(assert_ready!(receiving.poll()), None);
}

#[test]
fn a_closed_receiver_waits_for_owned_and_for_many_permits() {
    let (sender, mut receiver) = channel::<u8>(3);
    let many = sender.try_reserve_many(2).unwrap();
    let owned = sender.clone().try_reserve_owned().unwrap();
    receiver.close();
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    drop(many);
    assert!(!receiving.is_woken());
    drop(owned);
    assert!(receiving.is_woken());
    assert_eq!(assert_ready!(receiving.poll()), None);
}

#[test]
fn whoever_waits_for_room_is_told() {
    for drops in [false, true] {
        let (sender, mut receiver) = channel(1);
        sender.try_send(0).unwrap();
        let mut sending = spawn(sender.send(1));
        let mut reserving = spawn(sender.reserve_many(1));
        let mut owning = spawn(sender.clone().reserve_owned());
        assert_pending!(sending.poll());
        assert_pending!(reserving.poll());
        assert_pending!(owning.poll());
        receiver.close();
        if drops {
            drop(receiver);
        }
        assert!(sending.is_woken() && reserving.is_woken() && owning.is_woken());
        assert_eq!(assert_ready!(sending.poll()), Err(SendError(1)));
        assert!(assert_ready!(reserving.poll()).is_err());
        assert!(assert_ready!(owning.poll()).is_err());
        assert_eq!(sender.strong_count(), 1);
    }
}

/// Room that was granted and not taken is of no use once the receiver is closed, and does not keep it waiting.
#[test]
fn room_that_was_granted_before_the_close_is_given_back() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(0).unwrap();
    let mut looks = spawn(sender.send(1));
    let mut gives_up = spawn(sender.send(2));
    assert_pending!(looks.poll());
    assert_pending!(gives_up.poll());
    assert_eq!(receiver.try_recv(), Ok(0));
    assert!(looks.is_woken());
    receiver.close();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(assert_ready!(looks.poll()), Err(SendError(1)));
    drop((looks, gives_up));
    assert_eq!(sender.capacity(), 1);
}

#[test]
fn all_who_wait_for_the_close_are_told() {
    for drops in [false, true] {
        let (sender, mut receiver) = channel::<u8>(1);
        let mut waiting = [(); 3].map(|()| spawn(sender.closed()));
        waiting.iter_mut().for_each(|closed| assert_pending!(closed.poll()));
        if drops {
            drop(receiver)
        } else {
            receiver.close()
        }
        for closed in &mut waiting {
            assert!(closed.is_woken());
            assert_ready!(closed.poll());
        }
        assert_ready!(spawn(sender.closed()).poll());
    }
}

#[test]
fn whoever_gives_up_waiting_for_the_close_is_not_woken() {
    let (sender, receiver) = channel::<u8>(1);
    let (mut gives_up, mut waits) = (spawn(()), spawn(sender.closed()));
    let mut given_up = Box::pin(sender.closed());
    assert_pending!(gives_up.enter(|cx, _| given_up.as_mut().poll(cx)));
    assert_pending!(waits.poll());
    drop(given_up);
    assert_eq!(gives_up.waker_ref_count(), 1);
    drop(receiver);
    assert!(!gives_up.is_woken() && waits.is_woken());
}

#[test]
fn the_drop_of_the_receiver_empties_the_channel() {
    let (sender, receiver) = channel(2);
    sender.try_send(1).unwrap();
    assert_eq!(sender.capacity(), 1);
    drop(receiver);
    assert_eq!((sender.capacity(), sender.is_closed()), (2, true));
    assert_eq!(sender.try_send(2), Err(TrySendError::Closed(2)));
}
