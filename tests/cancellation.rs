//! Operations that are given up half-way, and sockets that come to another thread, another runtime, or none.

use std::future::Future;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use futures_util::poll;
use futures_util::task::noop_waker;
use hanol::io::Interest;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::Runtime;
use hanol::time::{sleep, timeout};
use socket2::{Domain, Socket, Type};

use self::util::{
    fill, in_own_process, message_of, open_descriptors, pair, settle, std_pair, until_waiting, with_runtime,
};

mod util;

#[test]
fn an_operation_that_is_given_up_waits_no_longer() {
    with_runtime(async |runtime| {
        let (client, _server) = pair().await.unwrap();
        fill(&client).await.unwrap();
        let listener = listener().await;
        let (mut buf, data) = ([0; 8], [0; 8]);
        let both = Interest::READABLE | Interest::WRITABLE;
        for _ in 0..100 {
            give_up(runtime, 1, client.read(&mut buf)).await;
            give_up(runtime, 1, client.read_exact(&mut buf)).await;
            give_up(runtime, 1, client.read_vectored(&mut [IoSliceMut::new(&mut buf)])).await;
            give_up(runtime, 1, client.peek(&mut buf)).await;
            give_up(runtime, 1, client.readable()).await;
            give_up(runtime, 1, client.write(&data)).await;
            give_up(runtime, 1, client.write_all(&data)).await;
            give_up(runtime, 1, client.write_vectored(&[IoSlice::new(&data)])).await;
            give_up(runtime, 1, client.writable()).await;
            give_up(runtime, 2, client.ready(both)).await;
            give_up(runtime, 2, client.async_io(both, || Ok(()))).await;
            give_up(runtime, 1, listener.accept()).await;
            give_up(runtime, 1, timeout(Duration::from_secs(1_000), listener.accept())).await;
        }
        assert_eq!((runtime.metrics().registrations, runtime.metrics().timers), (2, 0));
    });
}

#[test]
fn a_connect_that_is_given_up_closes_its_socket() {
    in_own_process("a_connect_that_is_given_up_closes_its_socket", || {
        with_runtime(async |runtime| {
            let full = Full::new();
            let open = open_descriptors();
            for _ in 0..1_000 {
                give_up(runtime, 1, TcpStream::connect(full.addr)).await;
            }
            assert_eq!(runtime.metrics().registrations, 0);
            assert_eq!(open_descriptors(), open);

            let limited = timeout(Duration::from_millis(10), TcpStream::connect(full.addr)).await;
            assert!(limited.is_err());
            assert_eq!((runtime.metrics().registrations, runtime.metrics().timers), (0, 0));
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[cfg(feature = "blocking")]
#[test]
fn a_name_that_is_no_longer_wanted_leaves_nothing() {
    with_runtime(async |runtime| {
        for _ in 0..10 {
            let mut connect = Box::pin(TcpStream::connect("localhost:1"));
            if poll!(connect.as_mut()).is_pending() {
                drop(connect);
            }
            let _ = poll!(TcpListener::bind("localhost:0"));
        }
        settle().await.unwrap();
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
    });
}

#[test]
fn a_read_that_is_given_up_loses_no_data() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        for round in 0..200_u8 {
            let mut unused = [0; 4];
            let mut given_up = Box::pin(server.read(&mut unused));
            assert!(poll!(given_up.as_mut()).is_pending());
            client.write_all(&[round]).await.unwrap();
            if round % 2 == 0 {
                // The data is reported to a read that is never polled again.
                until_waiting(runtime, 0).await;
            }
            drop(given_up);
            let mut buf = [0; 4];
            assert_eq!((server.read(&mut buf).await.unwrap(), buf[0]), (1, round));
        }
    });
}

#[test]
fn a_write_that_is_given_up_has_written_nothing() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let sent = fill(&client).await.unwrap();
        let data = vec![b'y'; 1_000];
        for _ in 0..100 {
            give_up(runtime, 1, client.write(&data)).await;
        }
        let mut received = vec![0; sent];
        server.read_exact(&mut received).await.unwrap();
        assert!(received.iter().all(|&byte| byte == b'x'));
        drop(client);
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
    });
}

