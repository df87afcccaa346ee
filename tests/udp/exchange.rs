//! Datagrams that come and go.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use futures_util::poll;
use hanol::net::UdpSocket;

use crate::util::{settle, with_runtime};
use crate::{ANY, bound, connected, would_block};

#[hanol::test]
async fn datagrams_keep_their_boundaries_and_their_order() {
    let (one, other) = connected().await;
    let mut buf = [0; 100];
    for size in [1, 0, 100, 7] {
        assert_eq!(one.send(&vec![size as u8; size]).await.unwrap(), size);
    }
    for size in [1, 0, 100, 7] {
        assert_eq!(other.recv(&mut buf).await.unwrap(), size);
        assert!(buf[..size].iter().all(|byte| *byte == size as u8));
    }
    assert!(would_block(other.try_recv(&mut buf)));
}

#[hanol::test]
async fn a_socket_talks_to_anybody() {
    let (server, clients) = (bound().await, [bound().await, bound().await]);
    let addr = server.local_addr().unwrap();
    let mut buf = [0; 16];
    for client in &clients {
        assert_eq!(client.send_to(b"ping", addr).await.unwrap(), 4);
    }
    for client in &clients {
        let (size, peer) = server.recv_from(&mut buf).await.unwrap();
        assert_eq!((&buf[..size], peer), (&b"ping"[..], client.local_addr().unwrap()));
        server.send_to(&buf[..size], peer.to_string()).await.unwrap();
        assert_eq!(client.recv_from(&mut buf).await.unwrap(), (4, addr));
    }
}

#[hanol::test]
async fn a_receive_waits_for_a_datagram() {
    let (one, other) = connected().await;
    let mut buf = [0; 16];
    for _ in 0..3 {
        let mut recv = Box::pin(other.recv(&mut buf));
        assert!(poll!(recv.as_mut()).is_pending());
        one.send(b"late").await.unwrap();
        assert_eq!(recv.await.unwrap(), 4);
    }
}

/// The system reports them together, and once.
#[hanol::test]
async fn many_datagrams_of_one_event_are_all_received() {
    const COUNT: usize = 300;
    let (one, other) = connected().await;
    other.set_recv_buffer_size(1 << 20).unwrap();
    let mut buf = [0; 16];
    for _ in 0..2 {
        let mut first = Box::pin(other.recv(&mut buf));
        assert!(poll!(first.as_mut()).is_pending());
        // From outside the runtime, so that it does not look meanwhile.
        for index in 0..COUNT {
            assert_eq!(one.try_send(&index.to_be_bytes()).unwrap(), 8);
        }
        first.await.unwrap();
        for index in 1..COUNT {
            other.recv(&mut buf).await.unwrap();
            assert_eq!(buf[..8], index.to_be_bytes());
        }
        assert!(would_block(other.try_recv(&mut buf)));
    }
}

#[hanol::test]
async fn what_does_not_fit_into_the_buffer_is_lost() {
    let (one, other) = connected().await;
    one.send(b"abcdef").await.unwrap();
    one.send(b"next").await.unwrap();
    let mut buf = [0; 3];
    assert_eq!(other.recv(&mut buf).await.unwrap(), 3);
    assert_eq!(&buf, b"abc");
    // Also when there is no room at all.
    assert_eq!(other.recv(&mut []).await.unwrap(), 0);
    assert!(would_block(other.try_recv(&mut buf)));
}

#[hanol::test]
async fn a_peek_leaves_the_datagram() {
    let (one, other) = connected().await;
    let from = one.local_addr().unwrap();
    let (mut first, mut second) = ([0; 16], [0; 2]);
    let mut peek = Box::pin(other.peek(&mut first));
    assert!(poll!(peek.as_mut()).is_pending());
    one.send(b"data").await.unwrap();
    assert_eq!(peek.await.unwrap(), 4);
    assert_eq!(other.peek_from(&mut second).await.unwrap(), (2, from));
    assert_eq!(other.peek_sender().await.unwrap(), from);
    assert_eq!(other.try_peek(&mut second).unwrap(), 2);
    assert_eq!(other.try_peek_from(&mut first).unwrap(), (4, from));
    assert_eq!(other.try_peek_sender().unwrap(), from);
    assert_eq!(other.recv(&mut first).await.unwrap(), 4);
    assert_eq!((&first[..4], &second), (&b"data"[..], b"da"));
    assert!(would_block(other.try_peek(&mut first)));
    assert!(would_block(other.try_peek_sender()));
}

#[hanol::test]
async fn datagrams_are_appended_to_vectors() {
    let (one, other) = connected().await;
    let from = one.local_addr().unwrap();
    let mut buf = Vec::from(*b"> ");
    buf.shrink_to_fit();
    // One that is full gets room for any datagram.
    for text in ["one ", "two "] {
        one.send(text.as_bytes()).await.unwrap();
        assert_eq!(other.recv_buf(&mut buf).await.unwrap(), 4);
    }
    let large = vec![b'x'; 60_000];
    one.send(&large).await.unwrap();
    buf.shrink_to_fit();
    assert_eq!(other.recv_buf_from(&mut buf).await.unwrap(), (60_000, from));
    assert_eq!(&buf[..10], b"> one two ");
    assert_eq!(buf[10..], large);

    // One that has room takes what it has room for.
    let mut buf = Vec::with_capacity(4);
    one.send(b"abcdef").await.unwrap();
    other.readable().await.unwrap();
    assert_eq!(other.try_recv_buf_from(&mut buf).unwrap(), (buf.capacity().min(6), from));
    one.send(b"end").await.unwrap();
    let mut buf = Vec::new();
    while would_block(other.try_recv_buf(&mut buf)) {
        settle().await.unwrap();
    }
    assert_eq!(buf, b"end");
}

