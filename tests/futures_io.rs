//! The traits of the `futures-io` crate, through the adapters of `futures-util`.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_util::future::try_join3;
use futures_util::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, copy, copy_buf};
use futures_util::{AsyncRead, AsyncWrite, TryStreamExt, poll};
use hanol::net::unix::pipe;
use hanol::net::{TcpStream, UnixStream};
use hanol::spawn;

use self::util::{fill, pair, settle, with_runtime};

mod util;

#[hanol::test]
async fn lines_are_read_through_a_buffer() -> io::Result<()> {
    let (client, server) = pair().await?;
    let (read, mut write) = client.into_split();
    spawn(async move {
        for number in 0..1_000 {
            write.write_all(format!("line {number}\n").as_bytes()).await?;
        }
        AsyncWriteExt::close(&mut write).await
    });
    drop(read);
    let lines: Vec<String> = BufReader::new(server).lines().try_collect().await?;
    assert_eq!(lines, (0..1_000).map(|number| format!("line {number}")).collect::<Vec<_>>());
    Ok(())
}

#[hanol::test]
async fn everything_is_copied_to_and_fro() -> io::Result<()> {
    let sent: Vec<u8> = (0..2_000_000_u32).map(|number| (number / 7) as u8).collect();
    let (client, near) = pair().await?;
    let (far, server) = UnixStream::pair()?;
    // The trait has a `split` as well, which takes the stream.
    let (client_read, client_write) = TcpStream::split(&client);
    let send = async {
        client_write.write_all(&sent).await?;
        client_write.shutdown()
    };
    let receive = async {
        let mut received = Vec::new();
        AsyncReadExt::read_to_end(&mut { client_read }, &mut received).await?;
        io::Result::Ok(received)
    };
    // The streams are shared: a reference reads and writes as well.
    let proxy = async {
        let forth = async {
            let count = copy(&near, &mut &far).await?;
            (&far).close().await?;
            io::Result::Ok(count)
        };
        let back = async {
            let count = copy_buf(BufReader::new(&far), &mut &near).await?;
            (&near).close().await?;
            io::Result::Ok(count)
        };
        futures_util::future::try_join(forth, back).await
    };
    let echo = spawn(async move {
        let (mut read, mut write) = server.into_split();
        let count = copy(&mut read, &mut write).await?;
        write.close().await?;
        io::Result::Ok(count)
    });
    let ((), received, counts) = try_join3(send, receive, proxy).await?;
    let length = sent.len() as u64;
    assert_eq!((counts, echo.await.unwrap()?), ((length, length), length));
    assert!(received == sent);
    Ok(())
}

#[hanol::test]
async fn closing_ends_the_write_side_alone() -> io::Result<()> {
    let (mut client, server) = pair().await?;
    client.close().await?;
    AsyncWriteExt::close(&mut client).await?;
    assert_eq!(server.read(&mut [0]).await?, 0);
    server.write_all(b"still").await?;
    let mut buf = [0; 5];
    AsyncReadExt::read_exact(&mut client, &mut buf).await?;
    assert_eq!(&buf, b"still");
    assert_eq!(client.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    Ok(())
}

#[hanol::test]
async fn several_buffers_take_one_call() -> io::Result<()> {
    let (mut client, mut server) = pair().await?;
    let parts = [b"ab".as_slice(), b"", b"cde"].map(IoSlice::new);
    assert_eq!(AsyncWriteExt::write_vectored(&mut client, &parts).await?, 5);
    let (mut one, mut other) = ([0; 1], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
    assert_eq!(AsyncReadExt::read_vectored(&mut server, &mut bufs).await?, 5);
    assert_eq!((&one, &other[..4]), (b"a", b"bcde".as_slice()));
    assert_eq!(AsyncReadExt::read_vectored(&mut server, &mut []).await?, 0);
    assert_eq!(AsyncWriteExt::write_vectored(&mut server, &[]).await?, 0);
    assert_eq!(AsyncReadExt::read(&mut server, &mut []).await?, 0);
    Ok(())
}

#[hanol::test]
async fn a_pipe_is_written_and_read() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let writing = spawn(async move {
        let mut sender = BufWriter::new(sender);
        for number in 0..10_000 {
            sender.write_all(format!("{number}\n").as_bytes()).await?;
        }
        // Closing flushes. The end comes with the drop.
        sender.close().await
    });
    let count = BufReader::new(&receiver).lines().try_fold(0, async |count, _| Ok(count + 1)).await?;
    assert_eq!(count, 10_000);
    writing.await.unwrap()
}

#[test]
fn a_poll_is_woken_by_the_next_event() {
    with_runtime(async |runtime| {
        let (client, server) = pair().await.unwrap();
        let mut task = tokio_test::task::spawn(&server);
        let mut buf = [0; 8];
        assert!(task.enter(|cx, stream| stream.poll_read(cx, &mut buf)).is_pending());
        settle().await.unwrap();
        assert!(!task.is_woken());
        client.write_all(b"data").await.unwrap();
        server.readable().await.unwrap();
        assert!(task.is_woken());
        assert!(matches!(task.enter(|cx, stream| stream.poll_read(cx, &mut buf)), Poll::Ready(Ok(4))));

        let filled = fill(&server).await.unwrap();
        assert!(task.enter(|cx, stream| stream.poll_write(cx, b"x")).is_pending());
        let mut received = vec![0; filled];
        client.read_exact(&mut received).await.unwrap();
        server.writable().await.unwrap();
        assert!(task.is_woken());
        assert!(matches!(task.enter(|cx, stream| stream.poll_write(cx, b"x")), Poll::Ready(Ok(1))));
        assert!(matches!(task.enter(|cx, stream| stream.poll_flush(cx)), Poll::Ready(Ok(()))));
        // A poll that nobody comes back to leaves a waker for the next event alone.
        for _ in 0..100 {
            let mut read = server.readable();
            drop(poll!(Pin::new(&mut read)));
            assert!(task.enter(|cx, stream| stream.poll_read(cx, &mut buf)).is_pending());
        }
        assert!(runtime.metrics().waiters <= 1);
    });
}

#[hanol::test]
async fn a_read_that_is_given_up_loses_nothing() -> io::Result<()> {
    let (client, mut server) = pair().await?;
    for round in 0..100_u8 {
        let mut unused = [0; 4];
        assert!(poll!(pin!(AsyncReadExt::read(&mut server, &mut unused))).is_pending());
        client.write_all(&[round]).await?;
        settle().await?;
        let mut buf = [0; 4];
        assert_eq!((AsyncReadExt::read(&mut server, &mut buf).await?, buf[0]), (1, round));
    }
    Ok(())
}

#[test]
fn what_can_be_read_and_written() {
    use hanol::net::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
    fn reads<T: AsyncRead + Unpin + Send>() {}
    fn writes<T: AsyncWrite + Unpin + Send>() {}
    reads::<TcpStream>();
    writes::<TcpStream>();
    reads::<&UnixStream>();
    writes::<&UnixStream>();
    reads::<ReadHalf<'_, UnixStream>>();
    writes::<WriteHalf<'_, UnixStream>>();
    reads::<OwnedReadHalf<UnixStream>>();
    writes::<OwnedWriteHalf>();
    reads::<&pipe::Receiver>();
    writes::<pipe::Sender>();
}
