//! The process runs out of descriptors. Each test is in a process of its own, for the limit belongs to the process.

use std::cell::RefCell;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_util::poll;
use hanol::net::unix::pipe;
use hanol::net::{TcpListener, TcpStream, UnixDatagram, UnixListener, UnixStream};
use hanol::runtime::Runtime;
use hanol::task::{Builder, JoinHandle, yield_now};
use hanol::time::interval;
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

use self::util::{TemporaryDirectory, in_own_process, open_descriptors, pair, polls_of, with_runtime};

mod util;

/// How many clients are in the queue.
const CLIENTS: usize = 3;

/// How many ticks of 10 ms are long against the first rest of 5 ms.
const TICKS: u32 = 30;

#[test]
fn accepting_rests_and_others_go_on() {
    in_own_process("accepting_rests_and_others_go_on", || {
        with_runtime(async |runtime| {
            let queue = Queue::new().await;
            let (client, server) = pair().await.unwrap();
            let mut hoard = hoard();
            let (acceptor, accepted) = queue.accept_all();

            let looks = runtime.metrics().polls;
            let mut interval = interval(Duration::from_millis(10));
            for _ in 0..TICKS {
                interval.tick().await;
                client.write_all(b"ping").await.unwrap();
                server.read_exact(&mut [0; 4]).await.unwrap();
            }
            let looks = runtime.metrics().polls - looks;
            let attempts = polls_of("acceptor");
            assert!(accepted.borrow().is_empty());
            assert!((2..=15).contains(&attempts), "{attempts} attempts to accept");
            let expected = u64::from(TICKS * 4 + attempts * 2);
            assert!(looks <= expected, "{looks} looks at the system for {TICKS} ticks");

            // Others than this runtime close them, so it is found out when a rest is over.
            hoard.truncate(hoard.len() - CLIENTS);
            acceptor.await.unwrap();
            assert_eq!(*accepted.borrow(), queue.clients());
            assert_eq!(runtime.metrics().timers, 0);
        });
    });
}

#[test]
fn closing_a_socket_lets_a_client_in_at_once() {
    in_own_process("closing_a_socket_lets_a_client_in_at_once", || {
        with_runtime(async |_| {
            let queue = Queue::new().await;
            let (client, server) = pair().await.unwrap();
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let _hoard = hoard();
            let (acceptor, accepted) = queue.accept_all();
            rest_for_long().await;

            // A stream, a listener, and a stream that is registered. Each makes room for one.
            assert!(poll!(server.readable()).is_pending());
            drop(client);
            yield_now().await;
            assert_eq!(accepted.borrow().len(), 1);
            drop(listener);
            yield_now().await;
            assert_eq!(accepted.borrow().len(), 2);
            drop(server);
            yield_now().await;
            assert!(acceptor.is_finished());
            assert_eq!(*accepted.borrow(), queue.clients());
        });
    });
}

#[test]
fn closing_a_socket_of_the_runtime_on_another_thread_lets_a_client_in() {
    in_own_process("closing_a_socket_of_the_runtime_on_another_thread_lets_a_client_in", || {
        with_runtime(async |_| {
            let queue = Queue::new().await;
            let (client, server) = pair().await.unwrap();
            client.write_all(b"ping").await.unwrap();
            server.readable().await.unwrap();
            let (other_client, other_server) = pair().await.unwrap();
            let _hoard = hoard();
            let (_acceptor, accepted) = queue.accept_all();
            rest_for_long().await;
            let attempts = polls_of("acceptor");

            thread::spawn(move || drop(server)).join().unwrap();
            // The loop takes its mail after a look at the system.
            other_client.write_all(b"ping").await.unwrap();
            other_server.readable().await.unwrap();
            yield_now().await;
            assert_eq!(accepted.borrow().len(), 1, "after {} attempts", polls_of("acceptor") - attempts);
        });
    });
}

