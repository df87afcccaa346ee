//! Channels of `async-channel` and `tokio::sync` between this runtime's tasks and other threads: what the documentation of
//! `hanol::sync` points to.

use std::thread;

use tokio::sync::{mpsc, oneshot};

const MESSAGES: u32 = 10_000;

#[hanol::test]
async fn a_thread_sends_to_a_task_through_async_channel() {
    let (sender, receiver) = async_channel::bounded(16);
    let sending = thread::spawn(move || {
        for number in 0..MESSAGES {
            sender.send_blocking(number).unwrap();
        }
    });
    let receiving = hanol::spawn(async move {
        for number in 0..MESSAGES {
            assert_eq!(receiver.recv().await, Ok(number));
        }
        receiver.recv().await.unwrap_err()
    });
    receiving.await.unwrap();
    sending.join().unwrap();
}

#[hanol::test]
async fn a_task_sends_to_a_thread_through_async_channel() {
    let (sender, receiver) = async_channel::bounded(16);
    let receiving = thread::spawn(move || {
        for number in 0..MESSAGES {
            assert_eq!(receiver.recv_blocking(), Ok(number));
        }
        receiver.recv_blocking().unwrap_err();
    });
    let sending = hanol::spawn(async move {
        for number in 0..MESSAGES {
            sender.send(number).await.unwrap();
        }
    });
    sending.await.unwrap();
    receiving.join().unwrap();
}

#[hanol::test]
async fn a_thread_sends_to_a_task_through_tokio_sync() {
    let (sender, mut receiver) = mpsc::channel(16);
    let sending = thread::spawn(move || {
        for number in 0..MESSAGES {
            sender.blocking_send(number).unwrap();
        }
    });
    let receiving = hanol::spawn(async move {
        for number in 0..MESSAGES {
            assert_eq!(receiver.recv().await, Some(number));
        }
        assert_eq!(receiver.recv().await, None);
    });
    receiving.await.unwrap();
    sending.join().unwrap();
}

#[hanol::test]
async fn a_task_sends_to_a_thread_through_tokio_sync() {
    let (sender, mut receiver) = mpsc::channel(16);
    let receiving = thread::spawn(move || {
        for number in 0..MESSAGES {
            assert_eq!(receiver.blocking_recv(), Some(number));
        }
        assert_eq!(receiver.blocking_recv(), None);
    });
    let sending = hanol::spawn(async move {
        for number in 0..MESSAGES {
            sender.send(number).await.unwrap();
        }
    });
    sending.await.unwrap();
    receiving.join().unwrap();
}

/// A request goes one way and its answer the other.
#[hanol::test]
async fn a_task_asks_a_thread_and_a_thread_asks_a_task() {
    let (requests, mut received) = mpsc::unbounded_channel::<(u32, oneshot::Sender<u32>)>();
    let answering = thread::spawn(move || {
        while let Some((number, answer)) = received.blocking_recv() {
            answer.send(number * 2).unwrap();
        }
    });
    for number in 0..100 {
        let (answer, answered) = oneshot::channel();
        requests.send((number, answer)).unwrap();
        assert_eq!(answered.await, Ok(number * 2));
    }
    drop(requests);
    answering.join().unwrap();

    let (requests, received) = async_channel::unbounded::<(u32, oneshot::Sender<u32>)>();
    let asking = thread::spawn(move || {
        for number in 0..100 {
            let (answer, answered) = oneshot::channel();
            requests.send_blocking((number, answer)).unwrap();
            assert_eq!(answered.blocking_recv(), Ok(number * 2));
        }
    });
    while let Ok((number, answer)) = received.recv().await {
        answer.send(number * 2).unwrap();
    }
    asking.join().unwrap();
}
