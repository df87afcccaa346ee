//! Channels for one value.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use hanol::sync::oneshot::error::{RecvError, TryRecvError};
use hanol::sync::oneshot::{self, Receiver};
use hanol::task::yield_now;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::foreign::{OnDrop, on_last_drop, on_wake, panics};
use crate::util::message_of;

fn is_closed<T>(result: Result<T, RecvError>) -> bool {
    result.is_err_and(|error| error.to_string() == "channel closed")
}

#[hanol::test]
async fn a_value_that_was_sent_before_is_received() {
    let (sender, receiver) = oneshot::channel();
    sender.send(7).unwrap();
    assert_eq!(receiver.await, Ok(7));
}

#[hanol::test]
async fn a_receiver_that_waits_is_woken_by_the_value() {
    let (sender, receiver) = oneshot::channel();
    let received = hanol::spawn(receiver);
    yield_now().await;
    assert!(!received.is_finished());
    sender.send(7).unwrap();
    assert_eq!(received.await.unwrap(), Ok(7));
}

#[hanol::test]
async fn a_receiver_learns_that_its_sender_is_gone() {
    let (sender, receiver) = oneshot::channel::<u8>();
    drop(sender);
    assert!(is_closed(receiver.await));

    let (sender, receiver) = oneshot::channel::<u8>();
    let mut waiting = spawn(receiver);
    assert_pending!(waiting.poll());
    drop(sender);
    assert!(waiting.is_woken());
    assert!(is_closed(assert_ready!(waiting.poll())));
}

#[test]
fn a_value_is_given_back_when_nobody_will_receive_it() {
    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    assert!(sender.is_closed());
    assert_eq!(sender.send("value"), Err("value"));

    let (sender, mut receiver) = oneshot::channel();
    assert!(!sender.is_closed());
    receiver.close();
    assert!(sender.is_closed());
    assert_eq!(sender.send("value"), Err("value"));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[hanol::test]
async fn a_closed_receiver_gets_what_was_sent_before() {
    let (sender, mut receiver) = oneshot::channel();
    sender.send(7).unwrap();
    receiver.close();
    assert_eq!(receiver.await, Ok(7));
}

#[test]
fn a_receiver_that_is_closed_while_it_waits_ends() {
    let (_sender, receiver) = oneshot::channel::<u8>();
    let mut waiting = spawn(receiver);
    assert_pending!(waiting.poll());
    waiting.close();
    assert!(waiting.is_woken());
    assert_eq!(waiting.waker_ref_count(), 1);
    assert!(is_closed(assert_ready!(waiting.poll())));

    let (_sender, mut receiver) = oneshot::channel::<u8>();
    let mut task = spawn(());
    assert_pending!(task.enter(|cx, _| Pin::new(&mut receiver).poll(cx)));
    drop(receiver);
    assert!(!task.is_woken(), "nobody waits with a receiver that is gone");
}

#[test]
fn trying_to_receive_tells_empty_from_closed() {
    let (sender, mut receiver) = oneshot::channel();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    assert!(receiver.is_empty() && !receiver.is_terminated());
    sender.send(7).unwrap();
    assert!(!receiver.is_empty() && !receiver.is_terminated());
    assert_eq!(receiver.try_recv(), Ok(7));
    assert!(receiver.is_empty() && receiver.is_terminated());
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));

    let (sender, mut receiver) = oneshot::channel::<u8>();
    drop(sender);
    assert!(!receiver.is_terminated());
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert!(receiver.is_terminated());
}

#[test]
fn a_receiver_is_terminated_when_it_has_given_its_result() {
    let (sender, receiver) = oneshot::channel();
    let mut receiver = spawn(receiver);
    assert_pending!(receiver.poll());
    assert!(!receiver.is_terminated());
    sender.send(7).unwrap();
    assert!(!receiver.is_terminated());
    assert_eq!(assert_ready!(receiver.poll()), Ok(7));
    assert!(receiver.is_terminated() && receiver.is_empty());
    receiver.close();
    let payload = panics(|| receiver.poll());
    assert!(message_of(&*payload).contains("after it had given its result"));
}

#[hanol::test]
async fn a_receiver_that_was_given_up_gets_the_value_later() {
    let (sender, mut receiver) = oneshot::channel();
    assert!(futures_util::poll!(&mut receiver).is_pending());
    sender.send(7).unwrap();
    assert_eq!(receiver.await, Ok(7));
}

#[test]
fn the_sender_is_told_when_nobody_waits_any_more() {
    for close in [Receiver::close as fn(&mut Receiver<u8>), |_| ()] {
        let (mut sender, mut receiver) = oneshot::channel();
        let mut closed = spawn(sender.closed());
        assert_pending!(closed.poll());
        close(&mut receiver);
        drop(receiver);
        assert!(closed.is_woken());
        assert_ready!(closed.poll());
    }
    let (mut sender, receiver) = oneshot::channel::<u8>();
    drop(receiver);
    assert_ready!(spawn(sender.closed()).poll());
}

