//! Sending and receiving through a channel with room for so many values.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use hanol::sync::mpsc::channel;
use hanol::sync::mpsc::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
use hanol::task::yield_now;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::foreign::panics;
use crate::util::message_of;

#[hanol::test]
async fn values_arrive_in_the_order_in_which_they_were_sent() {
    for capacity in [1, 2, 16, 1_000] {
        let (sender, mut receiver) = channel(capacity);
        let sending = hanol::spawn(async move {
            for number in 0..500 {
                sender.send(number).await.unwrap();
            }
        });
        for number in 0..500 {
            assert_eq!(receiver.recv().await, Some(number));
        }
        assert_eq!(receiver.recv().await, None);
        sending.await.unwrap();
    }
}

#[hanol::test]
async fn a_sender_waits_while_there_is_no_room() {
    let (sender, mut receiver) = channel(2);
    let sent = Rc::new(Cell::new(0));
    let counter = Rc::clone(&sent);
    let sending = hanol::spawn(async move {
        for number in 1..=5 {
            sender.send(number).await.unwrap();
            counter.set(number);
        }
    });
    for received in 1..=5 {
        yield_now().await;
        yield_now().await;
        assert_eq!(sent.get(), 5.min(received + 1), "two more than were received");
        assert_eq!(receiver.recv().await, Some(received));
    }
    sending.await.unwrap();
}

#[test]
fn a_channel_has_room_for_something() {
    let payload = panics(|| channel::<u8>(0));
    assert_eq!(message_of(&*payload), "a bounded channel has room for at least one value");
}

#[test]
fn what_is_sent_without_waiting_finds_room_or_comes_back() {
    let (sender, mut receiver) = channel(2);
    assert_eq!((sender.capacity(), sender.max_capacity()), (2, 2));
    assert_eq!(sender.try_send(1), Ok(()));
    assert_eq!(sender.try_send(2), Ok(()));
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!((sender.capacity(), receiver.capacity(), receiver.max_capacity()), (0, 0, 2));
    assert_eq!((receiver.len(), receiver.is_empty()), (2, false));

    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(sender.try_send(4), Ok(()));
    receiver.close();
    assert_eq!(sender.try_send(5), Err(TrySendError::Closed(5)));
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(2), Ok(4)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn trying_to_receive_tells_empty_from_disconnected() {
    let (sender, mut receiver) = channel(1);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    sender.try_send(1).unwrap();
    drop(sender);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn many_values_are_received_at_once() {
    let (sender, mut receiver) = channel(8);
    let mut values = vec![0];
    assert_eq!(assert_ready!(spawn(receiver.recv_many(&mut values, 0)).poll()), 0);
    {
        let mut receiving = spawn(receiver.recv_many(&mut values, 3));
        assert_pending!(receiving.poll());
        for number in 1..=5 {
            sender.try_send(number).unwrap();
        }
        assert!(receiving.is_woken());
        assert_eq!(assert_ready!(receiving.poll()), 3);
    }
    assert_eq!(values, [0, 1, 2, 3]);
    assert_eq!(assert_ready!(spawn(receiver.recv_many(&mut values, 100)).poll()), 2);
    assert_eq!((values.len(), sender.capacity()), (6, 8));
    drop(sender);
    assert_eq!(assert_ready!(spawn(receiver.recv_many(&mut values, 100)).poll()), 0);
}

#[hanol::test]
async fn a_full_channel_that_is_emptied_at_once_lets_all_senders_go_on() {
    let (sender, mut receiver) = channel(4);
    let sending: Vec<_> = (0..10)
        .map(|number| {
            let sender = sender.clone();
            hanol::spawn(async move { sender.send(number).await })
        })
        .collect();
    drop(sender);
    let mut values = Vec::new();
    while receiver.recv_many(&mut values, 100).await > 0 {}
    assert_eq!(values, Vec::from_iter(0..10));
    for sent in sending {
        assert_eq!(sent.await.unwrap(), Ok(()));
    }
}

#[hanol::test]
async fn a_receiver_is_a_stream() {
    let (sender, receiver) = channel(2);
    hanol::spawn(async move {
        for number in 0..10 {
            sender.send(number).await.unwrap();
        }
    });
    assert_eq!(receiver.collect::<Vec<_>>().await, Vec::from_iter(0..10));
}

#[test]
fn a_send_that_is_given_up_sends_nothing_and_leaves_the_line() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let mut first = spawn(sender.send(2));
    let mut second = spawn(sender.send(3));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(second.is_woken());
    assert_eq!(assert_ready!(second.poll()), Ok(()));
    drop(second);
    assert_eq!(receiver.try_recv(), Ok(3));
    assert_eq!((receiver.try_recv(), sender.capacity()), (Err(TryRecvError::Empty), 1));
}

#[test]
fn room_that_was_granted_is_passed_on() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let mut first = spawn(sender.send(2));
    let mut second = spawn(sender.send(3));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    assert!(second.is_woken());
    // Nobody else may take it meanwhile.
    assert_eq!(sender.try_send(4), Err(TrySendError::Full(4)));
    assert_eq!(assert_ready!(second.poll()), Ok(()));
}

