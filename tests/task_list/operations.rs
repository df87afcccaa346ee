//! What each operation says of itself while it waits: its name, its resource, and the line and column of its call.

use std::future::{pending, ready};
use std::io::{IoSlice, IoSliceMut};
use std::net;
use std::os::fd::{AsFd, AsRawFd};
use std::pin::Pin;
use std::time::Duration;

use hanol::io::Interest;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Handle, TaskState, Waiting};
use hanol::task::{JoinHandle, JoinSet, yield_now};
use hanol::time::{Instant, interval, sleep, sleep_until, timeout, timeout_at};

use crate::info;
use crate::place::below;
use crate::timing::HOUR;

/// More than a connection takes without its peer.
const MUCH: usize = 64 << 20;

async fn connection() -> (TcpStream, net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener.accept().await.unwrap().0, peer)
}

fn fd(socket: &impl AsFd) -> Option<String> {
    Some(format!("fd {}", socket.as_fd().as_raw_fd()))
}

/// Lets a new task run, and gives its record.
async fn record<T>(task: &JoinHandle<T>) -> Waiting {
    yield_now().await;
    let info = info(task.id());
    assert_eq!((info.state, info.polls), (TaskState::Waiting, 1));
    info.waiting.expect("it says what it waits for")
}

/// Asserts what the list says of a future that waits. Its call stands at `place`.
async fn assert_waits(future: impl Future + 'static, operation: &str, resource: Option<String>, place: String) {
    let task = hanol::spawn(async move { drop(future.await) });
    let waiting = record(&task).await;
    assert_eq!((waiting.operation, waiting.resource), (operation, resource));
    assert_eq!(waiting.location.to_string(), place);
    task.abort();
}

#[hanol::test]
async fn reading() {
    let (stream, _peer) = connection().await;
    let stream: &'static TcpStream = Box::leak(Box::new(stream));
    let fd = || fd(stream);

    let place = below("read(");
    let read = async { stream.read(&mut [0]).await };
    assert_waits(read, "read", fd(), place).await;

    let place = below("read_exact(");
    let read = async { stream.read_exact(&mut [0]).await };
    assert_waits(read, "read", fd(), place).await;

    let place = below("read_vectored(");
    let read = async { stream.read_vectored(&mut [IoSliceMut::new(&mut [0])]).await };
    assert_waits(read, "read", fd(), place).await;

    let place = below("peek(");
    let peek = async { stream.peek(&mut [0]).await };
    assert_waits(peek, "peek", fd(), place).await;

    let (half, _) = stream.split();
    let place = below("read(");
    let read = async move { half.read(&mut [0]).await };
    assert_waits(read, "read", fd(), place).await;
}

#[hanol::test]
async fn writing() {
    let (stream, _peer) = connection().await;
    let fd = fd(&stream);
    let stream: &'static TcpStream = Box::leak(Box::new(stream));
    let much: &'static [u8] = Box::leak(vec![0; MUCH].into_boxed_slice());

    let place = below("write_all(");
    let write = async { stream.write_all(much).await };
    assert_waits(write, "write", fd.clone(), place).await;

    let place = below("write(");
    let write = async { stream.write(much).await };
    assert_waits(write, "write", fd.clone(), place).await;

    let place = below("write_vectored(");
    let write = async { stream.write_vectored(&[IoSlice::new(much)]).await };
    assert_waits(write, "write", fd.clone(), place).await;

    let place = below("writable(");
    let writable = async { stream.writable().await };
    assert_waits(writable, "readiness", fd, place).await;
}

#[hanol::test]
async fn waiting_for_readiness() {
    let (stream, _peer) = connection().await;
    let fd = fd(&stream);
    let stream: &'static TcpStream = Box::leak(Box::new(stream));

    let place = below("readable(");
    let readable = async { stream.readable().await };
    assert_waits(readable, "readiness", fd.clone(), place).await;

    let place = below("ready(");
    let readable = async { stream.ready(Interest::READABLE).await };
    assert_waits(readable, "readiness", fd, place).await;
}

#[hanol::test]
async fn accepting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fd = fd(&listener);
    let place = below("accept(");
    let accept = async move { listener.accept().await };
    assert_waits(accept, "accept", fd, place).await;
}

/// A listener whose queue is full answers nobody, so a connect to it waits.
#[hanol::test]
async fn connecting() {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let addr = listener.local_addr().unwrap().as_socket().unwrap();
    let _fills_the_queue = net::TcpStream::connect(addr).unwrap();

    let place = below("TcpStream::connect(");
    let connecting = hanol::spawn(async move { TcpStream::connect(addr).await });
    let waiting = record(&connecting).await;
    assert_eq!((waiting.operation, waiting.location.to_string()), ("connect", place));
    assert!(waiting.resource.is_some_and(|resource| resource.starts_with("fd ")));
}

