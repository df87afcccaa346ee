//! Operations that are given up, and sockets that come to another runtime or thread.

use std::future::Future;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::thread;

use futures_util::poll;
use futures_util::task::noop_waker;
use hanol::io::Interest;
use hanol::net::UdpSocket;
use hanol::runtime::Runtime;

use crate::util::{in_own_process, message_of, open_descriptors, settle, until_waiting, with_runtime};
use crate::{ANY, connected, would_block};

#[test]
fn an_operation_that_is_given_up_waits_no_longer() {
    with_runtime(async |runtime| {
        let (_one, other) = connected().await;
        let (mut buf, mut vec) = ([0; 8], Vec::new());
        give_up(runtime, other.recv(&mut buf)).await;
        give_up(runtime, other.recv_from(&mut buf)).await;
        give_up(runtime, other.recv_buf(&mut vec)).await;
        give_up(runtime, other.recv_buf_from(&mut vec)).await;
        give_up(runtime, other.peek(&mut buf)).await;
        give_up(runtime, other.peek_from(&mut buf)).await;
        give_up(runtime, other.peek_sender()).await;
        give_up(runtime, other.readable()).await;
        give_up(runtime, other.async_io(Interest::READABLE, || Ok(()))).await;
        assert_eq!(runtime.metrics().registrations, 1);

        // The user says that there is no room.
        other.writable().await.unwrap();
        assert!(would_block(other.try_io(Interest::WRITABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()))));
        give_up(runtime, other.send(b"x")).await;
        give_up(runtime, other.send_to(b"x", ANY)).await;
        give_up(runtime, other.writable()).await;
        drop(other);
        assert_eq!(runtime.metrics().registrations, 0);
    });
}

/// Woken, but not polled again: the datagram is still there.
#[test]
fn a_receive_that_is_given_up_takes_no_datagram() {
    with_runtime(async |runtime| {
        let (one, other) = connected().await;
        let (mut buf, mut another) = ([0; 8], [0; 8]);
        let mut given_up = Box::pin(other.recv(&mut buf));
        let mut stays = Box::pin(other.recv(&mut another));
        assert!(poll!(given_up.as_mut()).is_pending());
        assert!(poll!(stays.as_mut()).is_pending());
        one.send(b"data").await.unwrap();
        until_waiting(runtime, 0).await;
        drop(given_up);
        assert_eq!(stays.await.unwrap(), 4);
        assert_eq!(&another[..4], b"data");
    });
}

#[test]
fn sockets_leave_no_descriptor() {
    in_own_process("giving_up::sockets_leave_no_descriptor", || {
        with_runtime(async |runtime| {
            settle().await.unwrap();
            let open = open_descriptors();
            for _ in 0..200 {
                let (one, other) = connected().await;
                assert!(poll!(pin!(other.recv(&mut [0]))).is_pending());
                one.send(b"x").await.unwrap();
                drop(UdpSocket::bind(ANY));
                assert!(UdpSocket::bind(other.local_addr().unwrap()).await.is_err());
            }
            assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[test]
fn a_receive_on_a_shared_socket_is_dropped_on_another_thread() {
    with_runtime(async |runtime| {
        let (one, other) = connected().await;
        let other = Arc::new(other);
        let shared = Arc::clone(&other);
        let mut recv = Box::pin(async move { shared.recv(&mut [0]).await });
        assert!(poll!(recv.as_mut()).is_pending());
        thread::spawn(move || drop(recv)).join().unwrap();
        settle().await.unwrap();
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 0));
        one.send(b"data").await.unwrap();
        assert_eq!(other.recv(&mut [0; 8]).await.unwrap(), 4);
    });
}

#[hanol::test]
async fn a_registered_socket_is_an_error_in_another_runtime() {
    let (one, other) = connected().await;
    assert!(poll!(pin!(other.recv(&mut [0]))).is_pending());
    let other = thread::spawn(move || {
        hanol::block_on(async {
            let errors = [
                other.recv(&mut [0]).await.unwrap_err(),
                other.send(b"x").await.unwrap_err(),
                other.peek_sender().await.unwrap_err(),
                other.writable().await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::Other);
                assert!(error.to_string().contains("another hanol runtime"), "{error}");
            }
        });
        other
    });
    let other = other.join().unwrap();
    one.send(b"data").await.unwrap();
    assert_eq!(other.recv(&mut [0; 8]).await.unwrap(), 4);
}

#[test]
fn waiting_outside_a_runtime_panics_with_advice() {
    let socket = UdpSocket::from_std(std::net::UdpSocket::bind(ANY).unwrap()).unwrap();
    assert_advice(socket.recv(&mut [0]));
    assert_advice(socket.recv_buf_from(&mut Vec::new()));
    assert_advice(socket.peek_sender());
    assert_advice(socket.readable());
}

#[test]
fn a_task_that_is_aborted_closes_its_socket() {
    with_runtime(async |runtime| {
        let (_one, other) = connected().await;
        let task = hanol::spawn(async move { other.recv(&mut [0]).await });
        until_waiting(runtime, 1).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
    });
}

/// Polls an operation that has to wait, drops it, and sees that nobody waits any longer.
async fn give_up(runtime: &Runtime, operation: impl Future) {
    {
        let mut operation = pin!(operation);
        assert!(poll!(operation.as_mut()).is_pending());
        assert!(poll!(operation.as_mut()).is_pending());
        assert_eq!(runtime.metrics().waiters, 1);
    }
    assert_eq!(runtime.metrics().waiters, 0);
}

/// Polls an operation outside a runtime, which must panic and say where and what to do.
#[track_caller]
fn assert_advice(operation: impl Future) {
    let poll = || pin!(operation).poll(&mut Context::from_waker(&noop_waker())).is_ready();
    let panic = catch_unwind(AssertUnwindSafe(poll)).expect_err("it should panic");
    let message = message_of(&*panic);
    assert!(message.contains("outside a hanol runtime") && message.contains(file!()), "{message}");
}
