//! Connecting with options, to one of several addresses, and looking names up.

use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use futures_util::poll;
use hanol::net::{ConnectError, ConnectOptions, Keepalive, TcpListener, TcpStream, ToSocketAddrs, lookup_host};
use hanol::runtime::{Handle, OPERATIONS_PER_POLL, Runtime};
use hanol::task::yield_now;
use hanol::time::timeout;
use socket2::{Domain, Socket, Type};

use self::util::{in_own_process, open_descriptors, refusing, settle, with_runtime};

mod util;

/// Longer than a test may take.
const HOUR: Duration = Duration::from_secs(3_600);

const SOON: Duration = Duration::from_millis(10);

#[hanol::test]
async fn without_options_the_first_that_answers_is_taken() -> io::Result<()> {
    let (_dead, dead) = refusing()?;
    let (first, second) = (listener().await, listener().await);
    let addrs = [dead, first.local_addr()?, second.local_addr()?];
    let client = TcpStream::connect_with(&addrs[..], ConnectOptions::new()).await?;
    assert_eq!(first.accept().await?.1, client.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn each_failure_is_told() {
    let (_dead, dead) = refusing().unwrap();
    let broadcast = SocketAddr::from((Ipv4Addr::BROADCAST, 80));
    for (addrs, kind) in
        [([dead, broadcast], ErrorKind::NetworkUnreachable), ([broadcast, dead], ErrorKind::ConnectionRefused)]
    {
        for options in [ConnectOptions::new(), ConnectOptions::new().happy_eyeballs()] {
            let error = connect_error(&addrs[..], options).await;
            assert_eq!(error.kind(), kind);
            assert_eq!(failed(&error), addrs);
            let text = error.to_string();
            assert!(addrs.iter().all(|addr| text.contains(&addr.to_string())), "{text}");
            assert!(text.starts_with("could not connect: ") && text.contains("refused"), "{text}");

            let each = inside(&error);
            assert_eq!(each.failures().last().unwrap().1.kind(), kind);
            let source = each.source().unwrap().downcast_ref::<io::Error>().unwrap();
            assert!(source.raw_os_error().is_some());
        }
    }
}

#[hanol::test]
async fn what_is_no_address_is_an_error() {
    for options in [ConnectOptions::new(), ConnectOptions::new().happy_eyeballs()] {
        assert_eq!(connect_error(Vec::new(), options.clone()).await.kind(), ErrorKind::InvalidInput);
        assert_eq!(connect_error("no port", options).await.kind(), ErrorKind::InvalidInput);
    }
}

#[hanol::test]
async fn an_address_that_does_not_answer_is_left_after_its_time() -> io::Result<()> {
    let (silent, good) = (Silent::new(Ipv4Addr::LOCALHOST.into()), listener().await);
    let addrs = [silent.addr, good.local_addr()?];
    let client = TcpStream::connect_with(&addrs[..], ConnectOptions::new().attempt_timeout(SOON)).await?;
    assert_eq!(good.accept().await?.1, client.local_addr()?);

    for options in [ConnectOptions::new(), ConnectOptions::new().happy_eyeballs_after(SOON)] {
        let error = connect_error(vec![silent.addr; 3], options.attempt_timeout(SOON)).await;
        assert_eq!((error.kind(), failed(&error)), (ErrorKind::TimedOut, vec![silent.addr; 3]));
        assert!(error.to_string().contains("no answer within 10ms"), "{error}");
    }
    Ok(())
}

#[test]
fn another_address_is_tried_beside_one_that_is_slow() {
    with_runtime(async |runtime| {
        let silent = Silent::new(Ipv6Addr::LOCALHOST.into());
        let good = listener().await;
        let addrs = [silent.addr, silent.addr, good.local_addr().unwrap()];
        let options = ConnectOptions::new().happy_eyeballs_after(SOON);
        let mut connect = pin!(TcpStream::connect_with(&addrs[..], options));
        let client = connect.as_mut().await.unwrap();
        assert_eq!(client.peer_addr().unwrap(), addrs[2]);
        // What has not won is closed, also while the future lives on. The winner may be registered.
        let metrics = runtime.metrics();
        assert!(metrics.registrations <= 1);
        assert_eq!((metrics.waiters, metrics.timers), (0, 0));
        drop(client);
        assert_eq!(runtime.metrics().registrations, 0);
    });
}

/// The first attempt wins although others have begun after it.
#[test]
fn the_first_to_answer_wins() {
    with_runtime(async |runtime| {
        let (slow, silent) = (Silent::new(Ipv4Addr::LOCALHOST.into()), Silent::new(Ipv6Addr::LOCALHOST.into()));
        let options = ConnectOptions::new().happy_eyeballs_after(SOON);
        let connect = hanol::spawn(TcpStream::connect_with(vec![slow.addr, silent.addr], options));
        // Both attempts are under way, and there is no other to begin.
        while runtime.metrics().registrations < 2 || runtime.metrics().timers > 0 {
            hanol::time::sleep(Duration::from_millis(1)).await;
        }
        let listener = slow.answer();
        let client = connect.await.unwrap().unwrap();
        assert_eq!(client.peer_addr().unwrap(), listener.local_addr().unwrap().as_socket().unwrap());
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 0));
    });
}

