//! A stream that is read in one place and written in another: halves, and tasks that share it.

use std::cell::Cell;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::rc::Rc;

use futures_util::future::try_join;
use futures_util::poll;
use hanol::io::{Interest, Ready};
use hanol::net::TcpStream;
use hanol::spawn;
use hanol::task::{Builder, yield_now};

use self::util::{pair, polls_of, settle, shrink_buffers, until_waiting, with_runtime};

mod util;

#[hanol::test]
async fn borrowed_halves_read_and_write_at_once() -> io::Result<()> {
    let (client, server) = pair().await?;
    let sent = vec![7; 8_000_000];
    let mut received = vec![0; sent.len()];
    let echo = async {
        let (read, write) = server.split();
        let mut buf = vec![0; 1 << 16];
        loop {
            match read.read(&mut buf).await? {
                0 => return write.shutdown(),
                count => write.write_all(&buf[..count]).await?,
            }
        }
    };
    let (read, write) = client.split();
    let send = async {
        write.write_all(&sent).await?;
        write.shutdown()
    };
    try_join(echo, try_join(send, read.read_exact(&mut received))).await?;
    assert!(sent == received);
    assert_eq!(read.read(&mut [0]).await?, 0);
    Ok(())
}

#[hanol::test]
async fn dropping_a_borrowed_write_half_ends_nothing() -> io::Result<()> {
    let (client, server) = pair().await?;
    {
        let (_read, write) = client.split();
        write.write_all(b"da").await?;
    }
    client.write_all(b"ta").await?;
    let mut buf = [0; 4];
    server.read_exact(&mut buf).await?;
    assert_eq!(&buf, b"data");
    Ok(())
}

#[hanol::test]
async fn owned_halves_live_in_tasks_of_their_own() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (server_read, server_write) = server.into_split();
    let echo = spawn(async move {
        let mut buf = [0; 1024];
        loop {
            match server_read.read(&mut buf).await? {
                0 => return Ok::<_, io::Error>(()),
                count => server_write.write_all(&buf[..count]).await?,
            }
        }
    });
    let (read, write) = client.into_split();
    let send = spawn(async move {
        for _ in 0..1_000 {
            write.write_all(b"0123456789").await?;
        }
        // Dropping the half ends the write side.
        Ok::<_, io::Error>(())
    });
    let mut received = vec![0; 10_000];
    read.read_exact(&mut received).await?;
    assert_eq!(received, b"0123456789".repeat(1_000));
    assert_eq!(read.read(&mut [0]).await?, 0);
    send.await.unwrap()?;
    echo.await.unwrap()
}

#[hanol::test]
async fn dropping_the_owned_write_half_ends_its_side_alone() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (read, write) = client.into_split();
    write.write_all(b"last").await?;
    drop(write);
    let mut buf = [0; 4];
    server.read_exact(&mut buf).await?;
    assert_eq!(server.read(&mut buf).await?, 0);
    server.write_all(b"more").await?;
    assert_eq!(read.read(&mut buf).await?, 4);
    assert_eq!(&buf, b"more");
    Ok(())
}

#[hanol::test]
async fn dropping_the_owned_read_half_ends_nothing() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (read, write) = client.into_split();
    drop(read);
    write.write_all(b"data").await?;
    assert_eq!(server.read(&mut [0; 16]).await?, 4);
    drop(write);
    assert_eq!(server.read(&mut [0; 16]).await?, 0);
    Ok(())
}

#[hanol::test]
async fn a_forgotten_write_half_ends_with_the_stream() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (read, write) = client.into_split();
    write.forget();
    settle().await?;
    assert!(poll!(server.readable()).is_pending());
    settle().await?;
    assert!(poll!(server.readable()).is_pending());
    drop(read);
    assert_eq!(server.read(&mut [0]).await?, 0);
    Ok(())
}

