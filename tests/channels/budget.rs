//! A task whose channels are always ready gives way after its operations.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

use futures_util::poll;
use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::sync::{mpsc, oneshot};
use hanol::task::yield_now;

/// How often `operation` is done by a task until another one runs.
async fn until_others_run<F: Future>(mut operation: impl FnMut() -> F + 'static) -> u32 {
    let done = Rc::new(Cell::new(0));
    let counter = Rc::clone(&done);
    let task = hanol::spawn(async move {
        loop {
            operation().await;
            counter.set(counter.get() + 1);
        }
    });
    yield_now().await;
    task.abort();
    done.get()
}

#[hanol::test]
async fn sending_and_receiving_give_way() {
    let (sender, receiver) = mpsc::channel::<u32>(1_000);
    let sending = until_others_run(move || {
        let sender = sender.clone();
        async move { sender.send(1).await.unwrap() }
    });
    assert_eq!(sending.await, OPERATIONS_PER_POLL);
    assert_eq!(receiver.len() as u32, OPERATIONS_PER_POLL);

    let (sender, full) = mpsc::unbounded_channel();
    (0..1_000).for_each(|number| sender.send(number).unwrap());
    let full = Rc::new(Cell::new(Some(full)));
    let receiving = until_others_run(move || {
        let full = Rc::clone(&full);
        async move {
            let mut receiver = full.take().unwrap();
            receiver.recv().await.unwrap();
            full.set(Some(receiver));
        }
    });
    assert_eq!(receiving.await, OPERATIONS_PER_POLL);
}

#[hanol::test]
async fn receiving_one_value_gives_way() {
    let receiving = until_others_run(|| async {
        let (sender, receiver) = oneshot::channel();
        sender.send(1).unwrap();
        receiver.await.unwrap();
    });
    assert_eq!(receiving.await, OPERATIONS_PER_POLL);
}

#[hanol::test]
async fn reserving_and_closing_give_way() {
    let (sender, receiver) = mpsc::channel::<u32>(1);
    let reserving = until_others_run(move || {
        let sender = sender.clone();
        async move { drop(sender.reserve().await) }
    });
    assert_eq!(reserving.await, OPERATIONS_PER_POLL);
    drop(receiver);

    let (sender, _) = mpsc::unbounded_channel::<u32>();
    let closed = until_others_run(move || {
        let sender = sender.clone();
        async move { sender.closed().await }
    });
    assert_eq!(closed.await, OPERATIONS_PER_POLL);
}

/// Waiting takes nothing from the budget, however often a task looks.
#[hanol::test]
async fn whoever_waits_keeps_the_budget() {
    let (full, _keeps_it_open) = mpsc::channel::<u32>(1);
    full.try_send(1).unwrap();
    let (_sender, mut empty) = mpsc::channel::<u32>(1);
    let (mut unanswered, mut unheard) = oneshot::channel::<u32>();
    let looks = hanol::spawn(async move {
        for _ in 0..OPERATIONS_PER_POLL {
            assert!(poll!(pin!(empty.recv())).is_pending());
            assert!(poll!(pin!(empty.recv_many(&mut Vec::new(), 1))).is_pending());
            assert!(poll!(pin!(full.send(2))).is_pending());
            assert!(poll!(pin!(full.reserve())).is_pending());
            assert!(poll!(pin!(full.closed())).is_pending());
            assert!(poll!(pin!(unanswered.closed())).is_pending());
            assert!(poll!(&mut unheard).is_pending());
        }
        let left = oneshot::channel::<u32>().1;
        poll!(left).is_ready()
    });
    assert!(looks.await.unwrap(), "the sender is gone, and there is budget left to see it");
}

/// Giving back too much would let a task that also waits go on for ever.
#[hanol::test]
async fn a_wait_gives_back_no_more_than_it_took() {
    let (full, mut receiver) = mpsc::channel::<u32>(1);
    full.try_send(1).unwrap();
    let operations = hanol::spawn(async move {
        let mut done = 0;
        loop {
            assert!(poll!(pin!(full.send(2))).is_pending());
            assert!(poll!(pin!(full.closed())).is_pending());
            // One operation that completes.
            if poll!(pin!(async { receiver.recv().await })).is_pending() {
                return done;
            }
            full.try_send(1).unwrap();
            done += 1;
        }
    });
    assert_eq!(operations.await.unwrap(), OPERATIONS_PER_POLL);
}
