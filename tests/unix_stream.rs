//! Connections of this machine.

use std::cell::Cell;
use std::fs;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::{join_all, try_join};
use futures_util::poll;
use hanol::io::{Interest, Ready};
use hanol::net::{UnixListener, UnixStream, unix};
use hanol::runtime::Handle;
use hanol::spawn;
use hanol::task::yield_now;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::{getgid, getpid, getuid};

use self::util::{TemporaryDirectory, in_own_process, open_descriptors, polls_of, settle, until_waiting, with_runtime};

mod util;

#[hanol::test]
async fn a_client_and_a_server_talk_over_a_path() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = UnixListener::bind(&path)?;
    let accepted = spawn(async move { listener.accept().await });
    let client = UnixStream::connect(&path).await?;
    let (server, peer) = accepted.await.unwrap()?;
    assert!(peer.is_unnamed());
    assert_eq!(client.peer_addr()?.as_pathname(), Some(path.as_path()));
    assert_eq!(server.local_addr()?.as_pathname(), Some(path.as_path()));
    exchange(&client, &server).await;
    Ok(())
}

#[hanol::test]
async fn an_abstract_name_goes_with_its_socket() -> io::Result<()> {
    let name = format!("hanol-{}", getpid().as_raw_nonzero());
    let addr = SocketAddr::from_abstract_name(&name)?;
    let listener = UnixListener::bind_addr(&addr)?;
    let client = UnixStream::connect_addr(&addr).await?;
    let (server, _) = listener.accept().await?;
    exchange(&client, &server).await;
    // A path that begins with a zero byte is the same name.
    let other = UnixStream::connect(format!("\0{name}")).await?;
    assert_eq!(other.peer_addr()?.as_abstract_name(), Some(name.as_bytes()));

    drop(listener);
    assert_eq!(UnixStream::connect_addr(&addr).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    UnixListener::bind_addr(&addr)?;
    Ok(())
}

#[hanol::test]
async fn a_client_that_has_a_name_shows_it() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let (path, name) = (directory.file("server"), directory.file("client"));
    let listener = UnixListener::bind(&path)?;
    let client = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    client.bind(&socket2::SockAddr::unix(&name)?)?;
    client.connect(&socket2::SockAddr::unix(&path)?)?;
    let (_, peer) = listener.accept().await?;
    assert_eq!(peer.as_pathname(), Some(name.as_path()));
    Ok(())
}

/// The longest name has no zero byte at its end.
#[hanol::test]
async fn a_client_may_have_the_longest_name() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let listener = UnixListener::bind(directory.file("server"))?;
    let mut name = directory.file("").into_os_string();
    name.push("x".repeat(108 - name.len()));
    let socket = rustix::net::socket(rustix::net::AddressFamily::UNIX, rustix::net::SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &rustix::net::SocketAddrUnix::new(name.as_os_str())?)?;
    rustix::net::connect(&socket, &rustix::net::SocketAddrUnix::new(directory.file("server"))?)?;
    let (_, peer) = listener.accept().await?;
    assert_eq!(peer.as_pathname().map(|path| path.as_os_str()), Some(name.as_os_str()));
    Ok(())
}

#[hanol::test]
async fn a_path_is_not_freed_by_dropping_the_listener() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = UnixListener::bind(&path)?;
    assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    drop(listener);
    assert_eq!(UnixStream::connect(&path).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    fs::remove_file(&path)?;
    UnixListener::bind(&path)?;
    Ok(())
}

