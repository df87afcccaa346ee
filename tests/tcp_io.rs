//! Reading, writing and readiness of a stream.

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::pin::pin;
use std::task::Poll;

use futures_util::future::try_join;
use futures_util::poll;
use hanol::io::{Interest, Ready};
use rustix::net::{RecvFlags, SendFlags};

use self::util::{fill, pair, settle};

mod util;

#[hanol::test]
async fn a_read_gives_what_there_is() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"hello").await?;
    let mut buf = [0; 16];
    assert_eq!(server.read(&mut buf).await?, 5);
    assert_eq!(&buf[..5], b"hello");

    drop(client);
    assert_eq!(server.read(&mut buf).await?, 0);
    assert_eq!(server.read(&mut buf).await?, 0);
    Ok(())
}

#[hanol::test]
async fn reading_into_a_vector_appends_and_makes_room() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut buf = b"so ".to_vec();
    buf.shrink_to_fit();
    client.write_all(b"far").await?;
    assert_eq!(server.read_buf(&mut buf).await?, 3);
    assert_eq!(buf, b"so far");

    assert_eq!(server.try_read_buf(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    // The room that there is is filled, and the rest stays where it is.
    let mut small = Vec::with_capacity(4);
    let room = small.capacity();
    client.write_all(&vec![7; room + 1]).await?;
    server.readable().await?;
    assert_eq!(server.read_buf(&mut small).await?, room);
    assert_eq!(server.try_read_buf(&mut small)?, 1);
    assert_eq!(small, vec![7; room + 1]);

    drop(client);
    assert_eq!(server.read_buf(&mut small).await?, 0);
    Ok(())
}

#[hanol::test]
async fn an_exact_read_waits_for_the_rest() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut buf = [0; 6];
    {
        let mut read = pin!(server.read_exact(&mut buf));
        for part in [b"ab", b"cd"] {
            client.write_all(part).await?;
            settle().await?;
            assert!(poll!(read.as_mut()).is_pending());
        }
        client.write_all(b"ef").await?;
        assert_eq!(read.await?, 6);
    }
    assert_eq!(&buf, b"abcdef");
    Ok(())
}

#[hanol::test]
async fn an_exact_read_that_meets_the_end_leaves_what_came() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"abc").await?;
    client.shutdown(Shutdown::Write)?;
    let mut buf = *b"......";
    assert_eq!(server.read_exact(&mut buf).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(&buf, b"abc...");
    Ok(())
}

#[hanol::test]
async fn more_than_the_kernel_holds_arrives_in_order() -> io::Result<()> {
    let (client, server) = pair().await?;
    let sent: Vec<u8> = (0..32_000_000_u32).map(|number| (number / 7) as u8).collect();
    let mut received = vec![0; sent.len()];
    try_join(client.write_all(&sent), server.read_exact(&mut received)).await?;
    assert!(sent == received);
    Ok(())
}

#[hanol::test]
async fn a_peek_leaves_the_data() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut buf = [0; 5];
    {
        let mut peek = pin!(server.peek(&mut buf));
        assert!(poll!(peek.as_mut()).is_pending());
        client.write_all(b"hello").await?;
        assert_eq!(peek.await?, 5);
    }
    assert_eq!(&buf, b"hello");
    let mut two = [0; 2];
    assert_eq!(server.peek(&mut two).await?, 2);
    assert_eq!(&two, b"he");
    assert_eq!(server.read(&mut two).await?, 2);
    assert_eq!(server.peek(&mut buf).await?, 3);
    assert_eq!(&buf[..3], b"llo");
    Ok(())
}

