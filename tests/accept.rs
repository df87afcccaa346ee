//! Accepting: several tasks on one listener, bursts, connections that are lost before, and listeners that close.

use std::collections::HashSet;
use std::io::{self, ErrorKind, Read};
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::try_join_all;
use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::spawn;
use hanol::task::Builder;

use self::util::{polls_of, settle, until_waiting, with_runtime};

mod util;

#[test]
fn a_connection_wakes_all_who_accept_and_is_given_to_one() {
    with_runtime(async |runtime| {
        const TASKS: usize = 3;
        let listener = Rc::new(listener().await.unwrap());
        let addr = listener.local_addr().unwrap();
        let name = |number: usize| format!("acceptor {number}");
        let acceptors: Vec<_> = (0..TASKS)
            .map(|number| {
                let listener = Rc::clone(&listener);
                Builder::new().name(name(number)).spawn(async move { listener.accept().await.unwrap().1 })
            })
            .collect();
        until_waiting(runtime, TASKS).await;
        let before: Vec<_> = (0..TASKS).map(|number| polls_of(&name(number))).collect();

        let mut clients = vec![TcpStream::connect(addr).await.unwrap()];
        until_waiting(runtime, TASKS - 1).await;
        assert_eq!(acceptors.iter().filter(|acceptor| acceptor.is_finished()).count(), 1);
        for (number, before) in before.into_iter().enumerate() {
            assert_eq!(polls_of(&name(number)), before + 1);
        }

        for _ in 1..TASKS {
            clients.push(TcpStream::connect(addr).await.unwrap());
        }
        let mut peers = HashSet::new();
        for acceptor in acceptors {
            peers.insert(acceptor.await.unwrap());
        }
        let expected: HashSet<_> = clients.iter().map(|client| client.local_addr().unwrap()).collect();
        assert_eq!(peers, expected);
        assert_eq!(runtime.metrics().waiters, 0);
    });
}

#[hanol::test]
async fn a_burst_of_connections_is_served_by_two_tasks() -> io::Result<()> {
    const CLIENTS: usize = 500;
    let listener = Rc::new(listener().await?);
    let addr = listener.local_addr()?;
    // All of them are connected before the first is accepted: the backlog holds them.
    let clients = try_join_all((0..CLIENTS).map(|_| TcpStream::connect(addr))).await?;

    let servers = [(); 2].map(|()| {
        let listener = Rc::clone(&listener);
        spawn(async move {
            let mut peers = Vec::new();
            while let Ok((stream, peer)) = listener.accept().await {
                stream.write_all(b"served").await.unwrap();
                peers.push(peer);
                if peers.len() == CLIENTS / 2 {
                    break;
                }
            }
            peers
        })
    });
    for client in &clients {
        let mut buf = [0; 6];
        client.read_exact(&mut buf).await?;
        assert_eq!((&buf, client.read(&mut [0]).await?), (b"served", 0));
    }
    let mut peers = HashSet::new();
    for server in servers {
        peers.extend(server.await.unwrap());
    }
    assert_eq!(peers, clients.iter().map(|client| client.local_addr().unwrap()).collect());
    Ok(())
}

#[test]
fn accepts_that_are_given_up_leave_nothing_and_lose_nothing() {
    with_runtime(async |runtime| {
        let listener = listener().await.unwrap();
        for _ in 0..10_000 {
            assert!(poll!(listener.accept()).is_pending());
        }
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (1, 0));

        let mut given_up = Box::pin(listener.accept());
        assert!(poll!(given_up.as_mut()).is_pending());
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        // The connection is reported to one that is never polled again.
        until_waiting(runtime, 0).await;
        drop(given_up);
        assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
    });
}

#[hanol::test]
async fn a_connection_that_is_reset_before_is_accepted_all_the_same() -> io::Result<()> {
    let listener = listener().await?;
    let addr = listener.local_addr()?;
    let lost = TcpStream::connect(addr).await?;
    let lost_addr = lost.local_addr()?;
    lost.set_zero_linger()?;
    drop(lost);
    let next = TcpStream::connect(addr).await?;

    let (stream, peer) = listener.accept().await?;
    assert_eq!(peer, lost_addr);
    assert_eq!(stream.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(stream.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
    let (_stream, peer) = listener.accept().await?;
    assert_eq!(peer, next.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn a_listener_that_closes_resets_those_who_wait() -> io::Result<()> {
    let listener = listener().await?;
    let mut client = std::net::TcpStream::connect(listener.local_addr()?)?;
    drop(listener);
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    Ok(())
}

#[test]
fn a_listener_that_closes_wakes_who_polled_it() {
    with_runtime(async |runtime| {
        let listener = listener().await.unwrap();
        let mut task = tokio_test::task::spawn(());
        assert!(task.enter(|cx, _| listener.poll_accept(cx)).is_pending());
        assert!(!task.is_woken());
        drop(listener);
        assert!(task.is_woken());
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
    });
}

#[test]
fn a_listener_that_is_polled_by_hand_wakes_each_task_once() {
    with_runtime(async |runtime| {
        let listener = listener().await.unwrap();
        let (mut one, mut other) = (tokio_test::task::spawn(()), tokio_test::task::spawn(()));
        for _ in 0..100 {
            assert!(one.enter(|cx, _| listener.poll_accept(cx)).is_pending());
            assert!(other.enter(|cx, _| listener.poll_accept(cx)).is_pending());
        }
        assert_eq!(runtime.metrics().waiters, 2);
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        settle().await.unwrap();
        assert!(one.is_woken() && other.is_woken());
        let Poll::Ready(accepted) = one.enter(|cx, _| listener.poll_accept(cx)) else {
            panic!("the task was woken for nothing")
        };
        assert_eq!(accepted.unwrap().1, client.local_addr().unwrap());
        assert!(other.enter(|cx, _| listener.poll_accept(cx)).is_pending());
    });
}

async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}