#[hanol::test]
async fn paths_that_are_no_names_are_errors() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let long = directory.file(&"x".repeat(108));
    for path in [long.as_path(), "in\0between".as_ref()] {
        let errors = [UnixListener::bind(path).unwrap_err(), UnixStream::connect(path).await.unwrap_err()];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{path:?}: {error}");
        }
    }
    let unnamed = UnixStream::pair()?.0.local_addr()?;
    assert_eq!(UnixListener::bind_addr(&unnamed).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(UnixStream::connect_addr(&unnamed).await.unwrap_err().kind(), ErrorKind::InvalidInput);

    let missing = directory.file("missing").join("socket");
    assert_eq!(UnixListener::bind(&missing).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(UnixStream::connect(&missing).await.unwrap_err().kind(), ErrorKind::NotFound);
    let file = directory.file("file");
    fs::write(&file, "no socket")?;
    assert_eq!(UnixStream::connect(&file).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    Ok(())
}

#[test]
fn a_directory_that_others_may_not_write_to_is_an_error() {
    with_runtime(async |_| {
        let directory = TemporaryDirectory::new();
        let listener = UnixListener::bind(directory.file("socket")).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        if getuid().is_root() {
            // Only this thread, which ends with the test.
            rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(65_534)).unwrap();
        } else {
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o500)).unwrap();
        }
        assert_eq!(UnixListener::bind(directory.file("other")).unwrap_err().kind(), ErrorKind::PermissionDenied);
        if getuid().is_root() {
            let error = UnixStream::connect(directory.file("socket")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        }
        drop(listener);
    });
}

#[hanol::test]
async fn the_peer_of_a_connection_is_known() -> io::Result<()> {
    let (one, _other) = UnixStream::pair()?;
    let peer = one.peer_cred()?;
    assert_eq!((peer.uid(), peer.gid()), (getuid().as_raw(), getgid().as_raw()));
    assert_eq!(peer.pid(), Some(getpid().as_raw_nonzero().get()));
    Ok(())
}

#[hanol::test]
async fn a_full_queue_is_waited_for() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = listener_with_queue_of(0, &path)?;
    let first = UnixStream::connect(&path).await?;
    let mut second = pin!(UnixStream::connect(&path));
    assert!(poll!(second.as_mut()).is_pending());
    let connecting = spawn({
        let path = path.clone();
        async move { UnixStream::connect(&path).await }
    });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find_map(|task| task.waiting.clone().filter(|waiting| waiting.operation == "connect"));
    assert!(waiting.is_some_and(|waiting| waiting.location.file() == file!()));

    let (server, _) = listener.accept().await?;
    exchange(&first, &server).await;
    let second = second.await?;
    exchange(&second, &listener.accept().await?.0).await;
    exchange(&connecting.await.unwrap()?, &listener.accept().await?.0).await;
    Ok(())
}

#[test]
fn a_connect_that_is_given_up_leaves_nothing() {
    in_own_process("a_connect_that_is_given_up_leaves_nothing", || {
        with_runtime(async |runtime| {
            let directory = TemporaryDirectory::new();
            let path = directory.file("socket");
            let listener = listener_with_queue_of(0, &path).unwrap();
            let _first = UnixStream::connect(&path).await.unwrap();
            let open = open_descriptors();
            for _ in 0..100 {
                assert!(poll!(pin!(UnixStream::connect(&path))).is_pending());
            }
            assert_eq!((runtime.metrics().timers, runtime.metrics().registrations), (0, 0));
            assert_eq!(open_descriptors(), open);
            drop(listener);
        });
    });
}

