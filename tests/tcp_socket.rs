//! Sockets with options, before they connect or listen, and the options of streams.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::time::Duration;

use futures_util::poll;
use hanol::net::{Keepalive, TcpListener, TcpSocket, TcpStream};
use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::yield_now;
use rustix::fs::OFlags;
use socket2::{Domain, Socket, Type};

use self::util::{in_own_process, open_descriptors, pair, refusing, with_runtime};

mod util;

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[hanol::test]
async fn a_socket_listens_and_another_one_connects() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(ANY)?;
    let addr = socket.local_addr()?;
    let listener = socket.listen(16)?;
    assert_eq!(listener.local_addr()?, addr);

    let client = TcpSocket::new_v4()?.connect(addr).await?;
    let (server, peer) = listener.accept().await?;
    assert_eq!((peer, client.peer_addr()?), (client.local_addr()?, addr));
    client.write_all(b"hello").await?;
    server.read_exact(&mut [0; 5]).await?;
    Ok(())
}

#[hanol::test]
async fn a_socket_connects_from_the_address_it_is_bound_to() -> io::Result<()> {
    let listener = TcpListener::bind(ANY).await?;
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into())?;
    let from = socket.local_addr()?;
    let _client = socket.connect(listener.local_addr()?).await?;
    assert_eq!(listener.accept().await?.1, from);
    Ok(())
}

