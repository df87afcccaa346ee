//! Messages between sockets of this machine.

use std::cell::Cell;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use hanol::io::{Interest, Ready};
use hanol::net::{UnixDatagram, unix};
use hanol::runtime::Handle;
use hanol::spawn;
use hanol::task::{Builder, yield_now};
use hanol::time::interval;
use rustix::process::getpid;

use self::util::{TemporaryDirectory, in_own_process, open_descriptors, polls_of, settle, until_waiting, with_runtime};

mod util;

#[hanol::test]
async fn messages_arrive_whole_and_in_order() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    for message in [b"first".as_slice(), b"", b"second"] {
        assert_eq!(one.send(message).await?, message.len());
    }
    let mut buf = [0; 64];
    for message in [b"first".as_slice(), b"", b"second"] {
        let size = other.recv(&mut buf).await?;
        assert_eq!(&buf[..size], message);
    }
    Ok(())
}

#[hanol::test]
async fn a_receive_waits_for_a_message() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    let mut buf = [0; 64];
    let mut recv = pin!(other.recv(&mut buf));
    assert!(poll!(recv.as_mut()).is_pending());
    one.send(b"hello").await?;
    assert_eq!(recv.await?, 5);
    Ok(())
}

#[hanol::test]
async fn several_messages_are_received_without_waiting_in_between() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    assert!(poll!(pin!(other.readable())).is_pending());
    for _ in 0..3 {
        one.send(b"hello").await?;
    }
    other.readable().await?;
    for _ in 0..3 {
        // Each is shorter than the buffer, which says nothing of the next one.
        assert!(matches!(poll!(pin!(other.recv(&mut [0; 64]))), Poll::Ready(Ok(5))));
    }
    assert!(poll!(pin!(other.recv(&mut [0; 64]))).is_pending());
    Ok(())
}

#[hanol::test]
async fn what_does_not_fit_is_lost() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    one.send(b"hello").await?;
    one.send(b"there").await?;
    let mut buf = [0; 3];
    assert_eq!((other.recv(&mut buf).await?, &buf), (3, b"hel"));
    assert_eq!((other.recv(&mut buf).await?, &buf), (3, b"the"));
    Ok(())
}

#[hanol::test]
async fn messages_go_to_names_and_say_whose_they_are() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let (one, other) = (directory.file("one"), directory.file("other"));
    let server = UnixDatagram::bind(&one)?;
    let client = UnixDatagram::bind(&other)?;
    let nobody = UnixDatagram::unbound()?;
    assert_eq!(client.send_to(b"named", &one).await?, 5);
    assert_eq!(nobody.send_to_addr(b"unnamed", &server.local_addr()?).await?, 7);

    let mut buf = [0; 64];
    let (size, sender) = server.recv_from(&mut buf).await?;
    assert_eq!((&buf[..size], sender.as_pathname()), (b"named".as_slice(), Some(other.as_path())));
    let (size, sender) = server.recv_from(&mut buf).await?;
    assert_eq!(&buf[..size], b"unnamed");
    assert!(sender.is_unnamed());

    assert_eq!(server.try_send_to(b"back", &other)?, 4);
    let mut vector = b"and ".to_vec();
    vector.reserve(64);
    let (size, sender) = client.recv_buf_from(&mut vector).await?;
    assert_eq!((size, vector.as_slice()), (4, b"and back".as_slice()));
    assert_eq!(sender.as_pathname(), Some(one.as_path()));
    Ok(())
}

