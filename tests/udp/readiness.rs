//! Readiness, fairness, and what the task list says.

use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::pin::pin;

use futures_util::poll;
use hanol::io::Interest;
use hanol::net::UdpSocket;
use hanol::runtime::{Handle, OPERATIONS_PER_POLL, TaskState};
use hanol::task::{JoinHandle, yield_now};
use rustix::net::SendFlags;

use crate::util::{settle, with_runtime};
use crate::{connected, would_block};

#[hanol::test]
async fn readiness_lasts_until_nothing_is_found() {
    let (one, other) = connected().await;
    let mut buf = [0; 8];
    let mut readable = Box::pin(other.readable());
    assert!(poll!(readable.as_mut()).is_pending());
    one.send(b"one").await.unwrap();
    one.send(b"two").await.unwrap();
    readable.await.unwrap();
    // A datagram that is smaller than the buffer says nothing of the next one.
    assert_eq!(other.try_recv(&mut buf).unwrap(), 3);
    other.readable().await.unwrap();
    assert_eq!(other.try_recv(&mut buf).unwrap(), 3);
    other.readable().await.unwrap();
    assert!(would_block(other.try_recv(&mut buf)));
    assert!(poll!(pin!(other.readable())).is_pending());

    one.send(b"three").await.unwrap();
    let ready = other.ready(Interest::READABLE).await.unwrap();
    assert!(ready.is_readable() && !ready.is_writable());
    other.writable().await.unwrap();
}

/// On loopback there is always room. So the user says that there is none, and the system reports it when the next datagram
/// has left the buffer.
#[hanol::test]
async fn a_send_that_finds_no_room_goes_on_when_there_is_some() {
    let (one, other) = connected().await;
    let target = other.local_addr().unwrap();
    let mut buf = [0; 8];
    let fill = async || {
        one.writable().await.unwrap();
        assert!(would_block(one.try_io(Interest::WRITABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()))));
    };
    let leave = || rustix::net::send(&one, b"first", SendFlags::empty()).unwrap();

    fill().await;
    assert!(would_block(one.try_send(b"x")) && would_block(one.try_send_to(b"x", target)));
    let mut send = Box::pin(one.send(b"second"));
    let mut send_to = Box::pin(one.send_to(b"third", target));
    assert!(poll!(send.as_mut()).is_pending() && poll!(send_to.as_mut()).is_pending());
    leave();
    assert_eq!((send.await.unwrap(), send_to.await.unwrap()), (6, 5));

    fill().await;
    let mut sender = tokio_test::task::spawn(());
    assert!(sender.enter(|cx, _| one.poll_send(cx, b"fifth")).is_pending());
    assert!(sender.enter(|cx, _| one.poll_send_to(cx, b"fifth", target)).is_pending());
    assert!(sender.enter(|cx, _| one.poll_send_ready(cx)).is_pending());
    leave();
    settle().await.unwrap();
    assert!(sender.is_woken());
    assert!(sender.enter(|cx, _| one.poll_send(cx, b"fifth")).is_ready());
    for size in [5, 6, 5, 5, 5] {
        assert_eq!(other.recv(&mut buf).await.unwrap(), size);
    }
}

#[hanol::test]
async fn every_task_that_waits_is_woken_and_one_receives() {
    let (one, other) = connected().await;
    let (mut first, mut second) = ([0; 8], [0; 8]);
    let mut receives = [Box::pin(other.recv(&mut first)), Box::pin(other.recv(&mut second))];
    for recv in &mut receives {
        assert!(poll!(recv.as_mut()).is_pending());
    }
    one.send(b"x").await.unwrap();
    settle().await.unwrap();
    let [first, mut second] = receives;
    assert_eq!(first.await.unwrap(), 1);
    assert!(poll!(second.as_mut()).is_pending());
    one.send(b"yy").await.unwrap();
    assert_eq!(second.await.unwrap(), 2);
}