#[hanol::test]
async fn both_families_work() -> io::Result<()> {
    let socket = TcpSocket::new_v6()?;
    socket.bind((Ipv6Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(1)?;
    let client = TcpSocket::new_v6()?.connect(listener.local_addr()?).await?;
    assert_eq!(listener.accept().await?.1, client.local_addr()?);

    // An address of the other family is refused by the system, at once.
    let error = TcpSocket::new_v4()?.connect(listener.local_addr()?).await.unwrap_err();
    assert!(error.raw_os_error().is_some(), "{error}");
    assert!(TcpSocket::new_v4()?.bind((Ipv6Addr::LOCALHOST, 0).into()).is_err());
    Ok(())
}

#[test]
fn a_connect_that_fails_or_is_given_up_closes_the_socket() {
    in_own_process("a_connect_that_fails_or_is_given_up_closes_the_socket", || {
        with_runtime(async |runtime| {
            let (_dead, dead) = refusing().unwrap();
            let full = Full::new();
            let open = open_descriptors();
            for _ in 0..20 {
                let error = TcpSocket::new_v4().unwrap().connect(dead).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
                {
                    let mut connect = Box::pin(TcpSocket::new_v4().unwrap().connect(full.addr));
                    assert!(poll!(connect.as_mut()).is_pending());
                    assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 1));
                }
                drop(TcpSocket::new_v4().unwrap().connect(dead));
                assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
            }
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[hanol::test]
async fn switches_are_set_and_told() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    for on in [true, false, true] {
        socket.set_reuseaddr(on)?;
        socket.set_reuseport(on)?;
        socket.set_keepalive(on)?;
        socket.set_nodelay(on)?;
        assert_eq!([socket.reuseaddr()?, socket.reuseport()?, socket.keepalive()?, socket.nodelay()?], [on; 4]);
    }
    let socket = TcpSocket::new_v6()?;
    for on in [true, false] {
        socket.set_only_v6(on)?;
        assert_eq!(socket.only_v6()?, on);
    }
    assert!(TcpSocket::new_v4()?.set_only_v6(true).is_err());
    Ok(())
}

#[hanol::test]
async fn keepalive_is_set_in_whole_seconds() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    let (time, interval) = (Duration::from_secs(77), Duration::from_millis(1_001));
    socket.set_keepalive_with(&Keepalive::new().time(time).interval(interval).retries(3))?;
    assert!(socket.keepalive()?);
    // A part of a second counts as a whole one.
    assert_eq!((socket.keepalive_time()?, socket.keepalive_interval()?), (time, Duration::from_secs(2)));
    assert_eq!(socket.keepalive_retries()?, 3);

    // What is not said stays.
    socket.set_keepalive_with(&Keepalive::new().retries(5))?;
    assert_eq!((socket.keepalive_time()?, socket.keepalive_retries()?), (time, 5));
    Ok(())
}

#[hanol::test]
async fn sizes_and_times_are_set_and_told() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(20_000)?;
    socket.set_recv_buffer_size(30_000)?;
    // Linux doubles them.
    let sizes = (socket.send_buffer_size()?, socket.recv_buffer_size()?);
    assert!(sizes.0 >= 20_000 && sizes.1 >= 30_000 && sizes.0 < sizes.1, "{sizes:?}");

    assert_eq!(socket.linger()?, None);
    socket.set_linger(Some(Duration::from_millis(1)))?;
    assert_eq!(socket.linger()?, Some(Duration::from_secs(1)));
    socket.set_zero_linger()?;
    assert_eq!(socket.linger()?, Some(Duration::ZERO));
    socket.set_linger(None)?;
    assert_eq!(socket.linger()?, None);
    Ok(())
}

#[cfg(target_os = "linux")]
#[hanol::test]
async fn options_of_linux_are_set_and_told() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_tos_v4(0x28)?;
    assert_eq!(socket.tos_v4()?, 0x28);
    assert_eq!(socket.user_timeout()?, None);
    socket.set_user_timeout(Some(Duration::from_micros(1_500_001)))?;
    assert_eq!(socket.user_timeout()?, Some(Duration::from_millis(1_501)));
    socket.set_user_timeout(None)?;
    assert_eq!(socket.user_timeout()?, None);

    assert_eq!(socket.device()?, None);
    socket.bind_device(Some(b"lo"))?;
    assert_eq!(socket.device()?.as_deref(), Some(&b"lo"[..]));

    let socket = TcpSocket::new_v6()?;
    socket.set_tclass_v6(0x48)?;
    assert_eq!(socket.tclass_v6()?, 0x48);
    Ok(())
}

#[hanol::test]
async fn values_out_of_range_are_invalid_and_change_nothing() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    let (second, long) = (Duration::from_secs(1), Duration::from_secs(32_768));
    let keepalive = |keepalive| socket.set_keepalive_with(&keepalive);
    let results = [
        socket.set_send_buffer_size(1 << 31),
        socket.set_recv_buffer_size(u32::MAX),
        socket.set_linger(Some(Duration::MAX)),
        socket.set_tos_v4(256),
        socket.set_tos_v4(u32::MAX),
        keepalive(Keepalive::new().time(Duration::ZERO)),
        keepalive(Keepalive::new().time(long)),
        keepalive(Keepalive::new().interval(Duration::ZERO)),
        keepalive(Keepalive::new().time(second).interval(long)),
        keepalive(Keepalive::new().time(second).retries(0)),
        keepalive(Keepalive::new().time(second).retries(128)),
    ];
    results.into_iter().for_each(assert_invalid);
    assert!(!socket.keepalive()?);
    assert_ne!(socket.keepalive_time()?, second);
    assert_eq!((socket.tos_v4()?, socket.linger()?), (0, None));

    let (stream, _peer) = pair().await?;
    [
        stream.set_ttl(0),
        stream.set_ttl(256),
        stream.set_tos_v4(256),
        stream.set_linger(Some(Duration::MAX)),
        stream.set_keepalive_with(&Keepalive::new().retries(0)),
        TcpListener::bind(ANY).await?.set_ttl(0),
    ]
    .into_iter()
    .for_each(assert_invalid);
    Ok(())
}

#[cfg(target_os = "linux")]
#[hanol::test]
async fn values_out_of_range_are_invalid_on_linux() -> io::Result<()> {
    let socket = TcpSocket::new_v6()?;
    [
        socket.set_tclass_v6(256),
        socket.set_user_timeout(Some(Duration::ZERO)),
        socket.set_user_timeout(Some(Duration::MAX)),
        socket.bind_device(Some(b"")),
        // The system would cut it off after 15 bytes.
        socket.bind_device(Some(b"sixteen-bytes-if")),
        socket.bind_device(Some(b"l\0")),
    ]
    .into_iter()
    .for_each(assert_invalid);
    assert!(socket.bind_device(Some(b"no-such-device")).is_err());
    Ok(())
}