#[hanol::test]
async fn a_connected_socket_hears_its_peer_only() {
    let (one, other) = connected().await;
    let stranger = bound().await;
    stranger.send_to(b"strange", other.local_addr().unwrap()).await.unwrap();
    one.send(b"known").await.unwrap();
    let mut buf = [0; 16];
    assert_eq!(other.recv(&mut buf).await.unwrap(), 5);
    assert!(would_block(other.try_recv(&mut buf)));

    // It may be connected to another peer.
    assert_eq!(other.peer_addr().unwrap(), one.local_addr().unwrap());
    other.connect(stranger.local_addr().unwrap()).await.unwrap();
    assert_eq!(other.peer_addr().unwrap(), stranger.local_addr().unwrap());
    stranger.send_to(b"friend", other.local_addr().unwrap()).await.unwrap();
    assert_eq!(other.recv(&mut buf).await.unwrap(), 6);
}

#[hanol::test]
async fn both_families_work() {
    let (one, other) = (UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap(), bound().await);
    let addr = one.local_addr().unwrap();
    assert!(addr.is_ipv6());
    let third = UdpSocket::bind("[::1]:0").await.unwrap();
    third.send_to(b"six", addr).await.unwrap();
    assert_eq!(one.recv_from(&mut [0; 8]).await.unwrap(), (3, third.local_addr().unwrap()));
    // From the one to the other there is no way.
    assert!(other.send_to(b"four", addr).await.unwrap_err().raw_os_error().is_some());
}

#[hanol::test]
async fn the_first_address_that_works_is_taken() -> io::Result<()> {
    let taken = bound().await;
    let addrs = [taken.local_addr()?, (Ipv4Addr::new(127, 0, 0, 3), 0).into()];
    let second = UdpSocket::bind(&addrs[..]).await?;
    assert_eq!(second.local_addr()?.ip(), addrs[1].ip());
    assert_eq!(UdpSocket::bind(taken.local_addr()?).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(UdpSocket::bind(Vec::new()).await.unwrap_err().kind(), ErrorKind::InvalidInput);

    let sixth = SocketAddr::from((Ipv6Addr::LOCALHOST, 9));
    second.connect(&[sixth, taken.local_addr()?][..]).await?;
    assert_eq!(second.peer_addr()?, taken.local_addr()?);
    assert!(second.connect(sixth).await.is_err());
    assert_eq!(second.connect(Vec::new()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[cfg(feature = "blocking")]
#[hanol::test]
async fn names_are_looked_up() -> io::Result<()> {
    let server = bound().await;
    let client = bound().await;
    let port = server.local_addr()?.port();
    assert_eq!(client.send_to(b"name", format!("localhost:{port}")).await?, 4);
    assert_eq!(server.recv_from(&mut [0; 8]).await?, (4, client.local_addr()?));
    client.connect(("localhost", port)).await?;
    assert_eq!(client.peer_addr()?, server.local_addr()?);
    assert!(client.send_to(b"name", ("x".repeat(64), 1)).await.is_err());
    Ok(())
}

#[test]
fn sockets_come_from_the_standard_library_and_go_back() {
    with_runtime(async |runtime| {
        let std = std::net::UdpSocket::bind(ANY).unwrap();
        let socket = UdpSocket::try_from(std).unwrap();
        let (addr, number) = (socket.local_addr().unwrap(), socket.as_raw_fd());
        assert_eq!(socket.as_fd().as_raw_fd(), number);
        let mut buf = [0; 8];
        {
            let mut recv = Box::pin(socket.recv(&mut buf));
            assert!(poll!(recv.as_mut()).is_pending());
            assert_eq!(runtime.metrics().registrations, 1);
        }
        let std = socket.into_std().unwrap();
        assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
        assert_eq!(std.recv(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);

        let socket = UdpSocket::try_from(OwnedFd::from(std)).unwrap();
        let mut recv = Box::pin(socket.recv(&mut buf));
        assert!(poll!(recv.as_mut()).is_pending());
        bound().await.send_to(b"back", addr).await.unwrap();
        assert_eq!(recv.await.unwrap(), 4);
    });
}

/// A connected socket that never had to wait was never registered.
#[test]
fn a_socket_that_does_not_wait_is_not_registered() {
    with_runtime(async |runtime| {
        let (one, other) = connected().await;
        for _ in 0..10 {
            one.send(b"x").await.unwrap();
            other.recv(&mut [0]).await.unwrap();
        }
        assert_eq!(runtime.metrics().registrations, 0);
    });
}