#[test]
fn a_client_whose_listener_is_dropped_in_its_rest_is_refused() {
    with_runtime(async |runtime| {
        let directory = TemporaryDirectory::new();
        let path = directory.file("socket");
        let listener = listener_with_queue_of(0, &path).unwrap();
        let _first = UnixStream::connect(&path).await.unwrap();
        let mut waiting = pin!(UnixStream::connect(&path));
        assert!(poll!(waiting.as_mut()).is_pending());
        assert_eq!(runtime.metrics().timers, 1);
        drop(listener);
        assert_eq!(waiting.await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

#[hanol::test]
async fn many_clients_are_served_at_once() -> io::Result<()> {
    const CLIENTS: usize = 200;
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = UnixListener::bind(&path)?;
    let server = spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            spawn(async move { echo(&stream).await });
        }
    });
    let clients = (0..CLIENTS).map(|number| {
        let path = path.clone();
        spawn(async move {
            let stream = UnixStream::connect(&path).await?;
            for round in 0..20 {
                let message = format!("{number} {round}").into_bytes();
                stream.write_all(&message).await?;
                let mut answer = vec![0; message.len()];
                stream.read_exact(&mut answer).await?;
                assert_eq!(answer, message);
            }
            io::Result::Ok(())
        })
    });
    for client in join_all(clients).await {
        client.unwrap()?;
    }
    server.abort();
    Ok(())
}

#[hanol::test]
async fn a_connection_is_polled_for_by_hand() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = UnixListener::bind(&path)?;
    let mut task = tokio_test::task::spawn(());
    assert!(task.enter(|cx, _| listener.poll_accept(cx)).is_pending());
    let client = UnixStream::connect(&path).await?;
    settle().await?;
    assert!(task.is_woken());
    let Poll::Ready(accepted) = task.enter(|cx, _| listener.poll_accept(cx)) else { panic!("nobody is there") };
    exchange(&client, &accepted?.0).await;
    Ok(())
}

#[hanol::test]
async fn every_operation_of_a_stream_is_there() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    let parts = [b"ab".as_slice(), b"", b"cde"].map(IoSlice::new);
    assert_eq!(one.write_vectored(&parts).await?, 5);
    let mut two = [0; 2];
    assert_eq!(other.peek(&mut two).await?, 2);
    let (mut first, mut second) = ([0; 1], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(other.read_vectored(&mut bufs).await?, 5);
    assert_eq!((&two, &first, &second[..4]), (b"ab", b"a", b"bcde".as_slice()));

    one.write_all(b"vector").await?;
    let mut vector = b"a ".to_vec();
    while vector.len() < 8 {
        other.read_buf(&mut vector).await?;
    }
    assert_eq!(vector, b"a vector");
    assert_eq!(other.try_read(&mut two).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(other.ready(Interest::READABLE | Interest::WRITABLE).await?, Ready::WRITABLE);
    assert_eq!(one.try_write(b"tried")?, 5);
    assert_eq!(one.try_write_vectored(&[IoSlice::new(b"!")])?, 1);
    other.readable().await?;
    assert_eq!(other.try_read_buf(&mut vector)?, 6);
    assert_eq!(vector, b"a vectortried!");

    assert!(other.take_error()?.is_none());
    one.shutdown(Shutdown::Write)?;
    one.shutdown(Shutdown::Write)?;
    assert_eq!(other.read(&mut two).await?, 0);
    assert!(one.write(b"x").await.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe));
    drop(other);
    assert_eq!(one.read(&mut two).await?, 0);
    one.shutdown(Shutdown::Both)
}

#[hanol::test]
async fn more_than_the_kernel_holds_arrives_in_order() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    let sent: Vec<u8> = (0..8_000_000_u32).map(|number| (number / 7) as u8).collect();
    let mut received = vec![0; sent.len()];
    try_join(one.write_all(&sent), other.read_exact(&mut received)).await?;
    assert!(sent == received);
    Ok(())
}

#[hanol::test]
async fn a_short_read_spares_the_call_that_would_find_nothing() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    one.write_all(b"data").await?;
    other.readable().await?;
    assert_eq!(other.read(&mut [0; 16]).await?, 4);
    assert!(poll!(other.readable()).is_pending());
    Ok(())
}

/// A read ends after bytes that descriptors were sent with, although there is more.
#[hanol::test]
async fn descriptors_that_are_sent_along_hold_nothing_up() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    // The stream is registered, and the system has reported everything.
    assert!(poll!(other.readable()).is_pending());
    for bytes in [b"ab", b"cd", b"ef"] {
        let fds = [one.as_fd()];
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
        sendmsg(&one, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?;
    }
    other.readable().await?;
    let mut received = [0; 6];
    let mut filled = 0;
    while filled < received.len() {
        let mut rest = [0; 16];
        let Poll::Ready(count) = poll!(pin!(other.read(&mut rest))) else { panic!("the rest is there, and not read") };
        let count = count?;
        received[filled..filled + count].copy_from_slice(&rest[..count]);
        filled += count;
    }
    assert_eq!(&received, b"abcdef");
    Ok(())
}