#[test]
fn an_accept_that_is_given_up_does_not_take_anothers_wake() {
    with_runtime(async |runtime| {
        let listener = listener().await;
        let mut given_up = Box::pin(listener.accept());
        let mut other = Box::pin(listener.accept());
        assert!(poll!(given_up.as_mut()).is_pending());
        assert!(poll!(other.as_mut()).is_pending());
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        until_waiting(runtime, 0).await;
        drop(given_up);
        assert_eq!(other.await.unwrap().1, client.local_addr().unwrap());
    });
}

#[test]
fn an_operation_that_is_dropped_on_another_thread_waits_no_longer() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let listener = listener().await;
        let operations: Vec<Pin<Box<dyn Future<Output = ()> + Send>>> = vec![
            Box::pin(async move { drop(server.read(&mut [0]).await) }),
            Box::pin(async move { drop(listener.accept().await) }),
            Box::pin(sleep(Duration::from_secs(1_000))),
        ];
        let mut operations = operations;
        for operation in &mut operations {
            assert!(poll!(operation.as_mut()).is_pending());
        }
        let metrics = runtime.metrics();
        assert_eq!((metrics.registrations, metrics.waiters, metrics.timers), (2, 2, 1));

        thread::spawn(move || drop(operations)).join().unwrap();
        settle().await.unwrap();
        let metrics = runtime.metrics();
        assert_eq!((metrics.registrations, metrics.waiters, metrics.timers), (0, 0, 0));
        // The other end has found that it was closed there and then.
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    });
}

#[test]
fn an_operation_on_a_shared_stream_is_dropped_on_another_thread() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let server = Arc::new(server);
        let shared = Arc::clone(&server);
        let mut read = Box::pin(async move { shared.read(&mut [0]).await });
        assert!(poll!(read.as_mut()).is_pending());
        thread::spawn(move || drop(read)).join().unwrap();
        settle().await.unwrap();
        // The stream is still here, and registered. Only the one who waited is gone.
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 0));
        client.write_all(b"data").await.unwrap();
        assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 4);
    });
}

#[test]
fn a_socket_that_is_dropped_between_two_runs_is_forgotten_in_the_next() {
    let runtime = Runtime::new().unwrap();
    let (client, server) = runtime.block_on(async { registered_pair().await });
    assert_eq!(runtime.metrics().registrations, 2);
    drop((client, server));
    runtime.block_on(async { settle().await.unwrap() });
    assert_eq!(runtime.metrics().registrations, 0);
}

#[hanol::test]
async fn a_registered_stream_is_an_error_in_another_runtime() {
    let (client, server) = registered_pair().await;
    let (client, server) = thread::spawn(move || {
        hanol::block_on(async {
            let errors = [
                server.read(&mut [0]).await.unwrap_err(),
                server.peek(&mut [0]).await.unwrap_err(),
                server.write(b"x").await.unwrap_err(),
                server.readable().await.unwrap_err(),
                server.async_io(Interest::WRITABLE, || Ok(())).await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::Other);
                assert!(error.to_string().contains("another hanol runtime"), "{error}");
            }
        });
        (client, server)
    })
    .join()
    .unwrap();
    // At home it goes on as if nothing had happened.
    client.write_all(b"data").await.unwrap();
    assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 4);
}

#[hanol::test]
async fn what_does_not_wait_works_in_any_runtime() {
    let (client, server) = registered_pair().await;
    thread::spawn(move || {
        hanol::block_on(async {
            assert_eq!(client.try_write(b"data").unwrap(), 4);
            let mut buf = [0; 8];
            while server.try_read(&mut buf).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
                settle().await.unwrap();
            }
            assert_eq!(&buf[..4], b"data");
            assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());
        });
    })
    .join()
    .unwrap();
}

#[hanol::test]
async fn a_stream_that_has_not_waited_belongs_where_it_waits_first() {
    let (client, server) = pair().await.unwrap();
    let listener = listener().await;
    with_runtime(async move |runtime| {
        let mut buf = [0; 8];
        let mut read = pin!(server.read(&mut buf));
        assert!(poll!(read.as_mut()).is_pending());
        assert_eq!(runtime.metrics().registrations, 1);
        client.write_all(b"data").await.unwrap();
        assert_eq!(read.await.unwrap(), 4);

        let another = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1, another.local_addr().unwrap());
    });
}