#[test]
fn accepting_from_an_empty_queue_rests_too() {
    in_own_process("accepting_from_an_empty_queue_rests_too", || {
        with_runtime(async |runtime| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let addr = listener.local_addr().unwrap();
            let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            let mut hoard = hoard();
            let acceptor = Builder::new().name("acceptor").spawn(async move { listener.accept().await.unwrap().1 });
            let looks = runtime.metrics().polls;
            rest_for_long().await;
            let attempts = polls_of("acceptor");
            assert!((2..=15).contains(&attempts), "{attempts} attempts to accept");
            assert!(runtime.metrics().polls - looks <= u64::from(TICKS * 2 + attempts * 2));

            hoard.pop();
            client.connect(&addr.into()).unwrap();
            let peer = acceptor.await.unwrap();
            assert_eq!(peer, client.local_addr().unwrap().as_socket().unwrap());
        });
    });
}

#[test]
fn an_accept_that_rests_can_be_given_up() {
    in_own_process("an_accept_that_rests_can_be_given_up", || {
        with_runtime(async |runtime| {
            let queue = Queue::new().await;
            let mut hoard = hoard();
            for _ in 0..100 {
                assert!(poll!(queue.listener.accept()).is_pending());
            }
            assert_eq!((runtime.metrics().timers, runtime.metrics().waiters), (0, 0));
            hoard.truncate(hoard.len() - CLIENTS);
            for client in queue.clients() {
                assert_eq!(queue.listener.accept().await.unwrap().1, client);
            }
        });
    });
}

#[test]
fn a_listener_that_is_polled_by_hand_rests_too() {
    in_own_process("a_listener_that_is_polled_by_hand_rests_too", || {
        with_runtime(async |runtime| {
            let queue = Queue::new().await;
            let (client, _server) = pair().await.unwrap();
            let mut hoard = hoard();
            let mut task = tokio_test::task::spawn(());
            assert!(task.enter(|cx, _| queue.listener.poll_accept(cx)).is_pending());
            assert_eq!(runtime.metrics().timers, 1);
            drop(client);
            assert!(task.is_woken());
            let accepted = task.enter(|cx, _| queue.listener.poll_accept(cx));
            assert!(matches!(accepted, Poll::Ready(Ok(_))));

            assert!(task.enter(|cx, _| queue.listener.poll_accept(cx)).is_pending());
            hoard.clear();
            // The rest that has begun goes on for whoever polls next.
            for _ in 1..CLIENTS {
                poll_fn(|cx| queue.listener.poll_accept(cx)).await.unwrap();
            }
            drop(queue);
            assert_eq!(runtime.metrics().timers, 0);
        });
    });
}

#[test]
fn a_listener_that_several_poll_by_hand_wakes_all_of_them() {
    in_own_process("a_listener_that_several_poll_by_hand_wakes_all_of_them", || {
        with_runtime(async |_| {
            let queue = Queue::new().await;
            let (client, server) = pair().await.unwrap();
            let mut hoard = hoard();
            let mut tasks = [tokio_test::task::spawn(()), tokio_test::task::spawn(())];
            for _ in 0..3 {
                for task in &mut tasks {
                    assert!(task.enter(|cx, _| queue.listener.poll_accept(cx)).is_pending());
                }
            }
            drop(client);
            assert!(tasks.iter().all(|task| task.is_woken()), "a task was not told of the descriptor");

            let [mut one, mut other] = tasks;
            let accepted = one.enter(|cx, _| queue.listener.poll_accept(cx));
            assert!(matches!(accepted, Poll::Ready(Ok(_))));
            assert!(other.enter(|cx, _| queue.listener.poll_accept(cx)).is_pending());
            // When its rest is over, the other goes on whether or not the first one polls again.
            hoard.clear();
            rest_for_long().await;
            assert!(other.is_woken());
            assert!(other.enter(|cx, _| queue.listener.poll_accept(cx)).is_ready());
            drop(server);
        });
    });
}