#[hanol::test]
async fn a_stream_has_what_was_set_before() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(40_000)?;
    socket.bind(ANY)?;
    let listener = socket.listen(1)?;
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    socket.set_keepalive_with(&Keepalive::new().time(Duration::from_secs(7)))?;
    let client = socket.connect(listener.local_addr()?).await?;
    assert!(client.nodelay()? && client.keepalive()?);
    assert_eq!(client.keepalive_time()?, Duration::from_secs(7));
    let (server, _) = listener.accept().await?;
    assert_eq!(server.recv_buffer_size()?, 80_000);
    Ok(())
}

#[hanol::test]
async fn a_stream_is_told_all_of_it_too() -> io::Result<()> {
    let (stream, _peer) = pair().await?;
    stream.set_keepalive(true)?;
    let keepalive = Keepalive::new().time(Duration::from_secs(5)).interval(Duration::from_secs(4)).retries(3);
    stream.set_keepalive_with(&keepalive)?;
    assert_eq!(
        (stream.keepalive_time()?, stream.keepalive_interval()?),
        (Duration::from_secs(5), Duration::from_secs(4))
    );
    assert_eq!((stream.keepalive()?, stream.keepalive_retries()?), (true, 3));
    stream.set_send_buffer_size(20_000)?;
    stream.set_recv_buffer_size(30_000)?;
    assert!(stream.send_buffer_size()? >= 20_000 && stream.recv_buffer_size()? >= 30_000);
    stream.set_tos_v4(0x10)?;
    stream.set_ttl(9)?;
    assert_eq!((stream.tos_v4()?, stream.ttl()?), (0x10, 9));
    Ok(())
}

#[cfg(target_os = "linux")]
#[hanol::test]
async fn a_stream_is_told_the_options_of_linux_too() -> io::Result<()> {
    let (stream, _peer) = pair().await?;
    stream.set_user_timeout(Some(Duration::from_secs(3)))?;
    assert_eq!(stream.user_timeout()?, Some(Duration::from_secs(3)));
    stream.bind_device(Some(b"lo"))?;
    assert_eq!(stream.device()?.as_deref(), Some(&b"lo"[..]));
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await?;
    let stream = TcpStream::connect(listener.local_addr()?).await?;
    stream.set_tclass_v6(0x20)?;
    assert_eq!(stream.tclass_v6()?, 0x20);
    Ok(())
}

/// Every connection comes to one of the two.
#[hanol::test]
async fn two_listeners_share_a_port() -> io::Result<()> {
    let first = reusing(ANY)?;
    let second = reusing(first.local_addr()?)?;
    let client = TcpStream::connect(first.local_addr()?).await?;
    let accepted = futures_util::future::select(first.accept(), second.accept()).await.factor_first().0;
    assert_eq!(accepted?.1, client.local_addr()?);
    assert_eq!(TcpListener::bind(first.local_addr()?).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    Ok(())
}

#[hanol::test]
async fn a_socket_for_v6_only_leaves_v4_alone() -> io::Result<()> {
    let socket = TcpSocket::new_v6()?;
    socket.set_only_v6(true)?;
    socket.bind((Ipv6Addr::UNSPECIFIED, 0).into())?;
    let listener = socket.listen(1)?;
    let port = listener.local_addr()?.port();
    let error = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await?;
    Ok(())
}

/// A connection that is reset loses what was not read yet.
#[hanol::test]
async fn closing_without_linger_resets() -> io::Result<()> {
    let listener = TcpListener::bind(ANY).await?;
    let socket = TcpSocket::new_v4()?;
    socket.set_zero_linger()?;
    let client = socket.connect(listener.local_addr()?).await?;
    let (server, _) = listener.accept().await?;
    drop(client);
    assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    Ok(())
}

#[hanol::test]
async fn a_blocking_socket_is_taken_over_and_made_non_blocking() -> io::Result<()> {
    let std = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    assert!(!is_nonblocking(std.as_fd())?);
    let number = std.as_raw_fd();
    let socket = TcpSocket::from_std_stream(std.into());
    socket.bind(ANY)?;
    let listener = socket.listen(1)?;
    assert_eq!(listener.as_raw_fd(), number);
    assert!(is_nonblocking(listener.as_fd())?);

    let client = TcpSocket::from(OwnedFd::from(Socket::new(Domain::IPV4, Type::STREAM, None)?));
    let client = client.connect(listener.local_addr()?).await?;
    assert!(is_nonblocking(client.as_fd())?);
    assert!(poll!(client.readable()).is_pending());
    Ok(())
}

#[hanol::test]
async fn a_socket_gives_its_descriptor_away() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(ANY)?;
    let (addr, number) = (socket.local_addr()?, socket.as_raw_fd());
    assert_eq!(socket.as_fd().as_raw_fd(), number);
    let socket = Socket::from(OwnedFd::from(socket));
    assert_eq!((socket.as_raw_fd(), socket.local_addr()?.as_socket()), (number, Some(addr)));
    let socket = TcpSocket::from(OwnedFd::from(socket));
    assert_eq!(socket.take_error()?.map(|error| error.kind()), None);
    assert_eq!(socket.into_raw_fd(), number);
    Ok(())
}

