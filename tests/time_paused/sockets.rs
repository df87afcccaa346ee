//! The clock never jumps past a socket that is ready.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::time::{Instant, sleep, timeout};

use crate::timing::{HOUR, ThreadNumber, millis, sized};
use crate::util::{pair, settle};

#[hanol::test(start_paused = true)]
async fn what_has_arrived_comes_before_the_limit() -> io::Result<()> {
    let (client, server) = pair().await?;
    let start = Instant::now();
    for _ in 0..100 {
        client.write_all(b"hello").await?;
        // Another connection's byte has come through the system, so this one's has as well.
        settle().await?;
        let mut buf = [0; 5];
        timeout(millis(1), server.read_exact(&mut buf)).await??;
        assert_eq!(&buf, b"hello");
    }
    assert_eq!(start.elapsed(), Duration::ZERO);

    // And without anything to read the limit passes, at once and exactly.
    assert!(timeout(millis(1), server.read(&mut [0])).await.is_err());
    assert_eq!(start.elapsed(), millis(1));
    Ok(())
}

/// Client and server on one thread, both with limits: whatever one has sent has arrived before the clock can jump.
#[hanol::test(start_paused = true)]
async fn peers_on_one_thread_never_miss_each_other() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let start = Instant::now();
    let server = hanol::spawn(async move {
        let (stream, _) = timeout(HOUR, listener.accept()).await??;
        let mut buf = [0; 64];
        loop {
            match timeout(HOUR, stream.read(&mut buf)).await?? {
                0 => return Ok::<_, io::Error>(()),
                count => timeout(HOUR, stream.write_all(&buf[..count])).await??,
            }
        }
    });
    let client = timeout(HOUR, TcpStream::connect(addr)).await??;
    for _ in 0..sized(500, 5_000) {
        client.write_all(b"ping").await?;
        timeout(HOUR, client.read_exact(&mut [0; 4])).await??;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    drop(client);
    server.await.unwrap()
}

/// A thread that writes whenever it likes: each byte is read, before a deadline or after it, and none is lost.
#[hanol::test(start_paused = true)]
async fn what_another_thread_writes_is_never_lost() -> io::Result<()> {
    let rounds = sized(300, 3_000);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let (turn, turns) = mpsc::channel::<()>();
    let peer = thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        for _ in turns {
            io::Write::write_all(&mut stream, b".")?;
        }
        Ok::<_, io::Error>(())
    });
    let (stream, _) = listener.accept().await?;
    for _ in 0..rounds {
        turn.send(()).unwrap();
        let mut byte = [0];
        loop {
            let before = Instant::now();
            match timeout(HOUR, stream.read(&mut byte)).await {
                Ok(count) => {
                    assert_eq!((count?, byte), (1, *b"."));
                    break;
                }
                // The thread was not as quick as the clock.
                Err(_) => assert_eq!(before.elapsed(), HOUR),
            }
        }
    }
    drop(turn);
    assert_eq!(stream.read(&mut [0]).await?, 0);
    peer.join().unwrap()?;
    Ok(())
}

/// Without a deadline, the runtime waits for the other thread as ever, and the clock stands.
#[hanol::test(start_paused = true)]
async fn without_a_deadline_the_clock_stands_while_a_peer_takes_its_time() -> io::Result<()> {
    let start = Instant::now();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let runtime_thread = ThreadNumber::current();
    let peer = thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(addr)?;
        runtime_thread.wait_until_asleep();
        io::Write::write_all(&mut stream, b"late")
    });
    let (stream, _) = listener.accept().await?;
    stream.read_exact(&mut [0; 4]).await?;
    peer.join().unwrap()?;
    assert_eq!(start.elapsed(), Duration::ZERO);
    Ok(())
}

/// The name is looked up on a thread of its own, which takes longer than a jump.
#[cfg(feature = "blocking")]
#[hanol::test(start_paused = true)]
async fn the_clock_waits_for_the_lookup_of_a_name() -> io::Result<()> {
    let start = Instant::now();
    let listener = timeout(HOUR, TcpListener::bind("localhost:0")).await??;
    let port = listener.local_addr()?.port();
    for _ in 0..20 {
        timeout(HOUR, TcpStream::connect(("localhost", port))).await??;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    // When it is over, or nobody waits for it any more, the clock jumps again.
    sleep(HOUR).await;
    for number in 1..=20 {
        let mut dropped = Box::pin(TcpStream::connect(("localhost", port)));
        let _ = futures_util::poll!(&mut dropped);
        drop(dropped);
        sleep(HOUR).await;
        assert_eq!(start.elapsed(), HOUR * (1 + number));
    }
    Ok(())
}

/// A lookup that is dropped on another thread says so to the clock's runtime.
#[cfg(feature = "blocking")]
#[hanol::test(start_paused = true)]
async fn a_lookup_that_is_dropped_elsewhere_lets_the_clock_go() {
    let start = Instant::now();
    for number in 1..=20 {
        let mut lookup = Box::pin(TcpStream::connect("localhost:1"));
        let _ = futures_util::poll!(&mut lookup);
        let (sender, dropped) = async_channel::bounded(1);
        let thread = thread::spawn(move || {
            drop(lookup);
            sender.send_blocking(()).unwrap();
        });
        dropped.recv().await.unwrap();
        thread.join().unwrap();
        sleep(HOUR).await;
        assert_eq!(start.elapsed(), HOUR * number);
    }
}

/// A socket that becomes ready is seen however many deadlines there are.
#[hanol::test(start_paused = true)]
async fn deadlines_do_not_starve_a_socket() -> io::Result<()> {
    let (client, server) = pair().await?;
    let ticking = hanol::spawn(async {
        loop {
            sleep(millis(1)).await;
        }
    });
    let echo = hanol::spawn(async move {
        let mut byte = [0];
        server.read_exact(&mut byte).await?;
        server.write_all(&byte).await
    });
    client.write_all(b".").await?;
    client.read_exact(&mut [0]).await?;
    echo.await.unwrap()?;
    ticking.abort();
    Ok(())
}