#[test]
fn a_listener_on_a_path_rests_too() {
    in_own_process("a_listener_on_a_path_rests_too", || {
        with_runtime(async |_| {
            let directory = TemporaryDirectory::new();
            let path = directory.file("socket");
            let listener = UnixListener::bind(&path).unwrap();
            let mut client = std::os::unix::net::UnixStream::connect(&path).unwrap();
            let (stream, _server) = pair().await.unwrap();
            let _hoard = hoard();
            assert_out_of_descriptors(UnixStream::connect(&path).await);
            assert_out_of_descriptors(UnixListener::bind(directory.file("other")));
            assert_out_of_descriptors(UnixDatagram::unbound());
            assert_out_of_descriptors(pipe::pipe());
            let acceptor = Builder::new().name("acceptor").spawn(async move { listener.accept().await.unwrap().0 });
            rest_for_long().await;
            let attempts = polls_of("acceptor");
            assert!((2..=15).contains(&attempts), "{attempts} attempts to accept");

            drop(stream);
            let accepted = acceptor.await.unwrap();
            accepted.write_all(b"data").await.unwrap();
            client.read_exact(&mut [0; 4]).unwrap();
        });
    });
}

#[test]
fn what_needs_a_descriptor_fails_and_leaves_nothing() {
    in_own_process("what_needs_a_descriptor_fails_and_leaves_nothing", || {
        with_runtime(async |runtime| {
            let queue = Queue::new().await;
            let addr = queue.listener.local_addr().unwrap();
            let open = open_descriptors();
            let hoard = hoard();
            let registrations = runtime.metrics().registrations;
            for _ in 0..100 {
                assert_out_of_descriptors(TcpStream::connect(addr).await);
                assert_out_of_descriptors(TcpStream::connect(vec![addr, addr]).await);
                assert_out_of_descriptors(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await);
            }
            thread::spawn(|| assert_out_of_descriptors(Runtime::new())).join().unwrap();
            assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (registrations, 0));
            drop(hoard);
            assert_eq!(open_descriptors(), open);

            let client = TcpStream::connect(addr).await.unwrap();
            assert_eq!(client.peer_addr().unwrap(), addr);
        });
    });
}

/// A listener with clients in its queue.
struct Queue {
    listener: Rc<TcpListener>,
    clients: Vec<std::net::TcpStream>,
}

impl Queue {
    async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let clients = (0..CLIENTS).map(|_| std::net::TcpStream::connect(addr).unwrap()).collect();
        Self { listener: Rc::new(listener), clients }
    }

    fn clients(&self) -> Vec<SocketAddr> {
        self.clients.iter().map(|client| client.local_addr().unwrap()).collect()
    }

    /// Spawns a task that accepts the clients, and keeps them. Gives its handle and the list of whom it has accepted.
    fn accept_all(&self) -> (JoinHandle<()>, Rc<RefCell<Vec<SocketAddr>>>) {
        let listener = Rc::clone(&self.listener);
        let accepted = Rc::new(RefCell::new(Vec::new()));
        let list = Rc::clone(&accepted);
        let acceptor = Builder::new().name("acceptor").spawn(async move {
            let mut streams = Vec::new();
            for _ in 0..CLIENTS {
                let (stream, peer) = listener.accept().await.unwrap();
                streams.push(stream);
                list.borrow_mut().push(peer);
            }
        });
        (acceptor, accepted)
    }
}

/// Lets rests grow until the next one is much longer than the rest of a test takes.
async fn rest_for_long() {
    let mut interval = interval(Duration::from_millis(10));
    for _ in 0..TICKS {
        interval.tick().await;
    }
}

/// Takes all descriptors that the process may have. Dropping one of them frees it, without the runtime's knowledge.
fn hoard() -> Vec<File> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum }).unwrap();
    let mut files = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(Errno::MFILE.raw_os_error()));
                return files;
            }
        }
    }
}

#[track_caller]
fn assert_out_of_descriptors<T: std::fmt::Debug>(result: io::Result<T>) {
    assert_eq!(result.unwrap_err().raw_os_error(), Some(Errno::MFILE.raw_os_error()));
}
