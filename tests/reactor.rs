//! What the reactor promises whatever the operations: no stale events, no starvation, no work while nothing happens, and
//! descriptors that end with it.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::rc::Rc;
use std::thread;

use futures_util::future::try_join_all;
use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Builder, Runtime};
use hanol::spawn;
use hanol::task::{AbortHandle, JoinSet, yield_now};
use rustix::io::fcntl_dupfd_cloexec;

use self::util::{in_own_process, open_descriptors, pair, settle, std_pair, until_waiting, with_builder, with_runtime};

mod util;

/// Two sockets are reported in one look at the system. The task that is woken first closes the other's and has a new
/// connection take its number.
///
/// In a process of its own, so that nobody else takes the number.
#[test]
fn an_event_of_a_closed_socket_is_not_its_successors() {
    in_own_process("an_event_of_a_closed_socket_is_not_its_successors", || {
        with_runtime(async |runtime| {
            let pairs = [std_pair().unwrap(), std_pair().unwrap()];
            let (mut next_peer, next) = std_pair().unwrap();
            let numbers = [pairs[0].1.as_raw_fd(), pairs[1].1.as_raw_fd()];
            let [(mut first_peer, first), (mut second_peer, second)] = pairs;

            let tasks: Rc<RefCell<Vec<AbortHandle>>> = Rc::default();
            let (next, successor) = (Rc::new(RefCell::new(Some(next))), Rc::new(RefCell::new(None)));
            for (own, socket) in [first, second].into_iter().enumerate() {
                let (others, next, successor) = (Rc::clone(&tasks), Rc::clone(&next), Rc::clone(&successor));
                let task = spawn(async move {
                    let socket = TcpStream::from_std(socket).unwrap();
                    socket.readable().await.unwrap();
                    let other = 1 - own;
                    others.borrow()[other].abort();
                    let next = next.take().expect("the other task was aborted before it could get here");
                    successor.replace(Some(renumber(next, numbers[other])));
                });
                tasks.borrow_mut().push(task.abort_handle());
            }
            until_waiting(runtime, 2).await;
            first_peer.write_all(b".").unwrap();
            second_peer.write_all(b".").unwrap();
            while successor.borrow().is_none() {
                yield_now().await;
            }

            let successor = successor.take().unwrap();
            assert_eq!(runtime.metrics().tasks, 0);
            for _ in 0..3 {
                assert!(poll!(successor.readable()).is_pending());
                settle().await.unwrap();
            }
            next_peer.write_all(b"own").unwrap();
            successor.readable().await.unwrap();
            assert_eq!(successor.read(&mut [0; 8]).await.unwrap(), 3);
        });
    });
}

#[test]
fn an_event_of_a_socket_that_was_dropped_elsewhere_finds_nothing() {
    with_runtime(async |runtime| {
        let (mut peer, dropped) = std_pair().unwrap();
        let dropped = TcpStream::from_std(dropped).unwrap();
        assert!(poll!(dropped.readable()).is_pending());
        settle().await.unwrap();
        // The duplicate keeps the socket in the selector, out of which another thread cannot take it.
        let _duplicate = dropped.as_fd().try_clone_to_owned().unwrap();
        thread::spawn(move || drop(dropped)).join().unwrap();
        settle().await.unwrap();
        assert_eq!(runtime.metrics().registrations, 0);

        // One of these has the other's place in the reactor.
        let mut successors = Vec::new();
        for _ in 0..4 {
            let (own_peer, successor) = std_pair().unwrap();
            let successor = TcpStream::from_std(successor).unwrap();
            assert!(poll!(successor.readable()).is_pending());
            successors.push((own_peer, successor));
        }
        for _ in 0..3 {
            peer.write_all(b"stale").unwrap();
            settle().await.unwrap();
            for (_, successor) in &successors {
                assert!(poll!(successor.readable()).is_pending());
            }
        }
        for (own_peer, successor) in &mut successors {
            own_peer.write_all(b"own").unwrap();
            successor.readable().await.unwrap();
            assert_eq!(successor.read(&mut [0; 8]).await.unwrap(), 3);
        }
    });
}