#[hanol::test]
async fn operations_on_nothing_give_nothing_at_once() -> io::Result<()> {
    let (client, _server) = pair().await?;
    // Neither is there anything to read, nor room to write: it would wait otherwise.
    fill(&client).await?;
    assert!(matches!(poll!(client.read(&mut [])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.peek(&mut [])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.read_exact(&mut [])), Poll::Ready(Ok(0))));
    assert!(matches!(client.try_read(&mut []), Ok(0)));
    assert!(matches!(client.try_write(&[]), Ok(0)));
    let peeked = poll_fn(|cx| Poll::Ready(client.poll_peek(cx, &mut []))).await;
    assert!(matches!(peeked, Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.read_vectored(&mut [])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.read_vectored(&mut [IoSliceMut::new(&mut [])])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.write(&[])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.write_all(&[])), Poll::Ready(Ok(()))));
    assert!(matches!(poll!(client.write_vectored(&[])), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(client.write_vectored(&[IoSlice::new(&[])])), Poll::Ready(Ok(0))));
    Ok(())
}

#[hanol::test]
async fn vectored_operations_take_the_buffers_in_order() -> io::Result<()> {
    let (client, server) = pair().await?;
    let parts = [b"ab".as_slice(), b"", b"cde", b"f"].map(IoSlice::new);
    assert_eq!(client.write_vectored(&parts).await?, 6);

    let (mut one, mut other) = ([0; 1], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut []), IoSliceMut::new(&mut other)];
    assert_eq!(server.read_vectored(&mut bufs).await?, 6);
    assert_eq!((&one, &other[..5]), (b"a", b"bcdef".as_slice()));
    Ok(())
}

#[hanol::test]
async fn more_buffers_than_one_call_takes_need_several() -> io::Result<()> {
    const COUNT: usize = 3_000;
    let (client, server) = pair().await?;
    let sent: Vec<u8> = (0..COUNT).map(|number| number as u8).collect();
    let mut parts: Vec<_> = sent.chunks(1).map(IoSlice::new).collect();
    let mut parts = parts.as_mut_slice();
    while !parts.is_empty() {
        let count = client.write_vectored(parts).await?;
        assert!(0 < count && count <= 1024);
        IoSlice::advance_slices(&mut parts, count);
    }

    let mut received = vec![0; COUNT];
    let mut bufs: Vec<_> = received.chunks_mut(1).map(IoSliceMut::new).collect();
    let mut bufs = bufs.as_mut_slice();
    while !bufs.is_empty() {
        let count = server.read_vectored(bufs).await?;
        assert!(0 < count && count <= 1024);
        IoSliceMut::advance_slices(&mut bufs, count);
    }
    assert_eq!(sent, received);
    Ok(())
}

#[hanol::test]
async fn empty_buffers_in_front_are_not_the_end() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut parts = vec![IoSlice::new(&[]); 2_000];
    parts.push(IoSlice::new(b"data"));
    assert_eq!(client.write_vectored(&parts).await?, 4);
    assert_eq!(client.try_write_vectored(&parts)?, 4);

    for _ in 0..2 {
        server.readable().await?;
        let mut data = [0; 4];
        let mut bufs: Vec<_> = (0..2_000).map(|_| IoSliceMut::new(&mut [])).collect();
        bufs.push(IoSliceMut::new(&mut data));
        assert_eq!(server.read_vectored(&mut bufs).await?, 4);
        assert_eq!(&data, b"data");
    }
    Ok(())
}

#[hanol::test]
async fn readiness_is_only_what_the_system_has_reported() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"data").await?;
    // The data is there, but the selector was never asked.
    assert!(poll!(server.readable()).is_pending());
    assert!(poll!(server.writable()).is_pending());
    server.readable().await?;
    assert!(is_ready(server.readable()).await);
    assert!(is_ready(server.writable()).await);
    Ok(())
}

#[hanol::test]
async fn ready_says_which_direction() -> io::Result<()> {
    let (client, server) = pair().await?;
    let both = Interest::READABLE | Interest::WRITABLE;
    assert_eq!(server.ready(both).await?, Ready::WRITABLE);
    client.write_all(b"data").await?;
    assert_eq!(server.ready(Interest::READABLE).await?, Ready::READABLE);
    assert_eq!(server.ready(both).await?, Ready::READABLE | Ready::WRITABLE);
    assert_eq!(server.ready(Interest::WRITABLE).await?, Ready::WRITABLE);
    Ok(())
}