#[test]
fn the_next_attempt_waits_for_its_time() {
    with_runtime(async |runtime| {
        let (silent, good) = (Silent::new(Ipv4Addr::LOCALHOST.into()), listener().await);
        let addrs = [silent.addr, good.local_addr().unwrap()];
        let options = ConnectOptions::new().happy_eyeballs_after(HOUR);
        let mut connect = Box::pin(TcpStream::connect_with(&addrs[..], options));
        for _ in 0..10 {
            assert!(poll!(connect.as_mut()).is_pending());
            settle().await.unwrap();
        }
        let metrics = runtime.metrics();
        assert_eq!((metrics.registrations, metrics.waiters, metrics.timers), (1, 1, 1));
    });
}

#[test]
fn the_last_attempt_needs_no_timer() {
    with_runtime(async |runtime| {
        let silent = Silent::new(Ipv4Addr::LOCALHOST.into());
        let mut connect = pin!(TcpStream::connect_with(silent.addr, ConnectOptions::new().happy_eyeballs()));
        assert!(poll!(connect.as_mut()).is_pending());
        assert_eq!((runtime.metrics().registrations, runtime.metrics().timers), (1, 0));
    });
}

/// There is nothing to wait for when all others have failed.
#[hanol::test]
async fn after_a_failure_the_next_attempt_begins_at_once() -> io::Result<()> {
    let ((_dead, dead), good) = (refusing()?, listener().await);
    let addrs = [dead, dead, good.local_addr()?];
    let options = ConnectOptions::new().happy_eyeballs_after(HOUR);
    let client = TcpStream::connect_with(&addrs[..], options).await?;
    assert_eq!(good.accept().await?.1, client.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn the_families_take_turns() {
    let closed = [(); 3].map(|()| [closed(Ipv4Addr::LOCALHOST.into()), closed(Ipv6Addr::LOCALHOST.into())]);
    let v4 = closed.each_ref().map(|[v4, _]| address(v4));
    let v6 = closed.each_ref().map(|[_, v6]| address(v6));
    for (given, tried) in [
        (vec![v6[0], v6[1], v6[2], v4[0], v4[1]], vec![v6[0], v4[0], v6[1], v4[1], v6[2]]),
        (vec![v4[0], v6[0], v6[1], v6[2]], vec![v4[0], v6[0], v6[1], v6[2]]),
        (vec![v4[0], v4[1], v6[0]], vec![v4[0], v6[0], v4[1]]),
        (vec![v4[1], v4[0]], vec![v4[1], v4[0]]),
    ] {
        let error = connect_error(given.clone(), ConnectOptions::new().happy_eyeballs()).await;
        assert_eq!(failed(&error), tried);
        // Otherwise they are tried as they were given.
        let error = connect_error(given.clone(), ConnectOptions::new()).await;
        assert_eq!(failed(&error), given);
    }
}

#[test]
fn attempts_that_are_given_up_leave_nothing() {
    in_own_process("attempts_that_are_given_up_leave_nothing", || {
        with_runtime(async |runtime| {
            let silent = Silent::new(Ipv4Addr::LOCALHOST.into());
            settle().await.unwrap();
            let open = open_descriptors();
            for _ in 0..10 {
                let options = ConnectOptions::new().happy_eyeballs_after(SOON).attempt_timeout(HOUR);
                let connect = hanol::spawn(TcpStream::connect_with(vec![silent.addr; 3], options));
                while runtime.metrics().registrations < 3 {
                    hanol::time::sleep(Duration::from_millis(1)).await;
                }
                connect.abort();
                let metrics = runtime.metrics();
                assert_eq!((metrics.registrations, metrics.waiters, metrics.timers), (0, 0, 0));
                assert_eq!(open_descriptors(), open);
                drop(TcpStream::connect_with(silent.addr, ConnectOptions::new()));
            }
            let limited = timeout(SOON, TcpStream::connect_with(silent.addr, ConnectOptions::new())).await;
            assert!(limited.is_err());
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[test]
fn attempts_that_fail_leave_nothing() {
    in_own_process("attempts_that_fail_leave_nothing", || {
        with_runtime(async |runtime: &Runtime| {
            let (_dead, dead) = refusing().unwrap();
            let open = open_descriptors();
            for _ in 0..100 {
                connect_error(vec![dead; 3], ConnectOptions::new().happy_eyeballs().attempt_timeout(HOUR)).await;
            }
            let metrics = runtime.metrics();
            assert_eq!((metrics.registrations, metrics.waiters, metrics.timers), (0, 0, 0));
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[hanol::test]
async fn the_connection_has_what_the_options_say() -> io::Result<()> {
    let listener = listener().await;
    let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 9), 0));
    let options = ConnectOptions::new()
        .bind(from)
        .nodelay(true)
        .keepalive(Keepalive::new().time(Duration::from_secs(9)))
        .send_buffer_size(20_000)
        .recv_buffer_size(30_000);
    let client = TcpStream::connect_with(listener.local_addr()?, options).await?;
    assert_eq!(listener.accept().await?.1.ip(), from.ip());
    assert!(client.nodelay()? && client.keepalive()?);
    assert_eq!(client.keepalive_time()?, Duration::from_secs(9));
    assert_eq!((client.send_buffer_size()?, client.recv_buffer_size()?), (40_000, 60_000));
    Ok(())
}

#[cfg(target_os = "linux")]
#[hanol::test]
async fn the_connection_has_what_the_options_of_linux_say() -> io::Result<()> {
    let listener = listener().await;
    let options = ConnectOptions::new().user_timeout(Duration::from_secs(4)).bind_device("lo");
    let client = TcpStream::connect_with(listener.local_addr()?, options).await?;
    assert_eq!(client.user_timeout()?, Some(Duration::from_secs(4)));
    assert_eq!(client.device()?.as_deref(), Some(&b"lo"[..]));
    Ok(())
}

#[hanol::test]
async fn an_address_of_the_other_family_needs_a_local_one() -> io::Result<()> {
    let v4 = listener().await;
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await?;
    let (any_v4, any_v6) = ((Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into());
    let error = connect_error(v6.local_addr()?, ConnectOptions::new().bind(any_v4)).await;
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("the other family"), "{error}");
    for addr in [v4.local_addr()?, v6.local_addr()?] {
        TcpStream::connect_with(addr, ConnectOptions::new().bind(any_v4).bind(any_v6)).await?;
    }
    Ok(())
}

#[hanol::test]
async fn an_option_out_of_its_range_is_the_failure_of_every_address() {
    let addr = listener().await.local_addr().unwrap();
    let keepalive = Keepalive::new().retries(0);
    let error = connect_error(vec![addr; 2], ConnectOptions::new().keepalive(keepalive)).await;
    assert_eq!((error.kind(), failed(&error)), (ErrorKind::InvalidInput, vec![addr; 2]));
}

#[hanol::test]
async fn the_task_list_shows_the_line_of_the_call() {
    let silent = Silent::new(Ipv4Addr::LOCALHOST.into());
    let options = ConnectOptions::new().happy_eyeballs().attempt_timeout(HOUR);
    let line = line!() + 1;
    let task = hanol::spawn(TcpStream::connect_with(silent.addr, options));
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|info| info.id == task.id()).and_then(|info| info.waiting.clone()).unwrap();
    assert_eq!((waiting.operation, waiting.location.line()), ("connect", line));
    assert!(waiting.resource.is_some_and(|resource| resource.starts_with("fd ")));
}

#[hanol::test]
async fn addresses_that_are_known_need_no_lookup() -> io::Result<()> {
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    assert_eq!(lookup_host("127.0.0.1:80").await?.collect::<Vec<_>>(), [addr]);
    assert_eq!(lookup_host(("::1", 80)).await?.collect::<Vec<_>>(), [SocketAddr::from((Ipv6Addr::LOCALHOST, 80))]);
    assert_eq!(lookup_host(&[addr, addr][..]).await?.count(), 2);
    for text in ["", "localhost", "localhost:port", "localhost:65536"] {
        assert_eq!(lookup_host(text).await.unwrap_err().kind(), ErrorKind::InvalidInput, "{text:?}");
    }
    Ok(())
}

#[hanol::test]
async fn looking_up_in_a_loop_gives_way() {
    let task = hanol::spawn(async {
        for _ in 0..2 * OPERATIONS_PER_POLL {
            lookup_host("127.0.0.1:80").await.unwrap();
        }
    });
    yield_now().await;
    assert!(!task.is_finished());
    task.await.unwrap();
}

/// Every name of the file stands for what the file says.
#[cfg(feature = "blocking")]
#[hanol::test]
async fn names_of_the_hosts_file_are_found() -> io::Result<()> {
    let hosts = fs::read_to_string("/etc/hosts")?;
    let mut names = 0;
    for line in hosts.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(Ok(addr)) = words.next().map(str::parse::<IpAddr>) else { continue };
        // An IPv6 address may be left out on a machine that has no other, and one with a scope is written in another way.
        for name in words.filter(|_| addr.is_ipv4()) {
            let found: Vec<SocketAddr> = lookup_host((name, 7)).await?.collect();
            assert!(found.contains(&SocketAddr::new(addr, 7)), "{name}: {found:?}");
            names += 1;
        }
    }
    assert!(names > 0, "the file names localhost at least");
    Ok(())
}

#[cfg(feature = "blocking")]
#[hanol::test]
async fn a_name_that_does_not_exist_is_an_error() {
    // A label has at most 63 characters, so no server need be asked.
    let error = lookup_host(("x".repeat(64), 80)).await.unwrap_err();
    assert!(error.to_string().contains("failed to lookup address information"), "{error}");
}

/// The lookup goes on, on its thread, and its end wakes nobody.
#[cfg(feature = "blocking")]
#[hanol::test]
async fn a_lookup_that_is_given_up_is_forgotten() {
    for _ in 0..100 {
        let _ = poll!(pin!(lookup_host("localhost:80")));
    }
    assert!(lookup_host("localhost:80").await.unwrap().next().is_some());
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

async fn connect_error(addrs: impl ToSocketAddrs, options: ConnectOptions) -> io::Error {
    TcpStream::connect_with(addrs, options).await.expect_err("nobody answers there")
}

#[track_caller]
fn inside(error: &io::Error) -> &ConnectError {
    error.get_ref().and_then(|inside| inside.downcast_ref()).expect("the failures are inside")
}

/// The addresses that have failed, in that order.
#[track_caller]
fn failed(error: &io::Error) -> Vec<SocketAddr> {
    inside(error).failures().map(|(addr, _)| addr).collect()
}

/// A port that is taken and at which nobody listens: connections are refused for as long as the socket lives.
fn closed(ip: IpAddr) -> Socket {
    let socket = Socket::new(Domain::for_address((ip, 0).into()), Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(ip, 0).into()).unwrap();
    socket
}

fn address(socket: &Socket) -> SocketAddr {
    socket.local_addr().unwrap().as_socket().expect("the socket was bound to an IP address")
}

/// A listener whose queue is full, so that a further connect waits.
struct Silent {
    listener: Socket,
    _clients: [Socket; 2],
    addr: SocketAddr,
}

impl Silent {
    fn new(ip: IpAddr) -> Self {
        let domain = Domain::for_address((ip, 0).into());
        let listener = Socket::new(domain, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::new(ip, 0).into()).unwrap();
        listener.listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        // The queue has one place. The second client makes sure that it is taken.
        let clients = [(); 2].map(|()| {
            let client = Socket::new(domain, Type::STREAM.nonblocking(), None).unwrap();
            let _in_progress = client.connect(&addr);
            client
        });
        Self { listener, _clients: clients, addr: addr.as_socket().unwrap() }
    }

    /// Makes room, so that those who ask once more are answered. The system does that after a second.
    fn answer(self) -> Socket {
        self.listener.listen(16).unwrap();
        self.listener
    }
}