#[test]
fn more_sockets_than_the_event_buffer_holds_are_all_served() {
    with_builder(Builder::new().max_io_events_per_tick(4), async |_| {
        const QUIET: usize = 64;
        const BUSY: usize = 8;
        const ROUNDS: usize = 10;
        let done = Rc::new(Cell::new(false));
        let mut busy = JoinSet::new();
        for _ in 0..BUSY {
            // They always have something to say, and more of them than fit in the buffer.
            let (client, server) = pair().await.unwrap();
            spawn(echo(server));
            let done = Rc::clone(&done);
            busy.spawn(async move {
                while !done.get() {
                    client.write_all(b"x").await.unwrap();
                    client.read_exact(&mut [0]).await.unwrap();
                }
            });
        }
        let mut clients = Vec::new();
        for _ in 0..QUIET {
            let (client, server) = pair().await.unwrap();
            spawn(echo(server));
            clients.push(client);
        }
        for round in 0..ROUNDS {
            let message = [round as u8];
            // All of them at once.
            try_join_all(clients.iter().map(|client| client.write_all(&message))).await.unwrap();
            let mut replies = vec![[0]; QUIET];
            let replies_of = clients.iter().zip(&mut replies).map(|(client, reply)| client.read_exact(reply));
            try_join_all(replies_of).await.unwrap();
            assert_eq!(replies, [message; QUIET]);
        }
        done.set(true);
        while let Some(ended) = busy.join_next().await {
            ended.unwrap();
        }
    });
}

#[test]
fn an_event_buffer_for_one_is_enough() {
    with_builder(Builder::new().max_io_events_per_tick(1), async |_| {
        let mut pairs = Vec::new();
        for _ in 0..16 {
            pairs.push(pair().await.unwrap());
        }
        let readers: Vec<_> = pairs.iter().map(|(_, server)| async { server.read(&mut [0; 8]).await }).collect();
        let write = async {
            for (client, _) in &pairs {
                client.write_all(b"data").await.unwrap();
            }
        };
        let ((), counts) = futures_util::join!(write, try_join_all(readers));
        assert_eq!(counts.unwrap(), [4; 16]);
    });
}

#[test]
fn an_idle_runtime_does_nothing() {
    with_runtime(async |runtime| {
        const CONNECTIONS: usize = 100;
        const ROUNDS: usize = 2_000;
        let mut clients = Vec::new();
        let mut tasks = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (client, server) = pair().await.unwrap();
            clients.push(client);
            tasks.spawn(async move { server.read(&mut [0]).await.unwrap() });
        }
        until_waiting(runtime, CONNECTIONS).await;
        let (mut waker, woken) = std_pair().unwrap();
        let woken = TcpStream::from_std(woken).unwrap();
        assert!(poll!(woken.readable()).is_pending());
        settle().await.unwrap();

        // Others have much to do meanwhile, and wake it in the end.
        let busy = thread::spawn(move || {
            let (mut one, mut other) = std_pair().unwrap();
            for _ in 0..ROUNDS {
                one.write_all(b".").unwrap();
                other.read_exact(&mut [0]).unwrap();
            }
            waker.write_all(b".").unwrap();
        });
        let before = runtime.metrics();
        woken.readable().await.unwrap();
        let looks = runtime.metrics().polls - before.polls;
        assert!(looks <= 2, "{looks} looks at the system while nothing happened");
        assert_eq!(runtime.metrics().clock_reads, before.clock_reads);
        busy.join().unwrap();

        drop(clients);
        while let Some(ended) = tasks.join_next().await {
            assert_eq!(ended.unwrap(), 0);
        }
    });
}

#[test]
fn no_descriptor_is_inherited_by_other_programs() {
    in_own_process("no_descriptor_is_inherited_by_other_programs", || {
        let before = descriptors();
        with_runtime(async move |_| {
            let (client, _server) = pair().await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            assert!(poll!(client.readable()).is_pending());
            assert!(poll!(listener.accept()).is_pending());

            let ours: Vec<_> = descriptors().into_iter().filter(|descriptor| !before.contains(descriptor)).collect();
            // Epoll, the eventfd, a connection and a listener.
            assert!(ours.len() >= 5, "{ours:?}");
            for descriptor in ours {
                assert!(is_closed_by_exec(descriptor), "{:?}", fs::read_link(format!("/proc/self/fd/{descriptor}")));
            }
        });
    });
}

