//! The functions that are polled by hand.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::poll;
use hanol::net::UdpSocket;
use tokio_test::{assert_pending, assert_ready_ok, task};

use crate::util::{settle, until_waiting, with_runtime};
use crate::{bound, connected};

#[test]
fn each_polled_function_waits_and_completes() {
    with_runtime(async |runtime| {
        let (one, other) = connected().await;
        let from = one.local_addr().unwrap();
        let mut buf = [0; 8];
        let mut peek = task::spawn(());
        assert_pending!(peek.enter(|cx, _| other.poll_peek(cx, &mut buf)));
        assert_pending!(peek.enter(|cx, _| other.poll_peek_from(cx, &mut buf)));
        assert_pending!(peek.enter(|cx, _| other.poll_peek_sender(cx)));
        assert_pending!(peek.enter(|cx, _| other.poll_recv(cx, &mut buf)));
        assert_pending!(peek.enter(|cx, _| other.poll_recv_from(cx, &mut buf)));
        assert_pending!(peek.enter(|cx, _| other.poll_recv_ready(cx)));
        // One task has one place, however often it polls.
        assert_eq!(runtime.metrics().waiters, 1);

        one.send(b"data").await.unwrap();
        settle().await.unwrap();
        assert!(peek.is_woken());
        assert_eq!(runtime.metrics().waiters, 0);
        assert_ready_ok!(peek.enter(|cx, _| other.poll_recv_ready(cx)));
        assert_eq!(assert_ready_ok!(peek.enter(|cx, _| other.poll_peek(cx, &mut buf))), 4);
        assert_eq!(assert_ready_ok!(peek.enter(|cx, _| other.poll_peek_from(cx, &mut buf))), (4, from));
        assert_eq!(assert_ready_ok!(peek.enter(|cx, _| other.poll_peek_sender(cx))), from);
        assert_eq!(assert_ready_ok!(peek.enter(|cx, _| other.poll_recv_from(cx, &mut buf))), (4, from));
        assert_pending!(peek.enter(|cx, _| other.poll_recv(cx, &mut buf)));
    });
}

#[hanol::test]
async fn sending_is_polled() {
    let (one, other) = (bound().await, bound().await);
    let target = other.local_addr().unwrap();
    poll_fn(|cx| one.poll_send_ready(cx)).await.unwrap();
    assert_eq!(poll_fn(|cx| one.poll_send_to(cx, b"to", target)).await.unwrap(), 2);
    one.connect(target).await.unwrap();
    assert_eq!(poll_fn(|cx| one.poll_send(cx, b"connected")).await.unwrap(), 9);
    let mut buf = [0; 16];
    assert_eq!(poll_fn(|cx| other.poll_recv(cx, &mut buf)).await.unwrap(), 2);
    assert_eq!(poll_fn(|cx| other.poll_recv(cx, &mut buf)).await.unwrap(), 9);
}

/// Each event wakes all who wait.
#[hanol::test]
async fn several_tasks_poll() {
    let (one, other) = connected().await;
    let mut tasks = [task::spawn(()), task::spawn(())];
    let mut buf = [0; 8];
    for task in &mut tasks {
        assert_pending!(task.enter(|cx, _| other.poll_recv(cx, &mut buf)));
    }
    one.send(b"x").await.unwrap();
    settle().await.unwrap();
    assert!(tasks.iter().all(|task| task.is_woken()));
    let polled: Vec<_> =
        tasks.iter_mut().map(|task| task.enter(|cx, _| other.poll_recv(cx, &mut buf)).is_ready()).collect();
    assert_eq!(polled, [true, false]);
    let mut readable = Box::pin(poll_fn(|cx| other.poll_recv_ready(cx)));
    assert!(matches!(poll!(readable.as_mut()), Poll::Pending));
}

/// A waker that panics, and one that drops the socket it was registered with.
#[test]
fn foreign_wakers_do_as_they_like() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics");
        }
    }

    struct Drops(Mutex<Option<Arc<UdpSocket>>>);

    impl Wake for Drops {
        fn wake(self: Arc<Self>) {
            drop(self.0.lock().unwrap().take());
        }
    }

    with_runtime(async |runtime| {
        let (one, other) = connected().await;
        let other = Arc::new(other);
        let mut buf = [0; 8];
        let wakers: [Waker; 2] =
            [Waker::from(Arc::new(Panics)), Waker::from(Arc::new(Drops(Mutex::new(Some(Arc::clone(&other))))))];
        for waker in &wakers {
            assert!(other.poll_recv(&mut Context::from_waker(waker), &mut buf).is_pending());
        }
        drop(other);
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 2));
        one.send(b"x").await.unwrap();
        until_waiting(runtime, 0).await;
        // The last owner was the waker.
        assert_eq!(runtime.metrics().registrations, 0);
        settle().await.unwrap();
    });
}
