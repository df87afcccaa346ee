//! Whoever waits longer is served before.

use std::cell::RefCell;
use std::rc::Rc;

use hanol::sync::mpsc::channel;
use hanol::sync::mpsc::error::TrySendError;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

#[hanol::test]
async fn senders_take_turns() {
    const SENDERS: usize = 5;
    let (sender, mut receiver) = channel(1);
    for number in 0..SENDERS {
        let sender = sender.clone();
        hanol::spawn(async move { while sender.send(number).await.is_ok() {} });
    }
    let mut values = Vec::new();
    for _ in 0..50 * SENDERS {
        values.push(receiver.recv().await.unwrap());
    }
    for number in 0..SENDERS {
        let served = values.iter().filter(|&&value| value == number).count();
        assert!((49..=51).contains(&served), "sender {number} was served {served} times of {}", values.len());
    }
}

#[test]
fn nobody_overtakes_who_waits() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(0).unwrap();
    let mut waiting: Vec<_> = (1..=3).map(|number| spawn(sender.send(number))).collect();
    waiting.iter_mut().for_each(|send| assert_pending!(send.poll()));
    for number in 1..=3 {
        assert_eq!(receiver.try_recv(), Ok(number - 1));
        // There is room, and it belongs to the first in line, who has not been polled yet.
        assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
        let mut late = spawn(sender.send(9));
        assert_pending!(late.poll());
        drop(late);
        assert_eq!(assert_ready!(waiting[number - 1].poll()), Ok(()));
    }
}

#[hanol::test]
async fn tasks_that_wait_for_room_go_on_in_their_order() {
    let (sender, mut receiver) = channel(2);
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..20 {
        let (sender, order) = (sender.clone(), Rc::clone(&order));
        hanol::spawn(async move {
            let permit = sender.reserve().await.unwrap();
            order.borrow_mut().push(number);
            permit.send(number);
        });
    }
    drop(sender);
    let mut values = Vec::new();
    while let Some(value) = receiver.recv().await {
        values.push(value);
    }
    assert_eq!(values, Vec::from_iter(0..20));
    assert_eq!(*order.borrow(), values);
}
