//! What the network and the system say of a datagram.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::pin::pin;

use futures_util::poll;
use hanol::io::Interest;
use rustix::io::Errno;

use crate::util::{settle, with_runtime};
use crate::{bound, connected, nobody, would_block};

#[hanol::test]
async fn a_datagram_that_is_too_large_is_refused_and_the_socket_goes_on() {
    let (one, other) = connected().await;
    let large = vec![0; 65_508];
    let target = other.local_addr().unwrap();
    for error in [
        one.send(&large).await.unwrap_err(),
        one.send_to(&large, target).await.unwrap_err(),
        one.try_send(&large).unwrap_err(),
        one.try_send_to(&large, target).unwrap_err(),
    ] {
        assert_eq!(Errno::from_io_error(&error), Some(Errno::MSGSIZE));
    }
    assert_eq!(one.send(&large[..65_507]).await.unwrap(), 65_507);
    assert_eq!(other.recv(&mut vec![0; 65_535]).await.unwrap(), 65_507);
}

#[hanol::test]
async fn a_datagram_that_finds_nobody_is_an_error_once() {
    let socket = bound().await;
    socket.connect(nobody()).await.unwrap();
    let mut buf = [0; 8];
    for _ in 0..3 {
        // The answer of loopback is there when the call returns.
        socket.send(b"anybody?").await.unwrap();
        assert_eq!(socket.recv(&mut buf).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert!(poll!(pin!(socket.recv(&mut buf))).is_pending());
    }
    // It can also be the next send that fails.
    socket.send(b"anybody?").await.unwrap();
    assert_eq!(socket.send(b"again?").await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    socket.send(b"again?").await.unwrap();
    assert_eq!(socket.take_error().unwrap().unwrap().kind(), ErrorKind::ConnectionRefused);
    assert!(socket.take_error().unwrap().is_none());

    let peer = bound().await;
    socket.connect(peer.local_addr().unwrap()).await.unwrap();
    socket.send(b"you").await.unwrap();
    assert_eq!(peer.recv(&mut buf).await.unwrap(), 3);
    peer.send_to(b"me", socket.local_addr().unwrap()).await.unwrap();
    assert_eq!(socket.recv(&mut buf).await.unwrap(), 2);
}

#[hanol::test]
async fn a_receive_that_waits_is_told_that_nobody_is_there() {
    let socket = bound().await;
    socket.connect(nobody()).await.unwrap();
    let mut buf = [0; 8];
    let mut recv = Box::pin(socket.recv(&mut buf));
    assert!(poll!(recv.as_mut()).is_pending());
    socket.send(b"anybody?").await.unwrap();
    assert_eq!(recv.await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(poll!(pin!(socket.recv(&mut buf))).is_pending());
}

/// The selector says of a pending error what it says of the end of a stream. A socket has no end.
#[test]
fn a_socket_waits_for_room_after_an_error() {
    with_runtime(async |runtime| {
        let socket = bound().await;
        socket.connect(nobody()).await.unwrap();
        assert!(poll!(pin!(socket.readable())).is_pending());
        socket.send(b"anybody?").await.unwrap();
        let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
        assert!(ready.is_writable() && !ready.is_write_closed() && !ready.is_read_closed(), "{ready:?}");
        assert_eq!(socket.recv(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);

        // The user finds that there is no room. Then the socket waits, and does not ask again and again.
        let no_room = || Err::<(), _>(ErrorKind::WouldBlock.into());
        assert!(would_block(socket.try_io(Interest::WRITABLE, no_room)));
        assert!(poll!(pin!(socket.writable())).is_pending());
        let polls = runtime.metrics().polls;
        settle().await.unwrap();
        assert!(runtime.metrics().polls - polls <= 4);
        assert!(poll!(pin!(socket.writable())).is_pending());
    });
}

#[hanol::test]
async fn a_socket_that_is_not_connected_has_nobody_to_send_to() {
    let socket = bound().await;
    let error = socket.send(b"whom?").await.unwrap_err();
    assert_eq!(Errno::from_io_error(&error), Some(Errno::DESTADDRREQ));
    assert_eq!(socket.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
}

#[hanol::test]
async fn a_server_does_not_hear_of_clients_that_are_gone() {
    let server = bound().await;
    for _ in 0..3 {
        server.send_to(b"gone?", nobody()).await.unwrap();
    }
    assert!(poll!(pin!(server.recv(&mut [0; 8]))).is_pending());
    assert!(server.take_error().unwrap().is_none());
}

#[hanol::test]
async fn broadcasting_has_to_be_allowed() {
    let socket = bound().await;
    let error = socket.send_to(b"all", (Ipv4Addr::new(127, 255, 255, 255), 9)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}
