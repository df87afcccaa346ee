//! Wakers that panic, and wakers that use the channel when they are woken or dropped.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use hanol::sync::mpsc::channel;
use hanol::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::foreign::{on_last_drop, on_wake};

#[test]
fn a_waker_that_panics_keeps_nothing_from_happening() {
    let (sender, mut receiver) = channel(1);
    let panics = on_wake(|| panic!("the receiver's waker panics"));
    assert!(receiver.poll_recv(&mut Context::from_waker(&panics)).is_pending());
    assert_eq!(sender.try_send(1), Ok(()));

    let mut sending = pin!(sender.send(2));
    let panics = on_wake(|| panic!("the sender's waker panics"));
    assert!(sending.as_mut().poll(&mut Context::from_waker(&panics)).is_pending());
    assert_eq!(receiver.try_recv(), Ok(1));
    assert!(sending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(receiver.try_recv(), Ok(2));
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_being_woken() {
    let (sender, mut receiver) = channel::<u8>(2);
    let permits = sender.try_reserve_many(2).unwrap();
    let mut first = Box::pin(sender.reserve());
    let mut second = spawn(sender.reserve());
    let panics = on_wake(|| panic!("the waker panics"));
    assert!(first.as_mut().poll(&mut Context::from_waker(&panics)).is_pending());
    assert_pending!(second.poll());
    drop(permits);
    assert!(second.is_woken());
    drop((first, second));

    let mut first = Box::pin(sender.closed());
    let mut second = spawn(sender.closed());
    let panics = on_wake(|| panic!("the waker panics"));
    assert!(first.as_mut().poll(&mut Context::from_waker(&panics)).is_pending());
    assert_pending!(second.poll());
    receiver.close();
    assert!(second.is_woken());
}

#[test]
fn a_receivers_waker_may_receive() {
    let (sender, receiver) = channel(2);
    let receiver = Rc::new(RefCell::new(receiver));
    let received = Rc::new(Cell::new(None));
    let waker = {
        let (receiver, received) = (Rc::clone(&receiver), Rc::clone(&received));
        on_wake(move || received.set(Some(receiver.borrow_mut().try_recv())))
    };
    assert!(receiver.borrow_mut().poll_recv(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(sender.try_send(1), Ok(()));
    assert_eq!((received.take(), sender.capacity()), (Some(Ok(1)), 2));
}

#[test]
fn a_receivers_waker_may_drop_it() {
    let (sender, mut receiver) = channel(2);
    let dropped = Rc::new(Cell::new(None));
    let waker = {
        let dropped = Rc::clone(&dropped);
        on_wake(move || drop(dropped.take()))
    };
    assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    dropped.set(Some(receiver));
    assert_eq!(sender.try_send(1), Ok(()), "it was sent before it was dropped");
    assert_eq!(sender.try_send(2), Err(TrySendError::Closed(2)));
}

#[test]
fn a_senders_waker_may_send() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let refused = Rc::new(Cell::new(None));
    let mut sending = pin!(sender.send(2));
    let waker = {
        let (sender, refused) = (sender.clone(), Rc::clone(&refused));
        on_wake(move || refused.set(Some(sender.try_send(3))))
    };
    assert!(sending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(receiver.try_recv(), Ok(1));
    // The room was granted when the waker ran.
    assert_eq!(refused.take(), Some(Err(TrySendError::Full(3))));
    assert!(sending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(receiver.try_recv(), Ok(2));
}

#[test]
fn a_waker_that_is_replaced_may_send_when_it_is_dropped() {
    let (sender, mut receiver) = channel(1);
    let waker = {
        let sender = sender.clone();
        on_last_drop(move || sender.try_send(1).unwrap())
    };
    assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    let mut task = spawn(());
    // Whichever comes first, the value or the new waker: the value is seen, or the task is woken for it.
    let polled = task.enter(|cx, _| receiver.poll_recv(cx));
    assert!(polled.is_ready() || task.is_woken());
    let received = if polled.is_ready() { polled } else { task.enter(|cx, _| receiver.poll_recv(cx)) };
    assert_eq!(assert_ready!(received), Some(1));
}

#[test]
fn a_waker_of_one_that_gives_up_may_use_the_channel_when_it_is_dropped() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(1).unwrap();
    let seen = Rc::new(Cell::new(None));
    let waker = {
        let (sender, seen) = (sender.clone(), Rc::clone(&seen));
        on_last_drop(move || seen.set(Some(sender.try_reserve().map(drop))))
    };
    let mut sending = Box::pin(sender.send(2));
    assert!(sending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    drop(sending);
    assert_eq!(seen.take(), Some(Err(TrySendError::Full(()))));

    let waker = {
        let sender = sender.clone();
        on_last_drop(move || assert!(!sender.is_closed()))
    };
    let mut closed = Box::pin(sender.closed());
    assert!(closed.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    drop(closed);
    assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
}