#[cfg(feature = "blocking")]
#[hanol::test]
async fn resolving() {
    loop {
        let place = below("TcpStream::connect(");
        let task = hanol::spawn(async { TcpStream::connect("localhost:1").await });
        yield_now().await;
        // Now and then the resolver has answered before it was asked twice.
        if let Some(waiting) = info(task.id()).waiting.filter(|waiting| waiting.operation == "resolve") {
            assert_eq!((waiting.resource, waiting.location.to_string()), (None, place));
            return;
        }
    }
}

#[hanol::test]
async fn sleeping() {
    let place = below("sleep(");
    let slept = async { sleep(HOUR).await };
    assert_waits(slept, "sleep", None, place).await;

    let place = below("sleep_until(");
    let slept = async { sleep_until(Instant::now() + HOUR).await };
    assert_waits(slept, "sleep", None, place).await;
}

#[hanol::test]
async fn ticking() {
    let mut ticks = interval(HOUR);
    ticks.tick().await;
    let place = below("tick(");
    let ticked = async move { ticks.tick().await };
    assert_waits(ticked, "interval", None, place).await;
}

#[hanol::test]
async fn a_limit_shows_what_it_limits() {
    let (stream, _peer) = connection().await;
    let fd = fd(&stream);
    let place = below("read(");
    let limited = async move { timeout(HOUR, stream.read(&mut [0])).await.map(drop) };
    assert_waits(limited, "read", fd, place).await;

    let place = below("sleep(");
    let limited = async { timeout_at(Instant::now() + HOUR, timeout(HOUR, sleep(HOUR * 2))).await };
    assert_waits(limited, "sleep", None, place).await;
}

#[hanol::test]
async fn a_limit_shows_itself_where_what_it_limits_keeps_no_record() {
    let place = below("timeout(");
    let limited = async { timeout(HOUR, pending::<()>()).await };
    assert_waits(limited, "timeout", None, place).await;
}

#[hanol::test]
async fn joining() {
    let joined = hanol::spawn(pending::<()>());
    let (id, place) = (joined.id(), info(joined.id()).spawned_at.to_string());
    assert_waits(joined, "join", Some(format!("task {id}")), place).await;
}

#[hanol::test]
async fn joining_the_next_of_a_set() {
    let mut set = JoinSet::new();
    set.spawn(pending::<()>());
    let place = below("join_next(");
    let task = hanol::spawn(async move { set.join_next().await.map(drop) });
    let waiting = record(&task).await;
    assert_eq!((waiting.operation, waiting.location.to_string()), ("join", place));
}

/// Tasks that have given way are ready, and say why.
#[hanol::test]
async fn giving_way() {
    let place = below("yield_now(");
    let task = hanol::spawn(async { yield_now().await });
    // Polled after that task for the first time, and before it for the second.
    let looks = hanol::spawn(async { Handle::current().tasks() }).await.unwrap();
    let yielded = looks.iter().find(|listed| listed.id == task.id()).unwrap();
    let waiting = yielded.waiting.as_ref().unwrap();
    assert_eq!((yielded.state, waiting.operation), (TaskState::Ready, "yield"));
    assert_eq!(waiting.location.to_string(), place);
}

#[hanol::test]
async fn using_up_the_budget() {
    let place = below("sleep(");
    let mut ended = sleep(Duration::ZERO);
    (&mut ended).await;
    let task = hanol::spawn(async move {
        loop {
            (&mut ended).await;
        }
    });
    yield_now().await;
    let info = info(task.id());
    let waiting = info.waiting.unwrap();
    assert_eq!((info.state, waiting.operation), (TaskState::Ready, "budget"));
    assert_eq!(waiting.location.to_string(), place);
    task.abort();
}

/// Of several waits in one task the last one is shown.
#[hanol::test]
async fn waiting_for_several_things() {
    let (stream, _peer) = connection().await;
    let fd = fd(&stream);
    let place = below("read(");
    let reading = async move { stream.read(&mut [0]).await };
    let both = async { futures_util::future::join3(ready(()), sleep(HOUR), reading).await };
    assert_waits(both, "read", fd, place).await;
}

/// The line is that of the call, through every layer that only passes the future on.
#[hanol::test]
async fn the_line_is_that_of_the_call_and_not_of_the_await() {
    let place = below("sleep(");
    let slept = sleep(HOUR);
    let passed_on: Pin<Box<dyn Future<Output = ()>>> = Box::pin(slept);
    assert_waits(passed_on, "sleep", None, place).await;
}

/// The list of a runtime whose tasks wait for each other tells the whole chain.
#[hanol::test]
async fn a_chain_of_joins() {
    let last = hanol::spawn(pending::<()>());
    let middle_waits_for = format!("task {}", last.id());
    let middle = hanol::spawn(async { last.await.map(drop) });
    let first_waits_for = format!("task {}", middle.id());
    let first = hanol::spawn(async { middle.await.map(drop) });
    yield_now().await;
    let list = Handle::current().tasks();
    let resources: Vec<_> =
        list.iter().filter_map(|task| task.waiting.as_ref()).map(|waiting| waiting.resource.clone()).collect();
    assert_eq!(resources, [Some(middle_waits_for), Some(first_waits_for)]);
    drop(first);
}