#[hanol::test]
async fn readiness_is_cleared_for_each_direction() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"data").await?;
    server.readable().await?;
    // Four bytes of sixteen: the kernel has no more.
    assert_eq!(server.read(&mut [0; 16]).await?, 4);
    assert!(poll!(server.readable()).is_pending());
    assert!(is_ready(server.writable()).await);

    client.write_all(b"data").await?;
    server.readable().await?;
    fill(&server).await?;
    assert!(poll!(server.writable()).is_pending());
    assert!(is_ready(server.readable()).await);
    Ok(())
}

#[hanol::test]
async fn a_read_that_fills_its_buffer_leaves_readiness() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"abcd").await?;
    server.readable().await?;
    assert_eq!(server.read(&mut [0; 2]).await?, 2);
    assert!(is_ready(server.readable()).await);
    let mut rest = [0; 2];
    assert_eq!(ready_now(server.read(&mut rest)).await?, 2);
    assert_eq!(&rest, b"cd");
    assert!(is_ready(server.readable()).await);
    assert_eq!(server.try_read(&mut rest).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(poll!(server.readable()).is_pending());
    Ok(())
}

#[hanol::test]
async fn the_end_stays_readable() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b"data").await?;
    client.shutdown(Shutdown::Write)?;
    let mut ready = server.ready(Interest::READABLE).await?;
    while !ready.is_read_closed() {
        // The data may come before the end.
        settle().await?;
        ready = server.ready(Interest::READABLE).await?;
    }
    assert!(ready.is_readable() && !ready.is_write_closed());

    assert_eq!(server.read(&mut [0; 16]).await?, 4);
    for _ in 0..3 {
        assert_eq!(ready_now(server.read(&mut [0; 16])).await?, 0);
        assert!(ready_now(server.ready(Interest::READABLE)).await?.is_read_closed());
    }
    Ok(())
}

#[hanol::test]
async fn a_reset_closes_both_directions_for_good() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.set_zero_linger()?;
    drop(client);
    server.readable().await?;
    let both = Interest::READABLE | Interest::WRITABLE;
    let closed = |ready: Ready| ready.is_read_closed() && ready.is_write_closed();
    assert!(closed(server.ready(both).await?));
    assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(server.read(&mut [0]).await?, 0);
    assert_eq!(server.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert!(closed(ready_now(server.ready(both)).await?));
    Ok(())
}

#[hanol::test]
async fn trying_never_waits() -> io::Result<()> {
    let (client, server) = pair().await?;
    let would_block = |result: io::Result<usize>| result.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    // Before the stream is registered, and after.
    for _ in 0..2 {
        assert!(would_block(server.try_read(&mut [0; 4])));
        assert!(would_block(server.try_read_vectored(&mut [IoSliceMut::new(&mut [0; 4])])));
        assert!(poll!(server.readable()).is_pending());
    }
    client.write_all(b"abcdef").await?;
    server.readable().await?;
    let (mut one, mut other) = ([0; 4], [0; 4]);
    assert_eq!(server.try_read(&mut one)?, 4);
    assert_eq!(server.try_read_vectored(&mut [IoSliceMut::new(&mut other)])?, 2);
    assert_eq!((&one, &other[..2]), (b"abcd", b"ef".as_slice()));

    let sent = fill(&client).await?;
    assert!(would_block(client.try_write(b"x")));
    assert!(would_block(client.try_write_vectored(&[IoSlice::new(b"x")])));
    assert!(poll!(client.writable()).is_pending());
    let mut received = vec![0; sent];
    server.read_exact(&mut received).await?;
    client.writable().await?;
    assert_eq!(client.try_write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"c")])?, 3);

    client.shutdown(Shutdown::Write)?;
    server.read_exact(&mut [0; 3]).await?;
    server.readable().await?;
    assert_eq!(server.try_read(&mut one)?, 0);
    Ok(())
}

