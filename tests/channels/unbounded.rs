//! Channels without a bound.

use futures_util::StreamExt;
use hanol::sync::mpsc::error::{SendError, TryRecvError};
use hanol::sync::mpsc::unbounded_channel;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

#[hanol::test]
async fn whatever_is_sent_arrives_in_its_order() {
    let (sender, mut receiver) = unbounded_channel();
    for number in 0..100_000 {
        sender.send(number).unwrap();
    }
    assert_eq!(receiver.len(), 100_000);
    let sending = hanol::spawn(async move {
        for number in 100_000..101_000 {
            sender.send(number).unwrap();
            hanol::task::yield_now().await;
        }
    });
    for number in 0..101_000 {
        assert_eq!(receiver.recv().await, Some(number));
    }
    assert_eq!(receiver.recv().await, None);
    sending.await.unwrap();
}

#[test]
fn the_first_value_wakes_the_receiver_and_the_others_need_not() {
    let (sender, mut receiver) = unbounded_channel();
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    sender.send(1).unwrap();
    assert!(receiving.is_woken());
    assert_eq!(receiving.waker_ref_count(), 1, "the waker was taken");
    sender.send(2).unwrap();
    assert_eq!(assert_ready!(receiving.poll()), Some(1));
}

#[test]
fn a_closed_receiver_refuses_and_gets_what_is_queued() {
    let (sender, mut receiver) = unbounded_channel();
    sender.send(1).unwrap();
    assert!(!sender.is_closed() && !receiver.is_closed() && !receiver.is_empty());
    let mut closed = spawn(sender.closed());
    assert_pending!(closed.poll());
    receiver.close();
    assert!(closed.is_woken() && sender.is_closed() && receiver.is_closed());
    assert_ready!(closed.poll());
    assert_eq!(sender.send(2), Err(SendError(2)));
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert!(receiver.is_empty());
}

#[test]
fn the_end_comes_with_the_last_sender_or_receiver() {
    let (sender, mut receiver) = unbounded_channel::<u8>();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    let mut receiving = spawn(receiver.recv());
    assert_pending!(receiving.poll());
    drop(sender);
    assert!(receiving.is_woken());
    assert_eq!(assert_ready!(receiving.poll()), None);

    let (sender, receiver) = unbounded_channel();
    drop(receiver);
    assert_eq!(sender.send(1), Err(SendError(1)));
}

#[test]
fn many_values_are_received_at_once() {
    let (sender, mut receiver) = unbounded_channel();
    for number in 0..1_000 {
        sender.send(number).unwrap();
    }
    let mut values = Vec::new();
    assert_eq!(assert_ready!(spawn(receiver.recv_many(&mut values, 600)).poll()), 600);
    assert_eq!(assert_ready!(spawn(receiver.recv_many(&mut values, 600)).poll()), 400);
    assert_eq!(values, Vec::from_iter(0..1_000));
    let mut task = spawn(());
    assert_pending!(task.enter(|cx, _| receiver.poll_recv_many(cx, &mut values, 1)));
    assert_pending!(task.enter(|cx, _| receiver.poll_recv(cx)));
    sender.send(1).unwrap();
    assert!(task.is_woken());
}

#[hanol::test]
async fn a_receiver_is_a_stream() {
    let (sender, receiver) = unbounded_channel();
    (0..10).for_each(|number| sender.send(number).unwrap());
    drop(sender);
    assert_eq!(receiver.collect::<Vec<_>>().await, Vec::from_iter(0..10));
}

#[test]
fn values_without_a_size_are_counted() {
    let (sender, mut receiver) = unbounded_channel();
    (0..1_000).for_each(|_| sender.send(()).unwrap());
    assert_eq!(receiver.len(), 1_000);
    drop(sender);
    assert_eq!(std::iter::from_fn(|| receiver.try_recv().ok()).count(), 1_000);
}
