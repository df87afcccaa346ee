//! Streams and listeners that come from the standard library, go there, or lend their descriptor.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::Runtime;

use self::util::{pair, settle, std_pair, with_runtime};

mod util;

#[hanol::test]
async fn a_stream_of_the_standard_library_is_taken_over() -> io::Result<()> {
    let (mut there, here) = std_pair()?;
    let here = TcpStream::from_std(here)?;
    assert_eq!(here.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    there.write_all(b"hello")?;
    let mut buf = [0; 5];
    here.read_exact(&mut buf).await?;
    assert_eq!(&buf, b"hello");

    here.write_all(b"there").await?;
    there.read_exact(&mut buf)?;
    assert_eq!(&buf, b"there");
    Ok(())
}

#[hanol::test]
async fn streams_and_listeners_convert() -> io::Result<()> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::try_from(std::net::TcpStream::connect(listener.local_addr()?)?)?;
    let listener = TcpListener::try_from(listener)?;
    let (_server, peer) = listener.accept().await?;
    assert_eq!(peer, client.local_addr()?);
    Ok(())
}

#[test]
fn a_registered_stream_goes_to_the_standard_library_and_back() {
    with_runtime(async |runtime| {
        let (client, server) = registered_pair(runtime).await;
        let server = server.into_std().unwrap();
        assert_eq!(runtime.metrics().registrations, 1);

        client.write_all(b"there").await.unwrap();
        server.set_nonblocking(false).unwrap();
        let mut buf = [0; 5];
        (&server).read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"there");

        exchange(&client, &TcpStream::from_std(server).unwrap()).await;
        assert_eq!(runtime.metrics().registrations, 1);
    });
}

#[test]
fn a_stream_that_never_waited_goes_to_the_standard_library() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let registered = runtime.metrics().registrations;
        let server = server.into_std().unwrap();
        exchange(&client, &TcpStream::from_std(server).unwrap()).await;
        drop(client);
        assert_eq!(runtime.metrics().registrations, registered);
    });
}

#[test]
fn a_registered_stream_goes_to_the_standard_library_on_another_thread_and_back() {
    with_runtime(async |runtime| {
        let (client, server) = registered_pair(runtime).await;
        let server = thread::spawn(move || server.into_std()).join().unwrap().unwrap();
        let server = TcpStream::from_std(server).unwrap();
        exchange(&client, &server).await;
        // Once more, when the runtime has heard of the first time.
        settle().await.unwrap();
        exchange(&client, &server).await;
        drop((client, server));
        assert_eq!(runtime.metrics().registrations, 0);
    });
}

#[hanol::test]
async fn a_stream_moves_from_one_runtime_to_another() -> io::Result<()> {
    let (client, server) = pair().await?;
    exchange(&client, &server).await;
    let (client, server) = (client.into_std()?, server.into_std()?);
    thread::spawn(move || {
        hanol::block_on(async {
            exchange(&TcpStream::from_std(client).unwrap(), &TcpStream::from_std(server).unwrap()).await;
        });
    })
    .join()
    .unwrap();
    Ok(())
}

#[test]
fn a_stream_outlives_its_runtime_and_goes_to_another() {
    let (client, server) = hanol::block_on(async {
        let (client, server) = pair().await.unwrap();
        exchange(&client, &server).await;
        (client, server)
    });
    let (client, server) = (client.into_std().unwrap(), server.into_std().unwrap());
    hanol::block_on(async {
        exchange(&TcpStream::from_std(client).unwrap(), &TcpStream::from_std(server).unwrap()).await;
    });
}

#[test]
fn a_registered_listener_goes_to_the_standard_library_and_back() {
    with_runtime(async |runtime| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        assert!(poll!(listener.accept()).is_pending());
        assert_eq!(runtime.metrics().registrations, 1);

        let listener = listener.into_std().unwrap();
        assert_eq!(runtime.metrics().registrations, 0);
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        let listener = TcpListener::from_std(listener).unwrap();
        assert!(poll!(listener.accept()).is_pending());

        let client = TcpStream::connect(addr).await.unwrap();
        assert_eq!(listener.accept().await.unwrap().1, client.local_addr().unwrap());
    });
}

#[test]
fn a_duplicate_made_of_a_lent_descriptor_brings_no_events() {
    with_runtime(async |runtime| {
        let (mut there, here) = std_pair().unwrap();
        let here = TcpStream::from_std(here).unwrap();
        let duplicate = here.as_fd().try_clone_to_owned().unwrap();
        close_while_duplicated(runtime, here, duplicate.into(), &mut there).await;
    });
}

#[test]
fn a_duplicate_made_before_brings_no_events() {
    with_runtime(async |runtime| {
        let (mut there, here) = std_pair().unwrap();
        let duplicate = here.try_clone().unwrap();
        let here = TcpStream::from_std(here).unwrap();
        close_while_duplicated(runtime, here, duplicate, &mut there).await;
    });
}

#[hanol::test]
async fn a_lent_descriptor_is_the_streams() -> io::Result<()> {
    let (client, server) = pair().await?;
    assert_eq!(client.as_fd().as_raw_fd(), client.as_raw_fd());
    assert_ne!(client.as_raw_fd(), server.as_raw_fd());
    assert_eq!(rustix::net::getsockname(&client)?, client.local_addr()?.into());
    Ok(())
}

/// Closes a registered stream of which a duplicate lives on, and has the duplicate receive while the runtime is idle.
async fn close_while_duplicated(
    runtime: &Runtime,
    stream: TcpStream,
    mut duplicate: std::net::TcpStream,
    peer: &mut std::net::TcpStream,
) {
    const MESSAGES: usize = 2_000;
    let (mut waker, woken) = std_pair().unwrap();
    let woken = TcpStream::from_std(woken).unwrap();
    assert!(poll!(stream.readable()).is_pending());
    assert!(poll!(woken.readable()).is_pending());
    settle().await.unwrap();
    assert_eq!(runtime.metrics().registrations, 2);
    drop(stream);
    assert_eq!(runtime.metrics().registrations, 1);

    duplicate.set_nonblocking(false).unwrap();
    let mut peer = peer.try_clone().unwrap();
    let talk = thread::spawn(move || {
        for _ in 0..MESSAGES {
            peer.write_all(b".").unwrap();
            duplicate.read_exact(&mut [0]).unwrap();
        }
        waker.write_all(b".").unwrap();
    });
    let polls = runtime.metrics().polls;
    woken.readable().await.unwrap();
    // It was idle all the time: each look at the system was for the waker's byte.
    let looks = runtime.metrics().polls - polls;
    assert!(looks <= 2, "{looks} looks at the system for {MESSAGES} messages of a closed stream");
    talk.join().unwrap();
}

/// A connection of which both ends are registered.
async fn registered_pair(runtime: &Runtime) -> (TcpStream, TcpStream) {
    let (client, server) = pair().await.unwrap();
    exchange(&client, &server).await;
    assert_eq!(runtime.metrics().registrations, 2);
    (client, server)
}

/// Sends something both ways, and has both ends wait for it.
async fn exchange(one: &TcpStream, other: &TcpStream) {
    for (from, to) in [(one, other), (other, one)] {
        let mut buf = [0; 5];
        let read = to.read_exact(&mut buf);
        let mut read = std::pin::pin!(read);
        assert!(poll!(read.as_mut()).is_pending());
        from.write_all(b"hello").await.unwrap();
        assert_eq!(read.await.unwrap(), 5);
        assert_eq!(&buf, b"hello");
    }
}
