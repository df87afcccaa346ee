//! Copying between two connections, as a proxy does.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;

use futures_util::future::{join_all, try_join3};
use futures_util::poll;
use hanol::io::copy_bidirectional;
use hanol::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use hanol::runtime::Handle;
use hanol::spawn;
use hanol::task::{JoinHandle, yield_now};

use self::util::{TemporaryDirectory, fill, in_own_process, open_descriptors, pair, settle, with_runtime};

mod util;

#[hanol::test]
async fn both_directions_are_copied_at_once() -> io::Result<()> {
    let (client, near) = pair().await?;
    let (far, server) = UnixStream::pair()?;
    let (forth, back) = (pattern(3_000_000, 7), pattern(2_000_000, 11));
    let client_side = async {
        let (read, write) = client.split();
        let mut received = vec![0; back.len()];
        let write = async {
            write.write_all(&forth).await?;
            write.shutdown()
        };
        futures_util::future::try_join(write, read.read_exact(&mut received)).await?;
        assert!(received == back);
        assert_eq!(read.read(&mut [0]).await?, 0);
        io::Result::Ok(())
    };
    let server_side = async {
        let (read, write) = server.split();
        let mut received = vec![0; forth.len()];
        let write = async {
            write.write_all(&back).await?;
            write.shutdown()
        };
        futures_util::future::try_join(write, read.read_exact(&mut received)).await?;
        assert!(received == forth);
        assert_eq!(read.read(&mut [0]).await?, 0);
        io::Result::Ok(())
    };
    let (copied, (), ()) = try_join3(copy_bidirectional(&near, &far), client_side, server_side).await?;
    assert_eq!(copied, (forth.len() as u64, back.len() as u64));
    Ok(())
}

/// A client that has said everything still gets the answer.
#[hanol::test]
async fn a_connection_that_is_half_closed_stays_one() -> io::Result<()> {
    let (client, near) = pair().await?;
    let (far, server) = pair().await?;
    let proxy = spawn(async move { copy_bidirectional(&near, &far).await });
    client.write_all(b"question").await?;
    client.shutdown(Shutdown::Write)?;
    let mut question = Vec::new();
    while server.read_buf(&mut question).await? > 0 {}
    assert_eq!(question, b"question");
    settle().await?;
    assert!(!proxy.is_finished());

    server.write_all(b"the answer").await?;
    server.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    while client.read_buf(&mut answer).await? > 0 {}
    assert_eq!(answer, b"the answer");
    assert_eq!(proxy.await.unwrap()?, (8, 10));
    Ok(())
}

#[hanol::test]
async fn a_slow_reader_slows_its_writer_down() -> io::Result<()> {
    let (client, near) = pair().await?;
    let (far, server) = pair().await?;
    let proxy = spawn(async move { copy_bidirectional(&near, &far).await });
    let filled = fill(&client).await?;
    // The other direction goes on meanwhile.
    server.write_all(b"back").await?;
    assert_eq!(client.read_exact(&mut [0; 4]).await?, 4);
    let mut received = vec![0; filled];
    server.read_exact(&mut received).await?;
    drop((client, server));
    assert!(proxy.await.unwrap().is_ok());
    Ok(())
}

#[hanol::test]
async fn an_error_ends_it() -> io::Result<()> {
    let (client, near) = pair().await?;
    let (far, _server) = pair().await?;
    client.set_zero_linger()?;
    let proxy = spawn(async move { copy_bidirectional(&near, &far).await });
    yield_now().await;
    drop(client);
    assert_eq!(proxy.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionReset);
    Ok(())
}

#[hanol::test]
async fn what_waits_says_where() -> io::Result<()> {
    let (_client, near) = pair().await?;
    let (far, _server) = pair().await?;
    let line = line!() + 1;
    let proxy = spawn(async move { copy_bidirectional(&near, &far).await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|task| task.id == proxy.id()).unwrap();
    let waiting = task.waiting.as_ref().unwrap();
    assert_eq!((waiting.operation, waiting.location.file(), waiting.location.line()), ("read", file!(), line));
    Ok(())
}

#[test]
fn one_that_is_given_up_leaves_the_streams_usable() {
    with_runtime(async |runtime| {
        let (client, near) = pair().await.unwrap();
        let (far, server) = pair().await.unwrap();
        for _ in 0..100 {
            assert!(poll!(pin!(copy_bidirectional(&near, &far))).is_pending());
            assert_eq!(runtime.metrics().waiters, 0);
        }
        client.write_all(b"data").await.unwrap();
        assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 4);
        far.write_all(b"data").await.unwrap();
        assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 4);
    });
}

/// A proxy between clients on TCP and a server on a Unix socket.
#[test]
fn a_proxy_serves_many_clients() {
    const CLIENTS: usize = 50;
    in_own_process("a_proxy_serves_many_clients", || {
        with_runtime(async |runtime| {
            let directory = TemporaryDirectory::new();
            let path = directory.file("socket");
            let open = open_descriptors();
            let server = spawn(serve_echo(UnixListener::bind(&path).unwrap()));
            let (addr, proxy) = start_proxy(path).await;
            let clients = (0..CLIENTS).map(|number| {
                spawn(async move {
                    let sent = pattern(50_000 + number, number as u32 + 1);
                    let (read, write) = TcpStream::connect(addr).await?.into_split();
                    let length = sent.len();
                    let writing = spawn({
                        let sent = sent.clone();
                        async move { write.write_all(&sent).await }
                    });
                    let mut received = Vec::with_capacity(length);
                    while read.read_buf(&mut received).await? > 0 {}
                    writing.await.unwrap()?;
                    assert!(received == sent);
                    io::Result::Ok(())
                })
            });
            for client in join_all(clients).await {
                client.unwrap().unwrap();
            }
            server.abort();
            proxy.abort();
            settle().await.unwrap();
            assert_eq!((runtime.metrics().registrations, open_descriptors()), (0, open));
        });
    });
}

async fn start_proxy(path: PathBuf) -> (SocketAddr, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let proxy = spawn(async move {
        loop {
            let (client, _) = listener.accept().await?;
            let path = path.clone();
            spawn(async move {
                let server = UnixStream::connect(&path).await?;
                copy_bidirectional(&client, &server).await
            });
        }
    });
    (addr, proxy)
}

async fn serve_echo(listener: UnixListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        spawn(async move {
            let mut buf = [0; 4096];
            loop {
                match stream.read(&mut buf).await? {
                    0 => return io::Result::Ok(()),
                    count => stream.write_all(&buf[..count]).await?,
                }
            }
        });
    }
}

fn pattern(length: usize, step: u32) -> Vec<u8> {
    (0..length as u32).map(|number| (number / step) as u8).collect()
}
