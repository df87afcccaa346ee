//! Connecting and binding: addresses, names, and what can be wrong with them; addresses and options of a connection.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr};
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use rustix::process::geteuid;
use rustix::thread::set_thread_uid;

use self::util::{in_own_process, open_descriptors, pair, refusing, with_runtime};

mod util;

#[hanol::test]
async fn connects_to_the_first_address_that_answers() -> io::Result<()> {
    let (_dead, dead) = refusing()?;
    let (first, second) = (listener().await?, listener().await?);
    let addrs = [dead, first.local_addr()?, second.local_addr()?];
    let client = TcpStream::connect(&addrs[..]).await?;
    assert_eq!(client.peer_addr()?, addrs[1]);

    let (_server, peer) = first.accept().await?;
    assert_eq!(peer, client.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn the_last_address_says_why_none_answers() -> io::Result<()> {
    let (_dead, dead) = refusing()?;
    let broadcast = SocketAddr::from((Ipv4Addr::BROADCAST, 80));
    assert_eq!(connect_error(vec![dead, broadcast]).await.kind(), ErrorKind::NetworkUnreachable);
    assert_eq!(connect_error(vec![broadcast, dead]).await.kind(), ErrorKind::ConnectionRefused);
    Ok(())
}

#[test]
fn a_refused_connect_says_so_and_leaves_nothing() {
    in_own_process("a_refused_connect_says_so_and_leaves_nothing", || {
        with_runtime(async |runtime| {
            let (_dead, dead) = refusing().unwrap();
            let open = open_descriptors();
            for _ in 0..100 {
                assert_eq!(connect_error(vec![dead]).await.kind(), ErrorKind::ConnectionRefused);
                assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
            }
            assert_eq!(open_descriptors(), open);
        });
    });
}

#[hanol::test]
async fn an_empty_list_of_addresses_is_invalid() {
    assert_eq!(connect_error(Vec::new()).await.kind(), ErrorKind::InvalidInput);
    let error = TcpListener::bind(&[][..]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[hanol::test]
async fn connecting_to_port_zero_is_an_error() {
    assert_eq!(connect_error(vec![(Ipv4Addr::LOCALHOST, 0).into()]).await.kind(), ErrorKind::ConnectionRefused);
}

#[hanol::test]
async fn connects_to_text() -> io::Result<()> {
    let listener = listener().await?;
    let addr = listener.local_addr()?;
    let text = addr.to_string();
    let clients = [
        TcpStream::connect(addr).await?,
        TcpStream::connect(text.as_str()).await?,
        TcpStream::connect(&text).await?,
        TcpStream::connect(text).await?,
        TcpStream::connect(("127.0.0.1", addr.port())).await?,
        TcpStream::connect(("127.0.0.1".to_owned(), addr.port())).await?,
    ];
    for client in clients {
        assert_eq!(client.peer_addr()?, addr);
        assert_eq!(listener.accept().await?.1, client.local_addr()?);
    }
    Ok(())
}

#[cfg(feature = "blocking")]
#[hanol::test]
async fn connects_to_names() -> io::Result<()> {
    let listener = TcpListener::bind("localhost:0").await?;
    let port = listener.local_addr()?.port();
    for name in [format!("localhost:{port}"), format!("LOCALHOST:{port}")] {
        let client = TcpStream::connect(name).await?;
        assert_eq!(listener.accept().await?.1, client.local_addr()?);
    }
    let client = TcpStream::connect(("localhost", port)).await?;
    assert_eq!(client.peer_addr()?, listener.local_addr()?);
    Ok(())
}

#[cfg(feature = "blocking")]
#[hanol::test]
async fn a_name_that_cannot_be_looked_up_is_an_error() {
    // A label has at most 63 characters, so no server need be asked.
    let name = "x".repeat(64);
    assert!(TcpStream::connect((name.as_str(), 80)).await.is_err());
    assert!(TcpListener::bind((name, 0)).await.is_err());
}

#[hanol::test]
async fn text_that_is_no_address_is_invalid() {
    for text in ["", "localhost", "127.0.0.1", "localhost:port", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]"] {
        let error = TcpStream::connect(text).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text:?}: {error}");
    }
}

#[hanol::test]
async fn port_zero_lets_the_system_choose() -> io::Result<()> {
    let (one, other) = (listener().await?, listener().await?);
    let ports = [one.local_addr()?.port(), other.local_addr()?.port()];
    assert!(!ports.contains(&0));
    assert_ne!(ports[0], ports[1]);
    Ok(())
}

#[hanol::test]
async fn both_families_work() -> io::Result<()> {
    let listener = match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await {
        Ok(listener) => listener,
        // Some machines have no IPv6.
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(97) => return Ok(()),
        Err(error) => return Err(error),
    };
    let addr = listener.local_addr()?;
    assert!(addr.is_ipv6());
    let client = TcpStream::connect(format!("[::1]:{}", addr.port())).await?;
    assert_eq!(listener.accept().await?.1, client.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn binding_a_port_in_use_is_an_error() -> io::Result<()> {
    let taken = listener().await?;
    assert_eq!(bind_error(taken.local_addr()?).await, ErrorKind::AddrInUse);
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let second = TcpListener::bind(vec![taken.local_addr()?, free]).await?;
    assert_ne!(second.local_addr()?, taken.local_addr()?);
    Ok(())
}

#[hanol::test]
async fn a_port_can_be_bound_again_at_once() -> io::Result<()> {
    // An address of this test's own: elsewhere another test could be given the port meanwhile.
    let listener = TcpListener::bind((Ipv4Addr::new(127, 9, 9, 9), 0)).await?;
    let addr = listener.local_addr()?;
    let client = TcpStream::connect(addr).await?;
    let (server, _) = listener.accept().await?;
    // The server ends the connection first, so that its port is the one to wait in TIME_WAIT.
    drop((server, listener));
    assert_eq!(client.read(&mut [0]).await?, 0);
    drop(client);
    assert_eq!(TcpListener::bind(addr).await?.local_addr()?, addr);
    Ok(())
}

#[hanol::test]
async fn binding_an_address_of_another_machine_is_an_error() {
    // 192.0.2.0/24 is kept for documentation (RFC 5737).
    let foreign = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 0));
    assert_eq!(bind_error(foreign).await, ErrorKind::AddrNotAvailable);
}

#[test]
fn binding_a_privileged_port_is_an_error_for_others_than_root() {
    let first_free = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    if first_free.trim() == "0" {
        // Here no port is privileged.
        return;
    }
    with_runtime(async |_| {
        if geteuid().is_root() {
            // Only this thread, which ends with the test.
            set_thread_uid(rustix::process::Uid::from_raw(65_534)).unwrap();
        }
        assert_eq!(bind_error((Ipv4Addr::LOCALHOST, 1).into()).await, ErrorKind::PermissionDenied);
    });
}

#[hanol::test]
async fn both_ends_know_the_addresses() -> io::Result<()> {
    let (client, server) = pair().await?;
    assert_eq!(client.local_addr()?, server.peer_addr()?);
    assert_eq!(client.peer_addr()?, server.local_addr()?);
    assert_ne!(client.local_addr()?, client.peer_addr()?);
    Ok(())
}

#[hanol::test]
async fn options_are_the_systems() -> io::Result<()> {
    let (client, server) = pair().await?;
    for nodelay in [true, false] {
        client.set_nodelay(nodelay)?;
        assert_eq!(client.nodelay()?, nodelay);
        #[cfg(target_os = "linux")]
        {
            client.set_quickack(nodelay)?;
            assert_eq!(client.quickack()?, nodelay);
        }
    }
    client.set_ttl(7)?;
    assert_eq!(client.ttl()?, 7);
    assert_ne!(server.ttl()?, 7);

    assert_eq!(client.linger()?, None);
    client.set_linger(Some(Duration::from_secs(3)))?;
    assert_eq!(client.linger()?, Some(Duration::from_secs(3)));
    client.set_zero_linger()?;
    assert_eq!(client.linger()?, Some(Duration::ZERO));
    client.set_linger(None)?;
    assert_eq!(client.linger()?, None);

    let listener = listener().await?;
    listener.set_ttl(9)?;
    assert_eq!(listener.ttl()?, 9);
    Ok(())
}

#[hanol::test]
async fn an_error_is_taken_once() -> io::Result<()> {
    let (client, server) = pair().await?;
    assert!(server.take_error()?.is_none());
    client.set_zero_linger()?;
    drop(client);
    server.readable().await?;
    assert_eq!(server.take_error()?.map(|error| error.kind()), Some(ErrorKind::ConnectionReset));
    assert!(server.take_error()?.is_none());
    Ok(())
}

#[hanol::test]
async fn ending_a_side_twice_is_no_error() -> io::Result<()> {
    for how in [Shutdown::Write, Shutdown::Read, Shutdown::Both] {
        let (client, server) = pair().await?;
        client.shutdown(how)?;
        client.shutdown(how)?;
        client.shutdown(Shutdown::Both)?;
        client.shutdown(Shutdown::Both)?;
        assert_eq!(server.read(&mut [0]).await?, 0);
        // Now both sides have ended.
        server.shutdown(Shutdown::Both)?;
        client.shutdown(Shutdown::Write)?;
    }
    Ok(())
}

#[hanol::test]
async fn ending_a_side_after_a_reset_is_no_error() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.set_zero_linger()?;
    drop(client);
    server.readable().await?;
    for how in [Shutdown::Write, Shutdown::Read, Shutdown::Both] {
        server.shutdown(how)?;
    }
    Ok(())
}

async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

async fn connect_error(addrs: Vec<SocketAddr>) -> io::Error {
    TcpStream::connect(addrs).await.expect_err("nobody listens there")
}

async fn bind_error(addr: SocketAddr) -> ErrorKind {
    TcpListener::bind(addr).await.expect_err("it cannot be bound").kind()
}
