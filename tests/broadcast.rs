//! The broadcast channel: who gets which values, who lags, and what user code may do meanwhile.

#[path = "broadcast/alike.rs"]
mod alike;
mod foreign;
#[path = "task_list/place.rs"]
mod place;
#[path = "broadcast/reentrancy.rs"]
mod reentrancy;
mod timing;

use std::cell::Cell;
use std::panic::catch_unwind;
use std::rc::Rc;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL, TaskState};
use hanol::sync::broadcast;
use hanol::sync::broadcast::error::{RecvError, TryRecvError};
use hanol::task::yield_now;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

use self::foreign::{on_drop, poll_with};
use self::place::below;

#[hanol::test]
async fn every_receiver_gets_every_value_in_order() {
    const VALUES: usize = 1_000;
    let (sender, receiver) = broadcast::channel(4);
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let mut receiver = receiver.resubscribe();
            hanol::spawn(async move {
                let mut received = Vec::new();
                while let Ok(value) = receiver.recv().await {
                    received.push(value);
                }
                received
            })
        })
        .collect();
    drop(receiver);
    for value in 0..VALUES {
        assert_eq!(sender.send(value).unwrap(), 5);
        yield_now().await;
    }
    drop(sender);
    for task in tasks {
        assert!(task.await.unwrap().into_iter().eq(0..VALUES));
    }
}

#[test]
fn a_receiver_gets_what_is_sent_after_it_was_made() {
    let (sender, mut first) = broadcast::channel(8);
    sender.send(1).unwrap();
    let mut second = sender.subscribe();
    let mut third = first.resubscribe();
    sender.send(2).unwrap();
    assert_eq!((first.len(), second.len(), third.len()), (2, 1, 1));
    assert_eq!((first.try_recv(), second.try_recv(), third.try_recv()), (Ok(1), Ok(2), Ok(2)));
    assert_eq!((first.try_recv(), first.try_recv()), (Ok(2), Err(TryRecvError::Empty)));
}

#[test]
fn a_waiting_receiver_is_woken_by_a_value() {
    let (sender, mut receiver) = broadcast::channel(2);
    let mut other = sender.subscribe();
    let mut waits = poll_by_hand(receiver.recv());
    let mut gives_up = poll_by_hand(other.recv());
    assert_pending!(waits.poll());
    assert_pending!(gives_up.poll());
    drop(gives_up);
    sender.send("value").unwrap();
    assert!(waits.is_woken());
    assert_ready_eq!(waits.poll(), Ok("value"));
    assert_eq!(other.try_recv(), Ok("value"));
}

#[test]
fn one_that_lags_is_told_how_much_and_goes_on_with_the_oldest() {
    let (sender, mut slow) = broadcast::channel(4);
    let mut quick = sender.subscribe();
    for value in 0..4 {
        sender.send(value).unwrap();
    }
    assert_eq!(quick.try_recv(), Ok(0));
    sender.send(4).unwrap();
    assert_eq!(quick.try_recv(), Ok(1), "it had made room itself");
    sender.send(5).unwrap();
    sender.send(6).unwrap();
    assert_eq!(slow.len(), 7);
    assert_ready_eq!(poll_by_hand(slow.recv()).poll(), Err(RecvError::Lagged(3)));
    assert_eq!(slow.len(), 4);
    sender.send(7).unwrap();
    assert_eq!(slow.try_recv(), Err(TryRecvError::Lagged(1)));
    assert!((4..8).all(|value| slow.try_recv() == Ok(value)));
    assert_eq!(slow.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_receiver_that_was_woken_may_still_lag() {
    let (sender, mut receiver) = broadcast::channel(1);
    let mut waits = poll_by_hand(receiver.recv());
    assert_pending!(waits.poll());
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    assert_ready_eq!(waits.poll(), Err(RecvError::Lagged(1)));
}

#[test]
fn the_capacity_is_the_next_power_of_two() {
    for (asked, kept) in [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (16, 16), (17, 32)] {
        let (sender, mut receiver) = broadcast::channel(asked);
        for value in 0..100_u64 {
            sender.send(value).unwrap();
        }
        assert_eq!(sender.len(), kept);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(100 - kept as u64)));
    }
}

