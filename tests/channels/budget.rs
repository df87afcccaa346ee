//! A task whose channels are always ready gives way after its operations.

use std::cell::Cell;
use std::rc::Rc;

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
    let (_sender, mut receiver) = mpsc::channel::<u32>(1);
    let looks = hanol::spawn(async move {
        for _ in 0..2 * OPERATIONS_PER_POLL {
            assert!(futures_util::poll!(Box::pin(receiver.recv())).is_pending());
        }
        let (sender, receiver) = oneshot::channel();
        sender.send(1).unwrap();
        futures_util::poll!(receiver).is_ready()
    });
    assert!(looks.await.unwrap());
}