#[hanol::test]
async fn vectors_are_appended_to() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    let mut vector = Vec::new();
    for message in [b"a".as_slice(), b"b", b"c", b"d"] {
        one.send(message).await?;
    }
    assert_eq!(other.recv_buf(&mut vector).await?, 1);
    assert_eq!(other.try_recv_buf(&mut vector)?, 1);
    assert_eq!(other.recv_buf_from(&mut vector).await?.0, 1);
    assert_eq!(other.try_recv_buf_from(&mut vector)?.0, 1);
    assert_eq!(vector, b"abcd");
    // A failure leaves it as it was.
    assert_eq!(other.try_recv_buf(&mut vector).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(other.try_recv_buf_from(&mut vector).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(vector, b"abcd");
    Ok(())
}

#[hanol::test]
async fn abstract_names_are_names_too() -> io::Result<()> {
    let name = format!("hanol-datagram-{}", getpid().as_raw_nonzero());
    let addr = SocketAddr::from_abstract_name(&name)?;
    let server = UnixDatagram::bind_addr(&addr)?;
    let client = UnixDatagram::unbound()?;
    client.send_to(b"x", format!("\0{name}")).await?;
    client.connect_addr(&addr)?;
    client.send(b"x").await?;
    assert_eq!(client.peer_addr()?.as_abstract_name(), Some(name.as_bytes()));
    assert_eq!(server.recv(&mut [0; 8]).await?, 1);
    assert_eq!(server.recv(&mut [0; 8]).await?, 1);
    Ok(())
}

#[hanol::test]
async fn names_that_are_none_are_errors() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let socket = UnixDatagram::unbound()?;
    assert_eq!(socket.send_to(b"x", &path).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(socket.connect(&path).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(socket.send(b"x").await.unwrap_err().kind(), ErrorKind::NotConnected);
    let long = directory.file(&"x".repeat(108));
    assert_eq!(socket.send_to(b"x", &long).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(socket.try_send_to(b"x", &long).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(UnixDatagram::bind(&long).unwrap_err().kind(), ErrorKind::InvalidInput);

    let bound = UnixDatagram::bind(&path)?;
    assert_eq!(UnixDatagram::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    drop(bound);
    // The file stays, and nobody is behind it.
    assert_eq!(socket.send_to(b"x", &path).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    fs::remove_file(&path)?;
    UnixDatagram::bind(&path)?;
    Ok(())
}

#[hanol::test]
async fn a_message_that_is_too_large_is_an_error() -> io::Result<()> {
    let (one, _other) = UnixDatagram::pair()?;
    let error = one.send(&vec![0; 64 << 20]).await.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MSGSIZE.raw_os_error()));
    // The socket goes on.
    one.send(b"x").await?;
    Ok(())
}

#[hanol::test]
async fn a_sender_that_is_connected_is_woken_when_the_receiver_has_room() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let (receiver, sender) = (UnixDatagram::bind(&path)?, UnixDatagram::unbound()?);
    sender.connect(&path)?;
    let sent = fill(&sender)?;
    let sending = spawn(async move { sender.send(b"last").await });
    yield_now().await;
    assert_eq!(operation_of(&sending), "send");
    let mut buf = [0; 64];
    for _ in 0..sent {
        receiver.recv(&mut buf).await?;
    }
    assert_eq!(receiver.recv(&mut buf).await?, 4);
    assert_eq!(sending.await.unwrap()?, 4);
    Ok(())
}

#[hanol::test]
async fn a_pair_that_is_full_is_woken_when_there_is_room() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    let sent = fill(&one)?;
    let mut send = pin!(one.send(b"last"));
    assert!(poll!(send.as_mut()).is_pending());
    for _ in 0..sent {
        other.recv(&mut [0; 64]).await?;
    }
    assert_eq!(send.await?, 4);
    assert_eq!(other.recv(&mut [0; 64]).await?, 4);
    Ok(())
}

/// No event says when the receiver of a message has room, unless its sender is connected to it.
#[hanol::test]
async fn a_sender_that_is_not_connected_goes_on_when_the_receiver_has_room() -> io::Result<()> {
    const MESSAGES: u32 = 2_000;
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let (receiver, sender) = (UnixDatagram::bind(&path)?, UnixDatagram::unbound()?);
    while sender.try_send_to(b"full", &path).is_ok() {}
    let sending = spawn({
        let path = path.clone();
        async move {
            for number in 0..MESSAGES {
                sender.send_to(&number.to_le_bytes(), &path).await?;
            }
            io::Result::Ok(())
        }
    });
    yield_now().await;
    assert_eq!(operation_of(&sending), "send");
    let mut buf = [0; 4];
    let mut expected = 0;
    while expected < MESSAGES {
        receiver.recv(&mut buf).await?;
        if &buf != b"full" {
            assert_eq!(u32::from_le_bytes(buf), expected);
            expected += 1;
        }
    }
    sending.await.unwrap()
}

#[hanol::test]
async fn a_sender_that_is_not_connected_tries_again_and_again() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let (receiver, sender) = (UnixDatagram::bind(&path)?, UnixDatagram::unbound()?);
    while sender.try_send_to(b"full", &path).is_ok() {}
    let sending = Builder::new().name("sender").spawn(async move { sender.send_to(b"last", &path).await });
    let mut interval = interval(Duration::from_millis(1));
    while polls_of("sender") < 4 {
        interval.tick().await;
    }
    while receiver.try_recv(&mut [0; 8]).is_ok() {}
    assert_eq!(receiver.recv(&mut [0; 8]).await?, 4);
    assert_eq!(sending.await.unwrap()?, 4);
    Ok(())
}

#[test]
fn operations_that_are_given_up_leave_nothing() {
    in_own_process("operations_that_are_given_up_leave_nothing", || {
        with_runtime(async |runtime| {
            let directory = TemporaryDirectory::new();
            let path = directory.file("socket");
            let receiver = UnixDatagram::bind(&path).unwrap();
            let sender = UnixDatagram::unbound().unwrap();
            let connected = UnixDatagram::unbound().unwrap();
            connected.connect(&path).unwrap();
            let full = fill(&connected).unwrap();
            let open = open_descriptors();
            for _ in 0..100 {
                assert!(poll!(pin!(sender.recv(&mut [0]))).is_pending());
                assert!(poll!(pin!(sender.recv_from(&mut [0]))).is_pending());
                assert!(poll!(pin!(sender.recv_buf(&mut Vec::new()))).is_pending());
                assert!(poll!(pin!(sender.recv_buf_from(&mut Vec::new()))).is_pending());
                assert!(poll!(pin!(connected.send(b"lost"))).is_pending());
                assert!(poll!(pin!(sender.send_to(b"lost", &path))).is_pending());
            }
            let metrics = runtime.metrics();
            assert_eq!((metrics.waiters, metrics.timers, metrics.registrations), (0, 0, 2));
            assert_eq!(open_descriptors(), open);
            for _ in 0..full {
                let mut buf = [0; 64];
                let size = receiver.try_recv(&mut buf).unwrap();
                assert_ne!(&buf[..size], b"lost");
            }
            assert_eq!(receiver.try_recv(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        });
    });
}

#[test]
fn a_message_that_comes_for_a_receive_that_is_given_up_is_not_lost() {
    with_runtime(async |runtime| {
        let (one, other) = UnixDatagram::pair().unwrap();
        for round in 0..100_u8 {
            let mut unused = [0; 4];
            let mut given_up = Box::pin(other.recv(&mut unused));
            assert!(poll!(given_up.as_mut()).is_pending());
            one.send(&[round]).await.unwrap();
            until_waiting(runtime, 0).await;
            drop(given_up);
            let mut buf = [0; 4];
            assert_eq!((other.recv(&mut buf).await.unwrap(), buf[0]), (1, round));
        }
    });
}

#[hanol::test]
async fn trying_never_waits() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    assert_eq!(other.try_recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(other.try_recv_from(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(one.try_send(b"x")?, 1);
    other.readable().await?;
    assert_eq!(other.try_recv_from(&mut [0; 8])?.0, 1);
    fill(&one)?;
    assert_eq!(one.try_send(b"x").unwrap_err().kind(), ErrorKind::WouldBlock);
    Ok(())
}

#[hanol::test]
async fn readiness_is_what_the_system_reports() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    assert_eq!(other.ready(Interest::READABLE | Interest::WRITABLE).await?, Ready::WRITABLE);
    let mut task = tokio_test::task::spawn(());
    assert!(task.enter(|cx, _| other.poll_recv(cx, &mut [0; 8])).is_pending());
    assert!(task.enter(|cx, _| other.poll_recv_from(cx, &mut [0; 8])).is_pending());
    one.async_io(Interest::WRITABLE, || one.try_send(b"data")).await?;
    settle().await?;
    assert!(task.is_woken());
    assert!(matches!(task.enter(|cx, _| other.poll_recv(cx, &mut [0; 8])), Poll::Ready(Ok(4))));
    fill(&one)?;
    assert!(task.enter(|cx, _| one.poll_send(cx, b"x")).is_pending());
    while other.try_recv(&mut [0; 8]).is_ok() {}
    settle().await?;
    assert!(task.is_woken());
    Ok(())
}

#[hanol::test]
async fn a_side_that_has_ended_is_an_end() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    one.send(b"last").await?;
    one.shutdown(Shutdown::Write)?;
    assert_eq!(one.send(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);

    let mut buf = [0; 8];
    assert_eq!(other.recv(&mut buf).await?, 4);
    {
        let mut waiting = pin!(other.recv(&mut buf));
        assert!(poll!(waiting.as_mut()).is_pending());
        other.shutdown(Shutdown::Read)?;
        assert_eq!(waiting.await?, 0);
    }
    let mut vector = Vec::new();
    assert_eq!(other.recv_buf(&mut vector).await?, 0);
    assert!(other.recv_buf_from(&mut vector).await?.1.is_unnamed());
    assert_eq!(other.try_recv_from(&mut buf)?.0, 0);
    assert!(vector.is_empty() && other.take_error()?.is_none());
    Ok(())
}

#[test]
fn a_socket_goes_to_the_standard_library_and_back() {
    with_runtime(async |runtime| {
        let (one, other) = UnixDatagram::pair().unwrap();
        assert!(poll!(pin!(other.recv(&mut [0]))).is_pending());
        let other = other.into_std().unwrap();
        assert_eq!(runtime.metrics().registrations, 0);
        one.send(b"x").await.unwrap();
        assert_eq!(other.recv(&mut [0; 8]).unwrap(), 1);
        let other = UnixDatagram::from_std(other).unwrap();
        assert!(poll!(pin!(other.recv(&mut [0]))).is_pending());
        assert_eq!(other.as_raw_fd(), other.into_std().unwrap().as_raw_fd());
    });
}

#[hanol::test]
async fn a_socket_that_is_always_ready_gives_way() -> io::Result<()> {
    let (one, other) = UnixDatagram::pair()?;
    let turns = Rc::new(Cell::new(0));
    let counter = Rc::clone(&turns);
    let counting = spawn(async move {
        loop {
            counter.set(counter.get() + 1);
            yield_now().await;
        }
    });
    let talk = spawn(async move {
        for _ in 0..1_000 {
            one.send(b"x").await.unwrap();
            other.recv(&mut [0]).await.unwrap();
        }
    });
    talk.await.unwrap();
    assert!(turns.get() >= 2_000 / 128 - 1, "{} turns", turns.get());
    counting.abort();
    Ok(())
}

#[test]
fn the_types_may_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<UnixDatagram>();
    goes::<unix::Recv<'_>>();
    goes::<unix::RecvBufFrom<'_>>();
    goes::<unix::Send<'_>>();
    goes::<unix::SendTo<'_>>();
}

/// Sends until there is no room, and gives the number of messages.
fn fill(socket: &UnixDatagram) -> io::Result<usize> {
    let mut sent = 0;
    loop {
        match socket.try_send(b"fill") {
            Ok(_) => sent += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(sent),
            Err(error) => return Err(error),
        }
    }
}

/// What a task waits for, which must be in this file.
#[track_caller]
fn operation_of<T>(task: &hanol::task::JoinHandle<T>) -> &'static str {
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|listed| listed.id == task.id()).expect("the task is there");
    let waiting = task.waiting.as_ref().expect("it waits");
    assert_eq!(waiting.location.file(), file!());
    assert!(waiting.resource.as_ref().is_some_and(|resource| resource.starts_with("fd ")));
    waiting.operation
}