#[hanol::test]
async fn halves_go_their_ways_and_come_together() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    let (read, write) = one.split();
    let talk = async {
        write.write_all(b"hello").await?;
        let mut buf = [0; 5];
        read.read_exact(&mut buf).await?;
        io::Result::Ok(buf)
    };
    let answer = async {
        let mut buf = [0; 5];
        other.read_exact(&mut buf).await?;
        other.write_all(&buf).await
    };
    assert_eq!(&try_join(talk, answer).await?.0, b"hello");
    assert!(read.peer_addr()?.is_unnamed() && write.local_addr()?.is_unnamed());

    let (read, write) = one.into_split();
    let (other_read, other_write) = other.into_split();
    let error = read.reunite(other_write).unwrap_err();
    assert!(error.to_string().contains("not from the same stream"));
    let (read, other_write) = (error.0, error.1);
    let one = write.reunite(read).expect("they are halves of one stream");
    drop(other_write);
    assert_eq!(one.read(&mut [0]).await?, 0);
    // Only the one side has ended.
    one.write_all(b"x").await?;
    assert_eq!(other_read.read(&mut [0; 4]).await?, 1);
    Ok(())
}

#[test]
fn a_stream_goes_to_the_standard_library_and_back() {
    with_runtime(async |runtime| {
        let (one, other) = UnixStream::pair().unwrap();
        exchange(&one, &other).await;
        assert_eq!(runtime.metrics().registrations, 2);
        let other = other.into_std().unwrap();
        assert_eq!(runtime.metrics().registrations, 1);
        let other = UnixStream::try_from(other).unwrap();
        exchange(&one, &other).await;
        assert_eq!(other.as_fd().as_raw_fd(), other.as_raw_fd());
        drop((one, other));
        assert_eq!(runtime.metrics().registrations, 0);
    });
}

#[hanol::test]
async fn a_listener_goes_to_the_standard_library_and_back() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("socket");
    let listener = UnixListener::from_std(std::os::unix::net::UnixListener::bind(&path)?)?;
    assert!(poll!(pin!(listener.accept())).is_pending());
    let listener = listener.into_std()?;
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let listener = UnixListener::from_std(listener)?;
    let client = UnixStream::connect(&path).await?;
    exchange(&client, &listener.accept().await?.0).await;
    assert_eq!(listener.local_addr()?.as_pathname(), Some(path.as_path()));
    assert!(listener.take_error()?.is_none());
    Ok(())
}

#[test]
fn an_operation_that_is_given_up_waits_no_longer() {
    with_runtime(async |runtime| {
        let directory = TemporaryDirectory::new();
        let listener = UnixListener::bind(directory.file("socket")).unwrap();
        let (one, _other) = UnixStream::pair().unwrap();
        for _ in 0..100 {
            assert!(poll!(pin!(one.read(&mut [0]))).is_pending());
            assert!(poll!(pin!(one.peek(&mut [0]))).is_pending());
            assert!(poll!(pin!(one.readable())).is_pending());
            assert!(poll!(pin!(listener.accept())).is_pending());
        }
        assert_eq!((runtime.metrics().waiters, runtime.metrics().registrations), (0, 2));
    });
}

#[test]
fn data_that_comes_for_a_read_that_is_given_up_is_not_lost() {
    with_runtime(async |runtime| {
        let (one, other) = UnixStream::pair().unwrap();
        for round in 0..100_u8 {
            let mut unused = [0; 4];
            let mut given_up = Box::pin(other.read(&mut unused));
            assert!(poll!(given_up.as_mut()).is_pending());
            one.write_all(&[round]).await.unwrap();
            until_waiting(runtime, 0).await;
            drop(given_up);
            let mut buf = [0; 4];
            assert_eq!((other.read(&mut buf).await.unwrap(), buf[0]), (1, round));
        }
    });
}