/// A duplicate of the descriptor keeps the connection, but does not keep it in the selector.
#[test]
fn a_socket_that_was_lent_leaves_the_selector_when_its_stream_is_closed() {
    with_runtime(async |runtime| {
        let listener = std::net::TcpListener::bind(ANY).unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        let duplicate = socket.as_fd().try_clone_to_owned().unwrap();
        let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().unwrap();
        assert!(poll!(client.readable()).is_pending());
        drop(client);
        assert_eq!(runtime.metrics().registrations, 0);
        // The same descriptor number or the same socket may be registered again.
        let client = TcpStream::from_std(duplicate.into()).unwrap();
        assert!(poll!(client.readable()).is_pending());
        server.write_all(b"x").unwrap();
        client.readable().await.unwrap();
        client.write_all(b"y").await.unwrap();
        server.read_exact(&mut [0]).unwrap();
    });
}

#[hanol::test]
async fn a_listener_says_what_was_wrong_once() -> io::Result<()> {
    assert!(TcpListener::bind(ANY).await?.take_error()?.is_none());
    Ok(())
}

#[hanol::test]
async fn the_task_list_shows_the_line_of_the_connect() {
    let full = Full::new();
    let socket = TcpSocket::new_v4().unwrap();
    let fd = format!("fd {}", socket.as_raw_fd());
    let line = line!() + 1;
    let task = hanol::spawn(socket.connect(full.addr));
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|info| info.id == task.id()).and_then(|info| info.waiting.clone()).unwrap();
    assert_eq!((waiting.operation, waiting.resource, waiting.location.line()), ("connect", Some(fd), line));
}

/// Binding and looking up addresses that are known never wait, and still give way to the others.
#[hanol::test]
async fn binding_in_a_loop_gives_way() {
    let task = hanol::spawn(async {
        let mut bound = 0_u32;
        loop {
            drop(TcpListener::bind(ANY).await.unwrap());
            bound += 1;
            if bound > 3 * OPERATIONS_PER_POLL {
                return;
            }
        }
    });
    yield_now().await;
    assert!(!task.is_finished());
    task.await.unwrap();
}

fn reusing(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(addr)?;
    socket.listen(8)
}

fn is_nonblocking(fd: BorrowedFd<'_>) -> io::Result<bool> {
    Ok(rustix::fs::fcntl_getfl(fd)?.contains(OFlags::NONBLOCK))
}

/// The error is ours, and says what would do.
#[track_caller]
fn assert_invalid(result: io::Result<()>) {
    let error = result.expect_err("the value is out of range");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.raw_os_error().is_none(), "{error}");
}

/// A listener whose queue is full: a further connect waits.
struct Full {
    _listener: Socket,
    _clients: [Socket; 2],
    addr: SocketAddr,
}

impl Full {
    fn new() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&ANY.into()).unwrap();
        listener.listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        // The queue has one place. The second client makes sure that it is taken.
        let clients = [(); 2].map(|()| {
            let client = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None).unwrap();
            let _in_progress = client.connect(&addr);
            client
        });
        Self { _listener: listener, _clients: clients, addr: addr.as_socket().unwrap() }
    }
}
