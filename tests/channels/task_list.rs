//! The task list says who waits for a channel, and where.

use std::time::Duration;

use futures_util::StreamExt;
use hanol::runtime::Handle;
use hanol::sync::{mpsc, oneshot};
use hanol::task::yield_now;

use crate::place::{Place, below};

/// Asserts what the list says of a future that waits.
async fn assert_waits(future: impl Future + 'static, operation: &str, place: Place) {
    let task = hanol::spawn(async move { drop(future.await) });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|listed| listed.id == task.id()).and_then(|listed| listed.waiting.as_ref());
    let waiting = waiting.expect("it says what it waits for");
    assert_eq!((waiting.operation, waiting.resource.as_deref()), (operation, None));
    assert_eq!(waiting.location.to_string(), place);
    task.abort();
}

#[hanol::test]
async fn a_oneshot_is_named_by_the_line_that_made_it() {
    let place = below("oneshot::channel::<u8>(");
    let (_sender, receiver) = oneshot::channel::<u8>();
    assert_waits(receiver, "channel recv", place).await;
}

#[hanol::test]
async fn receiving() {
    let (_sender, mut receiver) = mpsc::channel::<u8>(1);
    let place = below("recv(");
    let receiving = async move { receiver.recv().await };
    assert_waits(receiving, "channel recv", place).await;

    let (_sender, mut receiver) = mpsc::unbounded_channel::<u8>();
    let place = below("recv_many(");
    let receiving = async move { receiver.recv_many(&mut Vec::new(), 1).await };
    assert_waits(receiving, "channel recv", place).await;

    let place = below("mpsc::channel::<u8>(");
    let (_sender, mut receiver) = mpsc::channel::<u8>(1);
    let receiving = async move { receiver.next().await };
    assert_waits(receiving, "channel recv", place).await;
}

#[hanol::test]
async fn sending() {
    let (full, _receiver) = mpsc::channel::<u8>(1);
    full.try_send(1).unwrap();

    let sender = full.clone();
    let place = below("send(");
    let sending = async move { sender.send(2).await };
    assert_waits(sending, "channel send", place).await;

    let sender = full.clone();
    let place = below("send_timeout(");
    let sending = async move { sender.send_timeout(2, Duration::from_secs(3_600)).await };
    assert_waits(sending, "channel send", place).await;

    let sender = full.clone();
    let place = below("reserve(");
    let reserving = async move { drop(sender.reserve().await) };
    assert_waits(reserving, "channel send", place).await;

    let sender = full.clone();
    let place = below("reserve_many(");
    let reserving = async move { drop(sender.reserve_many(1).await) };
    assert_waits(reserving, "channel send", place).await;

    let place = below("reserve_owned(");
    let reserving = full.clone().reserve_owned();
    assert_waits(reserving, "channel send", place).await;
}

#[hanol::test]
async fn waiting_for_the_close() {
    let (sender, _receiver) = mpsc::channel::<u8>(1);
    let place = below("closed(");
    let closed = async move { sender.closed().await };
    assert_waits(closed, "channel closed", place).await;

    let (mut sender, _receiver) = oneshot::channel::<u8>();
    let place = below("closed(");
    let closed = async move { sender.closed().await };
    assert_waits(closed, "channel closed", place).await;
}