#[test]
fn a_large_capacity_takes_no_memory_before_it_is_used() {
    let (sender, mut receiver) = broadcast::channel(usize::MAX / 2);
    sender.send([0_u8; 1024]).unwrap();
    assert_eq!(receiver.try_recv().map(|value| value.len()), Ok(1024));
}

#[test]
fn a_capacity_has_limits() {
    for (capacity, says) in [(0, "is not zero"), (usize::MAX / 2 + 1, "is at most usize::MAX / 2")] {
        let panicked = catch_unwind(|| drop(broadcast::channel::<()>(capacity))).unwrap_err();
        let message = panicked.downcast_ref::<&str>().unwrap();
        assert!(message.contains(says), "{message}");
        assert!(catch_unwind(|| drop(broadcast::Sender::<()>::new(capacity))).is_err());
    }
}

#[test]
fn without_senders_what_is_left_is_received_and_then_it_is_closed() {
    let (sender, mut receiver) = broadcast::channel(4);
    let other = sender.clone();
    sender.send(1).unwrap();
    drop(sender);
    assert!(!receiver.is_closed());
    drop(other);
    assert!(receiver.is_closed());
    assert_ready_eq!(poll_by_hand(receiver.recv()).poll(), Ok(1));
    assert_ready_eq!(poll_by_hand(receiver.recv()).poll(), Err(RecvError::Closed));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(receiver.resubscribe().try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn the_last_sender_that_goes_wakes_who_waits() {
    let (sender, mut receiver) = broadcast::channel::<()>(4);
    let weak = sender.downgrade();
    let mut waits = poll_by_hand(receiver.recv());
    assert_pending!(waits.poll());
    drop(sender);
    assert!(waits.is_woken(), "a weak sender keeps nothing open");
    assert_ready_eq!(waits.poll(), Err(RecvError::Closed));
    assert!(weak.upgrade().is_none());
}

#[test]
fn without_receivers_send_fails_until_there_is_one_again() {
    let sender = broadcast::Sender::new(4);
    let error = sender.send("nobody").unwrap_err();
    assert_eq!((error.0, error.to_string()), ("nobody", "channel closed".to_owned()));
    let mut receiver = sender.subscribe();
    assert_eq!(sender.send("somebody").unwrap(), 1);
    assert_eq!(receiver.try_recv(), Ok("somebody"));
    drop(receiver);
    assert!(sender.send("nobody").is_err());
}

#[test]
fn closed_waits_until_the_last_receiver_is_gone() {
    let (sender, receiver) = broadcast::channel::<()>(4);
    let other = receiver.resubscribe();
    let mut closed = poll_by_hand(sender.closed());
    assert_pending!(closed.poll());
    drop(receiver);
    assert!(!closed.is_woken());
    drop(other);
    assert!(closed.is_woken());
    let receiver = sender.subscribe();
    assert_pending!(closed.poll());
    drop(receiver);
    assert!(closed.is_woken());
    assert_ready!(closed.poll());
}

#[test]
fn handles_are_counted_and_know_their_channel() {
    let (sender, receiver) = broadcast::channel::<()>(1);
    let (others, _other) = broadcast::channel::<()>(1);
    let weak = (sender.downgrade(), sender.downgrade().clone());
    let strong = weak.0.upgrade().unwrap();
    assert_eq!((sender.strong_count(), sender.weak_count()), (2, 2));
    assert_eq!((weak.1.strong_count(), weak.1.weak_count()), (2, 2));
    assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), (2, 2));
    assert!(sender.same_channel(&strong) && !sender.same_channel(&others));
    assert!(receiver.same_channel(&sender.subscribe()) && !receiver.same_channel(&others.subscribe()));
    drop((weak, strong));
    assert_eq!((sender.strong_count(), sender.weak_count(), sender.receiver_count()), (1, 0, 1));
}