#[test]
fn whoever_gives_up_waiting_for_the_close_is_not_woken() {
    let (mut sender, receiver) = oneshot::channel::<u8>();
    let mut task = spawn(());
    assert_pending!(task.enter(|cx, _| Pin::new(&mut sender.closed()).poll(cx)));
    assert_eq!(task.waker_ref_count(), 1);
    drop(receiver);
    assert!(!task.is_woken());
}

#[test]
fn a_sender_that_is_done_keeps_no_waker() {
    let (mut sender, mut receiver) = oneshot::channel();
    let mut task = spawn(());
    assert_pending!(task.enter(|cx, _| sender.poll_closed(cx)));
    assert_eq!(task.waker_ref_count(), 2);
    sender.send(7).unwrap();
    assert_eq!(task.waker_ref_count(), 1);
    assert_eq!(receiver.try_recv(), Ok(7));
    assert!(!task.is_woken());
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let (mut sender, receiver) = oneshot::channel::<u8>();
    let (mut first, mut second) = (spawn(()), spawn(()));
    let mut receiver = receiver;
    assert_pending!(first.enter(|cx, _| Pin::new(&mut receiver).poll(cx)));
    assert_pending!(second.enter(|cx, _| Pin::new(&mut receiver).poll(cx)));
    assert_pending!(first.enter(|cx, _| sender.poll_closed(cx)));
    assert_pending!(second.enter(|cx, _| sender.poll_closed(cx)));
    assert_eq!((first.waker_ref_count(), second.waker_ref_count()), (1, 3));
    receiver.close();
    assert!(!first.is_woken() && second.is_woken());
    sender.send(7).unwrap_err();
    assert_eq!((first.is_woken(), second.waker_ref_count()), (false, 1));
}

#[test]
fn the_drop_of_the_receiver_drops_the_value() {
    let drops = Rc::new(Cell::new(0));
    let (sender, receiver) = oneshot::channel();
    assert!(sender.send(OnDrop::counted(&drops)).is_ok());
    assert_eq!(drops.get(), 0);
    drop(receiver);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_panic_in_the_drop_of_the_value_reaches_who_drops_the_receiver() {
    let (sender, receiver) = oneshot::channel();
    assert!(sender.send(OnDrop::new(|| panic!("the value panics"))).is_ok());
    let payload = panics(|| drop(receiver));
    assert_eq!(message_of(&*payload), "the value panics");
}

/// A value that owns the receiver of the next, and so on: each drop drops the next channel.
#[test]
fn channels_in_channels_are_dropped() {
    struct Link {
        _next: Option<Receiver<Link>>,
        _counted: OnDrop,
    }
    let drops = Rc::new(Cell::new(0));
    let mut next = None;
    for _ in 0..100 {
        let (sender, receiver) = oneshot::channel();
        assert!(sender.send(Link { _next: next, _counted: OnDrop::counted(&drops) }).is_ok());
        next = Some(receiver);
    }
    drop(next);
    assert_eq!(drops.get(), 100);
}

#[test]
fn a_waker_may_drop_the_other_end() {
    let (mut sender, mut receiver) = oneshot::channel::<u8>();
    let other = Rc::new(Cell::new(None));
    let waker = {
        let other = Rc::clone(&other);
        on_wake(move || drop::<Option<oneshot::Sender<u8>>>(other.take()))
    };
    assert!(sender.poll_closed(&mut Context::from_waker(&waker)).is_pending());
    other.set(Some(sender));
    receiver.close();
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    assert!(other.take().is_none(), "it was woken");

    let (sender, mut receiver) = oneshot::channel();
    let other = Rc::new(Cell::new(None));
    let waker = {
        let other = Rc::clone(&other);
        on_wake(move || drop::<Option<Receiver<u8>>>(other.take()))
    };
    assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&waker)).is_pending());
    other.set(Some(receiver));
    assert_eq!(sender.send(7), Ok(()));
    assert!(other.take().is_none(), "it was woken");
}

#[test]
fn a_waker_that_panics_does_not_keep_the_value_from_its_receiver() {
    let (sender, mut receiver) = oneshot::channel();
    let waker = on_wake(|| panic!("the waker panics"));
    assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(sender.send(7), Ok(()));
    assert_eq!(receiver.try_recv(), Ok(7));
}

#[test]
fn a_waker_may_send_when_it_is_dropped() {
    let (sender, mut receiver) = oneshot::channel();
    let waker = on_last_drop(move || sender.send(7).unwrap());
    assert!(Pin::new(&mut receiver).poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    // Another waker takes the place of the one that sends.
    let mut polled = Pin::new(&mut receiver).poll(&mut Context::from_waker(Waker::noop()));
    if polled.is_pending() {
        polled = Pin::new(&mut receiver).poll(&mut Context::from_waker(Waker::noop()));
    }
    assert_eq!(polled, Poll::Ready(Ok(7)));
}