#[hanol::test]
async fn the_halves_of_one_stream_are_reunited() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (read, write) = client.into_split();
    let client = read.reunite(write).expect("they are halves of one stream");
    let (read, write) = client.into_split();
    let client = write.reunite(read).expect("they are halves of one stream");
    // Neither has ended the write side.
    client.write_all(b"data").await?;
    assert_eq!(server.read(&mut [0; 16]).await?, 4);
    server.write_all(b"data").await?;
    assert_eq!(client.read(&mut [0; 16]).await?, 4);
    Ok(())
}

#[hanol::test]
async fn the_halves_of_two_streams_are_given_back() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let error = client_read.reunite(server_write).unwrap_err();
    assert!(error.to_string().contains("not from the same stream"));
    let (client_read, server_write) = (error.0, error.1);
    server_write.write_all(b"data").await?;
    assert_eq!(client_read.read(&mut [0; 16]).await?, 4);
    client_read.reunite(client_write).expect("they are halves of one stream");
    server_write.reunite(server_read).expect("they are halves of one stream");
    Ok(())
}

#[hanol::test]
async fn halves_have_the_methods_of_the_stream() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (local, peer) = (client.local_addr()?, client.peer_addr()?);
    let (read, write) = client.into_split();
    assert_eq!((read.local_addr()?, read.peer_addr()?), (local, peer));
    assert_eq!((write.local_addr()?, write.peer_addr()?), (local, peer));
    assert_eq!(write.as_ref().local_addr()?, read.as_ref().local_addr()?);

    write.writable().await?;
    assert_eq!(write.ready(Interest::WRITABLE).await?, Ready::WRITABLE);
    assert_eq!(read.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(write.try_write(b"ab")?, 2);
    assert_eq!(write.write_vectored(&[IoSlice::new(b"cd"), IoSlice::new(b"e")]).await?, 3);
    assert_eq!(write.try_write_vectored(&[IoSlice::new(b"f")])?, 1);
    write.shutdown()?;
    let mut buf = [0; 6];
    server.read_exact(&mut buf).await?;
    assert_eq!((&buf, server.read(&mut [0]).await?), (b"abcdef", 0));

    let (server_read, server_write) = server.split();
    assert_eq!((server_read.local_addr()?, server_write.peer_addr()?), (peer, local));
    assert_eq!(server_write.write(b"abcdef").await?, 6);
    read.readable().await?;
    assert_eq!(read.ready(Interest::READABLE).await?, Ready::READABLE);
    let mut two = [0; 2];
    assert_eq!((read.peek(&mut two).await?, &two), (2, b"ab"));
    assert_eq!((read.try_read(&mut two)?, &two), (2, b"ab"));
    assert_eq!((read.read_vectored(&mut [IoSliceMut::new(&mut two)]).await?, &two), (2, b"cd"));
    assert_eq!((read.try_read_vectored(&mut [IoSliceMut::new(&mut two)])?, &two), (2, b"ef"));
    Ok(())
}

#[test]
fn a_reader_and_a_writer_of_one_stream_are_woken_apart() {
    with_runtime(async |runtime| {
        const SENT: usize = 4_000_000;
        const MESSAGES: usize = 50;
        let (stream, peer) = pair().await.unwrap();
        shrink_buffers(&stream).unwrap();
        shrink_buffers(&peer).unwrap();
        let stream = Rc::new(stream);
        let received = Rc::new(Cell::new(0));

        let reader = Builder::new().name("reader").spawn({
            let (stream, received) = (Rc::clone(&stream), Rc::clone(&received));
            async move {
                while stream.read(&mut [0]).await.unwrap() == 1 {
                    received.set(received.get() + 1);
                }
            }
        });
        let writer = Builder::new().name("writer").spawn({
            let stream = Rc::clone(&stream);
            async move { stream.write_all(&vec![0; SENT]).await.unwrap() }
        });
        until_waiting(runtime, 2).await;
        // What the kernel can move to the peer without its help is there after a few looks.
        for _ in 0..5 {
            settle().await.unwrap();
        }

        let writes = polls_of("writer");
        for message in 0..MESSAGES {
            peer.write_all(b".").await.unwrap();
            while received.get() <= message {
                yield_now().await;
            }
        }
        // The kernel may have moved something after all, but not for each message.
        let woken = polls_of("writer") - writes;
        assert!(woken < MESSAGES as u32 / 2, "the writer was woken {woken} times by what the reader waits for");

        let reads = polls_of("reader");
        peer.read_exact(&mut vec![0; SENT]).await.unwrap();
        writer.await.unwrap();
        assert_eq!(polls_of("reader"), reads, "the reader was woken by what the writer waits for");

        peer.shutdown(Shutdown::Write).unwrap();
        reader.await.unwrap();
        assert_eq!(received.get(), MESSAGES);
    });
}