#[test]
fn a_recv_that_is_given_up_loses_nothing_and_is_not_woken() {
    let (sender, mut receiver) = channel(1);
    let mut task = spawn(());
    for given_up_early in [true, false] {
        let mut receiving = Box::pin(receiver.recv());
        assert_pending!(task.enter(|cx, _| receiving.as_mut().poll(cx)));
        assert_eq!(task.waker_ref_count(), 2);
        if given_up_early {
            drop(receiving);
            assert_eq!(task.waker_ref_count(), 1);
            sender.try_send(7).unwrap();
            assert!(!task.is_woken());
        } else {
            sender.try_send(7).unwrap();
            assert!(task.is_woken());
            drop(receiving);
        }
        assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(7));
    }
    {
        let mut values = Vec::new();
        let mut receiving = Box::pin(receiver.recv_many(&mut values, 1));
        assert_pending!(task.enter(|cx, _| receiving.as_mut().poll(cx)));
    }
    assert_eq!(task.waker_ref_count(), 1);
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let (sender, mut receiver) = channel(1);
    let (mut first, mut second) = (spawn(()), spawn(()));
    assert_pending!(first.enter(|cx, _| receiver.poll_recv(cx)));
    assert_pending!(second.enter(|cx, _| receiver.poll_recv_many(cx, &mut Vec::new(), 1)));
    assert_eq!((first.waker_ref_count(), second.waker_ref_count()), (1, 2));
    sender.try_send(1).unwrap();
    assert!(!first.is_woken() && second.is_woken());

    let mut sending = Box::pin(sender.send(2));
    assert_pending!(second.enter(|cx, _| sending.as_mut().poll(cx)));
    assert_pending!(first.enter(|cx, _| sending.as_mut().poll(cx)));
    assert_eq!((first.waker_ref_count(), second.waker_ref_count()), (2, 1));
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(first.is_woken() && !second.is_woken());
}

#[hanol::test]
async fn a_send_with_a_limit_gives_the_value_back() {
    let (sender, mut receiver) = channel(1);
    let limit = Duration::from_millis(1);
    assert_eq!(sender.send_timeout(1, limit).await, Ok(()));
    let mut limited = sender.send_timeout(2, limit);
    assert_eq!((&mut limited).await, Err(SendTimeoutError::Timeout(2)));
    assert_eq!(receiver.recv().await, Some(1));
    assert_eq!(sender.capacity(), 1, "it has left the line, although the future is there");
    drop(limited);
    receiver.close();
    assert_eq!(sender.send_timeout(3, limit).await, Err(SendTimeoutError::Closed(3)));
}

#[hanol::test]
async fn a_send_with_a_limit_goes_on_when_there_is_room() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let sending = hanol::spawn(async move { sender.send_timeout(2, Duration::MAX).await });
    yield_now().await;
    assert_eq!(receiver.recv().await, Some(1));
    assert_eq!(sending.await.unwrap(), Ok(()));
    assert_eq!((receiver.recv().await, receiver.recv().await), (Some(2), None));
}

/// Where nothing waits for a timer, no runtime is needed.
#[test]
fn a_channel_works_outside_a_runtime() {
    let (sender, mut receiver) = channel(2);
    assert_eq!(assert_ready!(spawn(sender.send(1)).poll()), Ok(()));
    assert_eq!(assert_ready!(spawn(sender.send_timeout(2, Duration::ZERO)).poll()), Ok(()));
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(1));
    assert_eq!(assert_ready!(spawn(receiver.recv()).poll()), Some(2));
    assert_pending!(spawn(receiver.recv()).poll());
}

#[test]
fn a_send_is_not_polled_after_its_result() {
    let (sender, mut receiver) = channel(1);
    let mut sent = spawn(sender.send(1));
    assert_eq!(assert_ready!(sent.poll()), Ok(()));
    assert_eq!(receiver.try_recv(), Ok(1));
    let payload = panics(|| sent.poll());
    assert_eq!(message_of(&*payload), "a send was polled after it had given its result");
    drop(sent);
    assert_eq!(sender.capacity(), 1);
}

#[test]
fn errors_say_what_happened_and_hold_the_value() {
    assert_eq!(SendError(1).to_string(), "channel closed");
    assert_eq!(format!("{:?}", SendError(1)), "SendError { .. }");
    assert_eq!(TrySendError::from(SendError(1)), TrySendError::Closed(1));
    assert_eq!((TrySendError::Full(1).into_inner(), TrySendError::Closed(2).into_inner()), (1, 2));
    assert_eq!(TrySendError::Full(1).to_string(), "no available capacity");
    assert_eq!(SendTimeoutError::Timeout(1).into_inner(), 1);
    assert_eq!(SendTimeoutError::Timeout(1).to_string(), "timed out waiting on send operation");
    assert_eq!(TryRecvError::Empty.to_string(), "receiving on an empty channel");
}

/// None of the futures needs a place to stay, whatever the values are.
#[test]
fn operations_may_be_moved_between_polls() {
    fn assert_unpin<T: Unpin>(_: T) {}
    let (sender, mut receiver) = channel::<std::marker::PhantomPinned>(1);
    assert_unpin(sender.send(std::marker::PhantomPinned));
    assert_unpin(sender.send_timeout(std::marker::PhantomPinned, Duration::ZERO));
    assert_unpin((sender.reserve(), sender.reserve_many(1), sender.clone().reserve_owned(), sender.closed()));
    assert_unpin(receiver.recv());
    assert_unpin(receiver.recv_many(&mut Vec::new(), 1));
}