#[hanol::test]
async fn a_stream_that_is_always_ready_gives_way() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    let others_turn = Rc::new(Cell::new(0));
    let counter = Rc::clone(&others_turn);
    let counting = spawn(async move {
        loop {
            counter.set(counter.get() + 1);
            yield_now().await;
        }
    });
    let talk = hanol::task::Builder::new().name("talk").spawn(async move {
        for _ in 0..1_000 {
            one.write_all(b"x").await.unwrap();
            other.read_exact(&mut [0]).await.unwrap();
        }
        polls_of("talk")
    });
    // 2,000 operations, 128 for each poll.
    let polls = talk.await.unwrap();
    assert!(polls >= 2_000 / 128, "{polls} polls");
    assert!(others_turn.get() >= 2_000 / 128 - 1, "{} turns", others_turn.get());
    counting.abort();
    Ok(())
}

#[hanol::test]
async fn what_waits_says_where() -> io::Result<()> {
    let (one, _other) = UnixStream::pair()?;
    let (fd, line) = (format!("fd {}", one.as_raw_fd()), line!() + 1);
    let reading = spawn(async move { one.read(&mut [0]).await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|task| task.id == reading.id()).unwrap();
    let waiting = task.waiting.as_ref().unwrap();
    assert_eq!((waiting.operation, waiting.resource.as_deref()), ("read", Some(fd.as_str())));
    assert_eq!((waiting.location.file(), waiting.location.line()), (file!(), line));
    Ok(())
}

#[hanol::test]
async fn a_stream_polls_for_readiness_by_hand() -> io::Result<()> {
    let (one, other) = UnixStream::pair()?;
    let mut task = tokio_test::task::spawn(());
    assert!(task.enter(|cx, _| other.poll_read_ready(cx)).is_pending());
    assert!(task.enter(|cx, _| other.poll_peek(cx, &mut [0; 4])).is_pending());
    one.write_all(b"data").await?;
    settle().await?;
    assert!(task.is_woken());
    assert!(matches!(task.enter(|cx, _| other.poll_peek(cx, &mut [0; 4])), Poll::Ready(Ok(4))));
    poll_fn(|cx| other.poll_write_ready(cx)).await
}

#[test]
fn the_types_may_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<UnixListener>();
    goes::<UnixStream>();
    goes::<unix::UCred>();
    goes::<unix::Connect>();
    goes::<hanol::net::Accept<'_, UnixListener>>();
    goes::<hanol::net::Read<'_, UnixStream>>();
    goes::<hanol::net::OwnedWriteHalf<UnixStream>>();
}

/// A listener at a path whose queue has this many places, and one more.
fn listener_with_queue_of(places: i32, path: &std::path::Path) -> io::Result<UnixListener> {
    let listener = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    listener.bind(&socket2::SockAddr::unix(path)?)?;
    listener.listen(places)?;
    UnixListener::from_std(std::os::fd::OwnedFd::from(listener).into())
}

/// Sends everything back until the peer ends its side.
async fn echo(stream: &UnixStream) -> io::Result<()> {
    let mut buf = [0; 4096];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count]).await?,
        }
    }
}

/// Sends something both ways, and has both ends wait for it.
async fn exchange(one: &UnixStream, other: &UnixStream) {
    for (from, to) in [(one, other), (other, one)] {
        let mut buf = [0; 5];
        let mut read = pin!(to.read_exact(&mut buf));
        assert!(poll!(read.as_mut()).is_pending());
        from.write_all(b"hello").await.unwrap();
        assert_eq!(read.await.unwrap(), 5);
        assert_eq!(&buf, b"hello");
    }
}