#[hanol::test]
async fn operations_of_the_user_wait_and_take_note() {
    let (one, other) = connected().await;
    let mut calls = 0;
    let mut buf = [0; 8];
    let socket = socket2::SockRef::from(&other).try_clone().unwrap();
    let std = std::net::UdpSocket::from(socket);
    let mut recv = Box::pin(other.async_io(Interest::READABLE, || {
        calls += 1;
        std.recv(&mut buf)
    }));
    assert!(poll!(recv.as_mut()).is_pending());
    one.send(b"data").await.unwrap();
    assert_eq!(recv.await.unwrap(), 4);
    assert_eq!(calls, 1);

    assert!(would_block(other.try_io(Interest::READABLE, || std.recv(&mut buf))));
    // Now it is known, and the operation is not called.
    let error = other.try_io::<()>(Interest::READABLE, || unreachable!("it would block")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

/// Two tasks that play ping-pong forever do not keep a third from running, nor a timer from firing.
#[test]
fn a_socket_that_is_always_ready_gives_way() {
    with_runtime(async |_| {
        let (one, other) = connected().await;
        let task = hanol::spawn(async move {
            let mut buf = [0; 8];
            loop {
                one.send(b"x").await.unwrap();
                other.recv(&mut buf).await.unwrap();
            }
        });
        yield_now().await;
        let tasks = Handle::current().tasks();
        let info = tasks.iter().find(|info| info.id == task.id()).unwrap();
        assert_eq!((info.state, info.polls), (TaskState::Ready, 1));
        assert_eq!(info.waiting.as_ref().unwrap().operation, "budget");
        hanol::time::sleep(std::time::Duration::from_millis(2)).await;
        task.abort();
    });
}

#[hanol::test]
async fn binding_and_connecting_in_a_loop_give_way() {
    let task = hanol::spawn(async {
        let (one, other) = connected().await;
        for _ in 0..OPERATIONS_PER_POLL {
            one.connect(other.local_addr().unwrap()).await.unwrap();
        }
    });
    yield_now().await;
    assert!(!task.is_finished());
    task.await.unwrap();
}

#[hanol::test]
async fn the_task_list_says_what_a_socket_waits_for_and_where() {
    let (_one, other) = connected().await;
    let other: &'static UdpSocket = Box::leak(Box::new(other));
    let fd = format!("fd {}", other.as_raw_fd());

    let line = line!() + 1;
    let task = hanol::spawn(async { other.recv(&mut [0]).await });
    assert_listed(task, "recv", &fd, line).await;
    let line = line!() + 1;
    let task = hanol::spawn(async { other.recv_buf_from(&mut Vec::new()).await });
    assert_listed(task, "recv", &fd, line).await;
    let line = line!() + 1;
    let task = hanol::spawn(async { other.peek_sender().await });
    assert_listed(task, "peek", &fd, line).await;
    let line = line!() + 1;
    let task = hanol::spawn(async { other.readable().await });
    assert_listed(task, "readiness", &fd, line).await;
    let line = line!() + 1;
    let task = hanol::spawn(std::future::poll_fn(|cx| other.poll_recv(cx, &mut [0])));
    assert_listed(task, "recv", &fd, line).await;

    // The user says that there is no room, and the socket believes it.
    other.writable().await.unwrap();
    assert!(would_block(other.try_io(Interest::WRITABLE, || Err::<(), _>(ErrorKind::WouldBlock.into()))));
    let line = line!() + 1;
    let task = hanol::spawn(async { other.send(b"x").await });
    assert_listed(task, "send", &fd, line).await;
    let line = line!() + 1;
    let task = hanol::spawn(async { other.send_to(b"x", "127.0.0.1:9").await });
    assert_listed(task, "send", &fd, line).await;
}

async fn assert_listed<T>(task: JoinHandle<T>, operation: &str, fd: &str, line: u32) {
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|info| info.id == task.id()).and_then(|info| info.waiting.clone()).unwrap();
    assert_eq!((waiting.operation, waiting.resource.as_deref()), (operation, Some(fd)));
    assert_eq!((waiting.location.file(), waiting.location.line()), (file!(), line));
    task.abort();
}
