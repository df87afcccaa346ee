//! What happens to a connection when its peer resets it, is gone, does not read, or sends in pieces.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use futures_util::future::try_join;
use futures_util::poll;
use hanol::net::TcpStream;
use hanol::spawn;

use self::util::{fill, pair, settle, shrink_buffers, std_pair, until_waiting, with_runtime};

mod util;

#[test]
fn a_reset_ends_a_pending_read_once() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let reader = spawn(async move {
            let first = server.read(&mut [0; 8]).await.map_err(|error| error.kind());
            let second = server.read(&mut [0; 8]).await.map_err(|error| error.kind());
            (first, second)
        });
        until_waiting(runtime, 1).await;
        reset(client);
        assert_eq!(reader.await.unwrap(), (Err(ErrorKind::ConnectionReset), Ok(0)));
        assert_eq!((runtime.metrics().waiters, runtime.metrics().registrations), (0, 0));
    });
}

#[test]
fn a_reset_ends_a_blocked_write() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let writer = spawn(async move {
            let first = server.write_all(&vec![0; 100_000_000]).await.unwrap_err().kind();
            let second = server.write(b"x").await.unwrap_err().kind();
            (first, second)
        });
        until_waiting(runtime, 1).await;
        reset(client);
        let (first, second) = writer.await.unwrap();
        assert!(matches!(first, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{first}");
        assert_eq!(second, ErrorKind::BrokenPipe);
        assert_eq!((runtime.metrics().waiters, runtime.metrics().registrations), (0, 0));
    });
}

#[test]
fn a_reset_ends_a_reader_and_a_writer_alike() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let (read, write) = server.into_split();
        let reader = spawn(async move { read.read(&mut [0; 8]).await });
        let writer = spawn(async move { write.write_all(&vec![0; 100_000_000]).await });
        until_waiting(runtime, 2).await;
        reset(client);
        // Which of the two fetches the error is open. The other finds the connection at its end.
        assert!(matches!(reader.await.unwrap(), Ok(0) | Err(_)));
        writer.await.unwrap().unwrap_err();
    });
}

#[hanol::test]
async fn data_that_a_peer_has_not_read_resets_the_connection() -> io::Result<()> {
    let (client, server) = pair().await?;
    server.write_all(b"unread").await?;
    client.readable().await?;
    drop(client);
    assert_eq!(server.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(server.read(&mut [0; 8]).await?, 0);
    Ok(())
}

#[hanol::test]
async fn writing_to_a_peer_that_is_gone_ends_in_an_error() -> io::Result<()> {
    let (client, server) = pair().await?;
    drop(client);
    assert_eq!(server.read(&mut [0]).await?, 0);
    // The first write is answered by a reset; the system tells it to a later one.
    let error = loop {
        match server.write(b"x").await {
            Ok(_) => settle().await?,
            Err(error) => break error.kind(),
        }
    };
    assert!(matches!(error, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    Ok(())
}

#[hanol::test]
async fn the_end_of_a_peers_process_ends_the_connection() -> io::Result<()> {
    for (unread, expected) in [(false, Ok(0)), (true, Err(ErrorKind::ConnectionReset))] {
        let (here, there) = std_pair()?;
        let here = TcpStream::from_std(here)?;
        // The other process holds the connection as its standard input, and never reads it.
        let mut process = Command::new("sleep").arg("1000").stdin(Stdio::from(OwnedFd::from(there))).spawn()?;
        if unread {
            here.write_all(b"unread").await?;
            settle().await?;
        }
        process.kill()?;
        process.wait()?;
        assert_eq!(here.read(&mut [0; 8]).await.map_err(|error| error.kind()), expected);
    }
    Ok(())
}

#[test]
fn a_writer_waits_for_a_peer_that_does_not_read() {
    with_runtime(async |runtime| {
        const TOTAL: usize = 50_000_000;
        let (client, server) = pair().await.unwrap();
        shrink_buffers(&client).unwrap();
        shrink_buffers(&server).unwrap();
        let taken = fill(&client).await.unwrap();
        assert!(taken < TOTAL / 20, "the system takes {taken} bytes that nobody reads");

        let looks = runtime.metrics().polls;
        let writer = spawn(async move { client.write_all(&vec![b'x'; TOTAL]).await });
        until_waiting(runtime, 1).await;
        for _ in 0..10 {
            settle().await.unwrap();
        }
        // It is still waiting, and the loop with it.
        assert!(!writer.is_finished());
        let looks = runtime.metrics().polls - looks;
        assert!(looks < 200, "{looks} looks at the system while the writer waits");

        server.read_exact(&mut vec![0; taken + TOTAL]).await.unwrap();
        writer.await.unwrap().unwrap();
    });
}

#[hanol::test]
async fn a_peek_that_finds_nothing_is_woken_by_the_next_data() -> io::Result<()> {
    let (client, server) = pair().await?;
    for _ in 0..100 {
        // Peeking does not drain: what one has seen, the next sees too. So it takes a read to find nothing.
        let mut buf = [0; 8];
        {
            let mut peek = std::pin::pin!(server.peek(&mut buf));
            assert!(poll!(peek.as_mut()).is_pending());
            client.write_all(b"data").await?;
            assert_eq!(peek.await?, 4);
        }
        assert_eq!(server.peek(&mut buf).await?, 4);
        assert_eq!(server.read(&mut buf).await?, 4);
    }
    Ok(())
}

#[hanol::test]
async fn data_left_by_a_read_is_there_for_the_next_one() -> io::Result<()> {
    let (client, server) = pair().await?;
    for round in 0..100 {
        client.write_all(b"0123456789").await?;
        server.readable().await?;
        let mut buf = [0; 4];
        assert_eq!(server.read(&mut buf).await?, 4);
        // Later, when the selector has been looked at and had nothing new.
        if round % 2 == 0 {
            settle().await?;
        }
        assert_eq!(server.read(&mut buf).await?, 4);
        assert_eq!((server.read(&mut buf).await?, &buf[..2]), (2, b"89".as_slice()));
    }
    Ok(())
}

#[hanol::test]
async fn no_edge_is_lost_whatever_the_sizes() -> io::Result<()> {
    const TOTAL: usize = 3_000_000;
    let (client, server) = pair().await?;
    shrink_buffers(&client)?;
    let byte = |position: usize| (position / 3) as u8;
    let send = async {
        let mut sizes = sizes(1);
        let mut sent = 0;
        while sent < TOTAL {
            let size = sizes().min(TOTAL - sent);
            let data: Vec<u8> = (sent..sent + size).map(byte).collect();
            client.write_all(&data).await?;
            sent += size;
        }
        Ok::<_, io::Error>(())
    };
    let receive = async {
        let mut sizes = sizes(2);
        let mut received = 0;
        while received < TOTAL {
            let mut buf = vec![0; sizes()];
            let count = server.read(&mut buf).await?;
            assert!(buf[..count].iter().enumerate().all(|(index, &found)| found == byte(received + index)));
            received += count;
        }
        Ok(())
    };
    try_join(send, receive).await?;
    Ok(())
}

/// Sizes between 1 and 8,192 bytes, the same in each run. The generator is Knuth's (MMIX).
fn sizes(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + (state >> 51) as usize
    }
}

/// Closes a stream such that the peer finds the connection reset.
fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}