#[test]
fn dropping_the_runtime_closes_the_sockets_of_its_tasks() {
    in_own_process("dropping_the_runtime_closes_the_sockets_of_its_tasks", || {
        let open = open_descriptors();
        let runtime = Runtime::new().unwrap();
        let mut clients = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            spawn(async move {
                loop {
                    spawn(echo(listener.accept().await.unwrap().0));
                }
            });
            let mut clients = Vec::new();
            for _ in 0..10 {
                let client = TcpStream::connect(addr).await.unwrap();
                client.write_all(b".").await.unwrap();
                client.read_exact(&mut [0]).await.unwrap();
                clients.push(client.into_std().unwrap());
            }
            clients
        });
        assert_eq!(runtime.metrics().tasks, 11);
        assert_eq!(runtime.metrics().registrations, 11);
        drop(runtime);
        for client in &mut clients {
            client.set_nonblocking(false).unwrap();
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
        }
        drop(clients);
        assert_eq!(open_descriptors(), open);
    });
}

thread_local! {
    static STREAMS_FIRST: RefCell<Vec<TcpStream>> = const { RefCell::new(Vec::new()) };
    static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    static STREAMS_LAST: RefCell<Vec<TcpStream>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_runtime_may_end_with_its_thread() {
    in_own_process("a_runtime_may_end_with_its_thread", || {
        let open = open_descriptors();
        for order in 0..4 {
            let thread = thread::spawn(move || {
                // Locals end in an order that depends on which was touched first. Streams are on both sides of it.
                let runtime = Runtime::new().unwrap();
                if order & 1 == 0 {
                    STREAMS_FIRST.with_borrow_mut(Vec::clear);
                }
                if order & 2 == 0 {
                    STREAMS_LAST.with_borrow_mut(Vec::clear);
                }
                RUNTIME.set(Some(runtime));
                RUNTIME.with_borrow(|runtime| {
                    let runtime = runtime.as_ref().unwrap();
                    let (client, server, echoed) = runtime.block_on(async {
                        let (client, server) = pair().await.unwrap();
                        assert!(poll!(client.readable()).is_pending());
                        assert!(poll!(server.readable()).is_pending());
                        let (echoed, echoing) = pair().await.unwrap();
                        spawn(echo(echoing));
                        settle().await.unwrap();
                        (client, server, echoed)
                    });
                    assert_eq!((runtime.metrics().tasks, runtime.metrics().registrations), (1, 3));
                    STREAMS_FIRST.set(vec![client, echoed]);
                    STREAMS_LAST.set(vec![server]);
                });
            });
            thread.join().unwrap();
            assert_eq!(open_descriptors(), open);
        }
    });
}

async fn echo(stream: TcpStream) {
    let mut buf = [0; 64];
    while let Ok(count @ 1..) = stream.read(&mut buf).await {
        if stream.write_all(&buf[..count]).await.is_err() {
            break;
        }
    }
}

/// Gives a socket this number, which must be free.
fn renumber(socket: std::net::TcpStream, number: RawFd) -> TcpStream {
    let renumbered = fcntl_dupfd_cloexec(&socket, number).unwrap();
    assert_eq!(renumbered.as_raw_fd(), number);
    TcpStream::from_std(renumbered.into()).unwrap()
}

/// The numbers of all open descriptors.
fn descriptors() -> Vec<RawFd> {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let numbers: Vec<RawFd> =
        entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect();
    // The one by which the list was read is closed by now.
    numbers.into_iter().filter(|number| fs::metadata(format!("/proc/self/fd/{number}")).is_ok()).collect()
}

/// Whether a descriptor is `CLOEXEC`, as the system says: some of them belong to the runtime and are lent to nobody.
fn is_closed_by_exec(descriptor: RawFd) -> bool {
    const CLOEXEC: u32 = 0o2_000_000;
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
    u32::from_str_radix(flags.trim(), 8).unwrap() & CLOEXEC != 0
}