#[test]
fn all_readers_of_one_stream_are_woken() {
    with_runtime(async |runtime| {
        const READERS: usize = 3;
        let (client, server) = pair().await.unwrap();
        let server = Rc::new(server);
        let name = |number: usize| format!("reader {number}");
        let readers: Vec<_> = (0..READERS)
            .map(|number| {
                let server = Rc::clone(&server);
                Builder::new().name(name(number)).spawn(async move { server.read(&mut [0]).await.unwrap() })
            })
            .collect();
        until_waiting(runtime, READERS).await;
        let before: Vec<_> = (0..READERS).map(|number| polls_of(&name(number))).collect();

        client.write_all(b".").await.unwrap();
        until_waiting(runtime, READERS - 1).await;
        // One has the byte. The others have looked, and wait again.
        let finished = readers.iter().filter(|reader| reader.is_finished()).count();
        assert_eq!(finished, 1);
        for (number, before) in before.into_iter().enumerate() {
            assert_eq!(polls_of(&name(number)), before + 1);
        }

        client.write_all(b"..").await.unwrap();
        for reader in readers {
            assert_eq!(reader.await.unwrap(), 1);
        }
        assert_eq!(runtime.metrics().waiters, 0);
    });
}

#[hanol::test]
async fn the_end_wakes_all_readers() -> io::Result<()> {
    let (client, server) = pair().await?;
    let server = Rc::new(server);
    let readers = [(); 3].map(|()| {
        let server = Rc::clone(&server);
        spawn(async move { server.read(&mut [0]).await })
    });
    settle().await?;
    drop(client);
    for reader in readers {
        assert_eq!(reader.await.unwrap()?, 0);
    }
    Ok(())
}

#[hanol::test]
async fn the_other_way_stays_open_after_the_end() -> io::Result<()> {
    const SENT: usize = 10_000_000;
    let (client, server) = pair().await?;
    client.shutdown(Shutdown::Write)?;
    let serve = async {
        assert_eq!(server.read(&mut [0]).await?, 0);
        server.write_all(&vec![b'x'; SENT]).await?;
        server.shutdown(Shutdown::Write)
    };
    let ((), received) = try_join(serve, read_to_end(&client)).await?;
    assert_eq!(received, SENT);
    Ok(())
}

#[hanol::test]
async fn all_data_comes_before_the_end() -> io::Result<()> {
    for size in [1, 1_000, 100_000, 3_000_000] {
        let (client, server) = pair().await?;
        let send = async {
            client.write_all(&vec![b'x'; size]).await?;
            drop(client);
            Ok::<_, io::Error>(())
        };
        let ((), received) = try_join(send, read_to_end(&server)).await?;
        assert_eq!(received, size);
    }
    Ok(())
}

/// Reads until the end, and gives the number of bytes.
async fn read_to_end(stream: &TcpStream) -> io::Result<usize> {
    let mut buf = vec![0; 100_000];
    let mut total = 0;
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(total),
            count => total += count,
        }
    }
}