#[test]
fn waiting_outside_a_runtime_panics_with_advice() {
    let (_there, here) = std_pair().unwrap();
    let here = TcpStream::from_std(here).unwrap();
    let listener = TcpListener::from_std(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).unwrap();
    let full = Full::new();
    assert_advice(here.read(&mut [0]));
    assert_advice(here.peek(&mut [0]));
    assert_advice(here.readable());
    assert_advice(here.writable());
    assert_advice(here.ready(Interest::READABLE));
    assert_advice(listener.accept());
    assert_advice(TcpStream::connect(full.addr));
    assert_advice(sleep(Duration::from_secs(1_000)));
}

#[test]
fn what_does_not_wait_works_outside_a_runtime() {
    let (_there, here) = std_pair().unwrap();
    let here = TcpStream::from_std(here).unwrap();
    assert!(matches!(poll_outside(here.write(b"data")), Poll::Ready(Ok(4))));
    assert!(matches!(poll_outside(here.read(&mut [])), Poll::Ready(Ok(0))));
    assert_eq!(here.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let bound = poll_outside(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    assert!(matches!(bound, Poll::Ready(Ok(_))));
}

#[test]
fn sockets_may_outlive_their_runtime() {
    in_own_process("sockets_may_outlive_their_runtime", || {
        let open = open_descriptors();
        let (client, server, listener) = hanol::block_on(async {
            let (client, server) = registered_pair().await;
            let listener = listener().await;
            assert!(poll!(listener.accept()).is_pending());
            (client, server, listener)
        });
        let error = hanol::block_on(async { server.readable().await.unwrap_err() });
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(client.try_write(b"data").unwrap(), 4);
        drop((client, server, listener));
        assert_eq!(open_descriptors(), open);
    });
}

#[test]
fn operations_may_outlive_their_runtime() {
    let (_there, here) = std_pair().unwrap();
    let here = TcpStream::from_std(here).unwrap();
    let mut buf = [0];
    let mut read = pin!(here.read(&mut buf));
    let mut readable = pin!(here.readable());
    hanol::block_on(async {
        assert!(poll!(read.as_mut()).is_pending());
        assert!(poll!(readable.as_mut()).is_pending());
    });
    hanol::block_on(async {
        assert_eq!(read.await.unwrap_err().kind(), ErrorKind::Other);
        assert_eq!(readable.await.unwrap_err().kind(), ErrorKind::Other);
    });
}

/// A listener whose queue is full: a further connect waits.
struct Full {
    _listener: Socket,
    _clients: Vec<Socket>,
    addr: SocketAddr,
}

impl Full {
    fn new() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let addr = listener.local_addr().unwrap();
        // The queue has one place. The second client makes sure that it is taken.
        let clients = [(); 2].map(|()| {
            let client = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), None).unwrap();
            let _in_progress = client.connect(&addr);
            client
        });
        Self { _listener: listener, _clients: clients.into(), addr: addr.as_socket().unwrap() }
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

/// A connection of which both ends are registered with this runtime.
async fn registered_pair() -> (TcpStream, TcpStream) {
    let (client, server) = pair().await.unwrap();
    assert!(poll!(client.readable()).is_pending());
    assert!(poll!(server.readable()).is_pending());
    (client, server)
}

/// Polls an operation that has to wait in so many lists, drops it, and sees that it has left them.
async fn give_up(runtime: &Runtime, lists: usize, operation: impl Future) {
    let before = runtime.metrics().waiters;
    {
        let mut operation = pin!(operation);
        assert!(poll!(operation.as_mut()).is_pending());
        assert!(poll!(operation.as_mut()).is_pending());
        assert_eq!(runtime.metrics().waiters, before + lists);
    }
    assert_eq!(runtime.metrics().waiters, before);
}

fn poll_outside<F: Future>(operation: F) -> Poll<F::Output> {
    pin!(operation).poll(&mut Context::from_waker(&noop_waker()))
}

/// Polls an operation outside a runtime, which must panic and say where and what to do.
#[track_caller]
fn assert_advice(operation: impl Future) {
    let panic = catch_unwind(AssertUnwindSafe(|| poll_outside(operation).is_ready())).expect_err("it should panic");
    let message = message_of(&*panic);
    assert!(message.contains("outside a hanol runtime") && message.contains("hanol::block_on"), "{message}");
    assert!(message.contains(file!()), "{message}");
}