#[hanol::test]
async fn an_operation_that_is_known_to_block_is_not_called() -> io::Result<()> {
    let (client, server) = pair().await?;
    assert_eq!(server.ready(Interest::READABLE | Interest::WRITABLE).await?, Ready::WRITABLE);
    assert_eq!(server.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    let tried: io::Result<()> = server.try_io(Interest::READABLE, || panic!("it would block"));
    assert_eq!(tried.unwrap_err().kind(), ErrorKind::WouldBlock);
    // One direction is enough.
    assert_eq!(server.try_io(Interest::READABLE | Interest::WRITABLE, || Ok(7))?, 7);

    client.write_all(b"data").await?;
    server.readable().await?;
    let other: io::Result<()> = server.try_io(Interest::READABLE, || Err(ErrorKind::InvalidData.into()));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(is_ready(server.readable()).await);
    let blocks: io::Result<()> = server.try_io(Interest::READABLE, || Err(ErrorKind::WouldBlock.into()));
    assert_eq!(blocks.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(poll!(server.readable()).is_pending());
    assert!(is_ready(server.writable()).await);
    Ok(())
}

#[hanol::test]
async fn an_operation_of_the_user_waits_like_any_other() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut calls = 0;
    let mut buf = [0; 16];
    let receive = server.async_io(Interest::READABLE, || {
        calls += 1;
        Ok(rustix::net::recv(&server, &mut buf[..], RecvFlags::empty())?.0)
    });
    let send = async {
        settle().await?;
        client.async_io(Interest::WRITABLE, || Ok(rustix::net::send(&client, b"data", SendFlags::NOSIGNAL)?)).await
    };
    assert_eq!(try_join(receive, send).await?, (4, 4));
    assert_eq!(&buf[..4], b"data");
    assert_eq!(calls, 1);
    Ok(())
}

#[hanol::test]
async fn a_stream_that_polls_by_hand_is_woken() -> io::Result<()> {
    let (client, server) = pair().await?;
    let mut task = tokio_test::task::spawn(());
    assert!(task.enter(|cx, _| server.poll_peek(cx, &mut [0; 4])).is_pending());
    assert!(task.enter(|cx, _| server.poll_read_ready(cx)).is_pending());
    settle().await?;
    assert!(!task.is_woken());
    client.write_all(b"data").await?;
    server.readable().await?;
    assert!(task.is_woken());
    assert!(matches!(task.enter(|cx, _| server.poll_peek(cx, &mut [0; 4])), Poll::Ready(Ok(4))));
    assert!(matches!(task.enter(|cx, _| server.poll_read_ready(cx)), Poll::Ready(Ok(()))));

    let sent = fill(&client).await?;
    assert!(task.enter(|cx, _| client.poll_write_ready(cx)).is_pending());
    assert!(!task.is_woken());
    server.read_exact(&mut vec![0; 4 + sent]).await?;
    client.writable().await?;
    assert!(task.is_woken());
    Ok(())
}

/// Whether a wait for readiness is over with its first poll.
async fn is_ready(readiness: impl Future<Output = io::Result<()>>) -> bool {
    poll!(pin!(readiness)).is_ready()
}

/// The output of a future that must be ready with its first poll.
async fn ready_now<F: Future>(future: F) -> F::Output {
    match poll!(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the operation waits, although there is no need"),
    }
}

/// A read ends where urgent data was, and is short although there is more. What follows arrives all the same.
#[cfg(target_os = "linux")]
#[hanol::test]
async fn urgent_data_hides_nothing_that_follows_it() -> io::Result<()> {
    use rustix::net::{SendFlags, send};

    let (client, server) = pair().await?;
    for round in 0..3 {
        // Registered, and known to be empty.
        assert!(poll!(pin!(server.read(&mut [0]))).is_pending());
        client.write_all(b"before").await?;
        assert_eq!(send(&client, b"!", SendFlags::OOB)?, 1);
        client.write_all(b"after").await?;
        settle().await?;
        let mut received = Vec::new();
        while received.len() < b"beforeafter".len() {
            server.read_buf(&mut received).await?;
        }
        assert_eq!(received, b"beforeafter", "in round {round}");
    }
    // One that is sent for itself is no data, and no end.
    send(&client, b"!", SendFlags::OOB)?;
    settle().await?;
    assert!(poll!(pin!(server.read(&mut [0]))).is_pending());
    drop(client);
    assert_eq!(server.read(&mut [0]).await?, 0);
    Ok(())
}