#[test]
fn a_value_is_dropped_when_all_have_received_it_or_it_makes_room() {
    let (sender, mut first) = broadcast::channel(2);
    let mut second = sender.subscribe();
    let mut sent = Vec::new();
    let mut send = || {
        let value = Rc::new(());
        sent.push(Rc::downgrade(&value));
        sender.send(value).unwrap();
        sent.clone()
    };
    send();
    let values = send();
    let alive = |values: &[std::rc::Weak<()>]| values.iter().map(|value| value.strong_count() > 0).collect::<Vec<_>>();
    first.try_recv().unwrap();
    assert_eq!((sender.len(), sender.is_empty(), alive(&values)), (2, false, vec![true, true]));
    second.try_recv().unwrap();
    assert_eq!((sender.len(), alive(&values)), (1, vec![false, true]));
    send();
    let values = send();
    assert_eq!((sender.len(), alive(&values)), (2, vec![false, false, true, true]));
    // What only a dropped receiver had still to receive goes with it.
    assert_eq!(first.try_recv(), Err(TryRecvError::Lagged(1)));
    first.try_recv().unwrap();
    first.try_recv().unwrap();
    assert_eq!(sender.len(), 2);
    drop(second);
    assert_eq!((sender.is_empty(), alive(&values)), (true, vec![false; 4]));
    assert!(first.is_empty());
}

#[test]
fn the_last_receiver_of_a_value_gets_the_value_itself() {
    struct Counted(Rc<Cell<usize>>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.set(self.0.get() + 1);
            Self(Rc::clone(&self.0))
        }
    }
    let clones = Rc::new(Cell::new(0));
    let (sender, first) = broadcast::channel(1);
    let mut receivers = [first, sender.subscribe(), sender.subscribe()];
    sender.send(Counted(Rc::clone(&clones))).unwrap();
    for (receiver, expected) in receivers.iter_mut().zip([1, 2, 2]) {
        assert!(receiver.try_recv().is_ok());
        assert_eq!(clones.get(), expected);
    }
}

#[test]
fn a_future_that_is_given_up_leaves_nothing_and_has_received_nothing() {
    let (sender, mut receiver) = broadcast::channel(2);
    let dropped = Rc::new(Cell::new(0));
    let count = || {
        let dropped = Rc::clone(&dropped);
        on_drop(move || dropped.set(dropped.get() + 1))
    };
    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &count()).is_pending());
    drop(recv);
    let mut closed = sender.closed();
    assert!(poll_with(&mut closed, &count()).is_pending());
    drop(closed);
    assert_eq!(dropped.get(), 2);

    let mut recv = receiver.recv();
    assert!(poll_with(&mut recv, &count()).is_pending());
    sender.send("value").unwrap();
    drop(recv);
    assert_eq!(dropped.get(), 3);
    assert_eq!(receiver.try_recv(), Ok("value"));
}

#[hanol::test]
async fn a_task_that_always_finds_a_value_gives_way() {
    let (sender, mut receiver) = broadcast::channel(1);
    let rounds = Rc::new(Cell::new(0));
    let task = hanol::spawn({
        let rounds = Rc::clone(&rounds);
        async move {
            loop {
                sender.send(()).unwrap();
                receiver.recv().await.unwrap();
                rounds.set(rounds.get() + 1);
            }
        }
    });
    yield_now().await;
    assert_eq!(rounds.get(), OPERATIONS_PER_POLL);
    task.abort();
}

#[hanol::test]
async fn the_task_list_says_who_waits_for_a_value_and_where() {
    let (sender, mut receiver) = broadcast::channel::<()>(1);
    let recv_at = below("recv(");
    let recv = hanol::spawn(async move { receiver.recv().await.is_ok() });
    let closed_at = below("closed(");
    let closed = hanol::spawn(async move { sender.closed().await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    for (id, operation, place) in [(recv.id(), "channel recv", recv_at), (closed.id(), "channel closed", closed_at)] {
        let task = tasks.iter().find(|task| task.id == id).unwrap();
        let waiting = task.waiting.as_ref().unwrap();
        assert_eq!(task.state, TaskState::Waiting);
        assert_eq!((waiting.operation, waiting.location.to_string()), (operation, place));
    }
}

#[test]
fn what_it_looks_like_in_a_log() {
    let (sender, mut receiver) = broadcast::channel::<()>(1);
    assert_eq!(format!("{sender:?} {:?}", sender.downgrade()), "Sender { .. } WeakSender { .. }");
    assert_eq!(format!("{receiver:?} {:?}", sender.closed()), "Receiver { .. } Closed { .. }");
    assert_eq!(format!("{:?}", receiver.recv()), "Recv { .. }");
    assert_eq!(RecvError::Lagged(3).to_string(), "channel lagged by 3");
    assert_eq!(TryRecvError::Empty.to_string(), "channel empty");
}
