//! Pipes, and named ones.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::try_join;
use futures_util::poll;
use hanol::io::Interest;
use hanol::net::unix::pipe::{self, OpenOptions, Receiver, Sender};
use hanol::runtime::Handle;
use hanol::spawn;
use hanol::task::yield_now;
use rustix::fs::{Mode, OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

use self::util::{TemporaryDirectory, in_own_process, open_descriptors, settle, with_runtime};

mod util;

#[hanol::test]
async fn bytes_go_through_in_order() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let sent: Vec<u8> = (0..4_000_000_u32).map(|number| (number / 7) as u8).collect();
    let mut received = vec![0; sent.len()];
    try_join(sender.write_all(&sent), receiver.read_exact(&mut received)).await?;
    assert!(sent == received);
    drop(sender);
    assert_eq!(receiver.read(&mut [0; 8]).await?, 0);
    assert_eq!(receiver.read(&mut [0; 8]).await?, 0);
    Ok(())
}

#[hanol::test]
async fn every_operation_is_there() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let mut buf = [0; 8];
    assert_eq!(receiver.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(sender.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"cd")]).await?, 4);
    let (mut one, mut other) = ([0; 1], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
    assert_eq!(receiver.read_vectored(&mut bufs).await?, 4);
    assert_eq!((&one, &other[..3]), (b"a", b"bcd".as_slice()));
    assert_eq!(sender.try_write(b"ef")?, 2);
    assert_eq!(sender.try_write_vectored(&[IoSlice::new(b"gh")])?, 2);
    let mut vector = Vec::new();
    assert_eq!(receiver.read_buf(&mut vector).await?, 4);
    assert_eq!(vector, b"efgh");
    assert_eq!(receiver.try_read_vectored(&mut [])?, 0);
    assert!(sender.ready(Interest::WRITABLE).await?.is_writable());
    assert_eq!(sender.write(b"x").await?, 1);
    assert!(receiver.ready(Interest::READABLE).await?.is_readable());
    receiver.readable().await?;
    assert_eq!(receiver.try_read_buf(&mut vector)?, 1);
    let mut task = tokio_test::task::spawn(());
    assert!(receiver.try_read(&mut buf).is_err());
    assert!(task.enter(|cx, _| receiver.poll_read_ready(cx)).is_pending());
    sender.writable().await?;
    sender.async_io(Interest::WRITABLE, || sender.try_write(b"x")).await?;
    settle().await?;
    assert!(task.is_woken());
    Ok(())
}

#[hanol::test]
async fn operations_on_nothing_give_nothing_at_once() -> io::Result<()> {
    let (_sender, receiver) = pipe::pipe()?;
    assert!(matches!(poll!(pin!(receiver.read(&mut []))), Poll::Ready(Ok(0))));
    assert!(matches!(poll!(pin!(receiver.read_vectored(&mut [IoSliceMut::new(&mut [])]))), Poll::Ready(Ok(0))));
    assert_eq!(receiver.try_read(&mut [])?, 0);
    assert_eq!(receiver.try_read_vectored(&mut [IoSliceMut::new(&mut [])])?, 0);
    Ok(())
}

#[hanol::test]
async fn a_full_pipe_is_waited_for() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let filled = fill(&sender)?;
    let line = line!() + 1;
    let writing = spawn(async move { sender.write_all(b"last").await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|task| task.id == writing.id()).unwrap();
    let waiting = task.waiting.as_ref().unwrap();
    assert_eq!((waiting.operation, waiting.location.file(), waiting.location.line()), ("write", file!(), line));
    let mut received = vec![0; filled + 4];
    receiver.read_exact(&mut received).await?;
    assert_eq!(&received[filled..], b"last");
    writing.await.unwrap()
}

#[hanol::test]
async fn a_sender_whose_receiver_is_gone_gets_an_error() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    fill(&sender)?;
    let mut writing = pin!(sender.write(b"x"));
    assert!(poll!(writing.as_mut()).is_pending());
    drop(receiver);
    assert_eq!(writing.await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(sender.write_vectored(&[IoSlice::new(b"x")]).await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    Ok(())
}

#[hanol::test]
async fn a_receiver_waits_for_the_first_sender_of_a_named_pipe() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = fifo(&directory);
    let receiver = OpenOptions::new().open_receiver(&path)?;
    let mut buf = [0; 8];
    {
        let mut reading = pin!(receiver.read(&mut buf));
        assert!(poll!(reading.as_mut()).is_pending());
        settle().await?;
        assert!(poll!(reading.as_mut()).is_pending());
        let sender = OpenOptions::new().open_sender(&path)?;
        sender.write_all(b"first").await?;
        assert_eq!(reading.await?, 5);
    }
    // Now it has gone.
    assert_eq!(receiver.read(&mut buf).await?, 0);

    // Another one is heard, and nothing is waited for in between.
    let sender = OpenOptions::new().open_sender(&path)?;
    assert!(matches!(poll!(pin!(receiver.read(&mut buf))), Poll::Ready(Ok(0))));
    sender.write_all(b"second").await?;
    assert_eq!(receiver.read(&mut buf).await?, 6);
    Ok(())
}

#[hanol::test]
async fn a_named_pipe_that_is_open_both_ways_has_no_end() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = fifo(&directory);
    // Without it, somebody has to read first.
    let error = OpenOptions::new().open_sender(&path).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(Errno::NXIO.raw_os_error()));
    let sender = OpenOptions::new().read_write(true).open_sender(&path)?;
    let receiver = OpenOptions::new().read_write(true).unchecked(true).open_receiver(&path)?;
    sender.write_all(b"data").await?;
    drop(sender);
    let mut buf = [0; 8];
    assert_eq!(receiver.read(&mut buf).await?, 4);
    let mut reading = pin!(receiver.read(&mut buf));
    assert!(poll!(reading.as_mut()).is_pending());
    settle().await?;
    assert!(poll!(reading.as_mut()).is_pending());
    Ok(())
}

#[hanol::test]
async fn what_is_no_pipe_is_an_error() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let path = directory.file("file");
    fs::write(&path, "no pipe")?;
    let errors = [
        OpenOptions::new().open_receiver(&path).unwrap_err(),
        OpenOptions::new().open_sender(&path).unwrap_err(),
        Receiver::from_file(File::open(&path)?).unwrap_err(),
        Sender::from_file(File::options().write(true).open(&path)?).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("no pipe"), "{error}");
    }
    let missing = OpenOptions::new().open_receiver(directory.file("missing")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let (read, write) = pipe_with(PipeFlags::empty())?;
    for error in [Sender::from_owned_fd(read).unwrap_err(), Receiver::from_owned_fd(write).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("not open for"), "{error}");
    }
    Ok(())
}

#[hanol::test]
async fn the_output_of_a_child_is_read() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let mut command = Command::new("sh");
    command.args(["-c", "echo out; cat"]).stdin(Stdio::piped()).stdout(sender.into_blocking_fd()?);
    let mut running = command.spawn()?;
    // The command holds an end, and the child another.
    drop(command);
    let input = Sender::from_owned_fd(OwnedFd::from(running.stdin.take().expect("the input is piped")))?;
    input.write_all(b"and in").await?;
    drop(input);
    let mut output = Vec::new();
    while receiver.read_buf(&mut output).await? > 0 {}
    assert_eq!(String::from_utf8_lossy(&output), "out\nand in");
    assert!(running.wait()?.success());
    Ok(())
}

#[test]
fn descriptors_come_and_go() {
    with_runtime(async |runtime| {
        let (sender, receiver) = pipe::pipe().unwrap();
        assert!(poll!(pin!(receiver.read(&mut [0]))).is_pending());
        assert_eq!(receiver.as_raw_fd(), receiver.as_raw_fd());
        let (send, receive) = (sender.into_nonblocking_fd().unwrap(), receiver.into_blocking_fd().unwrap());
        assert_eq!(runtime.metrics().registrations, 0);
        assert!(fcntl_getfl(&send).unwrap().contains(OFlags::NONBLOCK));
        assert!(!fcntl_getfl(&receive).unwrap().contains(OFlags::NONBLOCK));
        (&File::from(send)).write_all(b"data").unwrap();
        let mut text = String::new();
        (&File::from(receive)).read_to_string(&mut text).unwrap();
        assert_eq!(text, "data");
    });
}

/// Packets are read one at a time, however large the buffer is.
#[hanol::test]
async fn packets_hold_nothing_up() -> io::Result<()> {
    let (read, write) = pipe_with(PipeFlags::DIRECT)?;
    let (receiver, sender) = (Receiver::from_owned_fd(read)?, Sender::from_owned_fd(write)?);
    assert!(poll!(pin!(receiver.readable())).is_pending());
    for packet in [b"ab", b"cd", b"ef"] {
        sender.write_all(packet).await?;
    }
    receiver.readable().await?;
    for _ in 0..3 {
        assert!(matches!(poll!(pin!(receiver.read(&mut [0; 16]))), Poll::Ready(Ok(2))));
    }
    Ok(())
}

#[test]
fn operations_that_are_given_up_leave_nothing() {
    in_own_process("operations_that_are_given_up_leave_nothing", || {
        with_runtime(async |runtime| {
            let open = open_descriptors();
            let (sender, receiver) = pipe::pipe().unwrap();
            for _ in 0..100 {
                assert!(poll!(pin!(receiver.read(&mut [0]))).is_pending());
                assert!(poll!(pin!(receiver.readable())).is_pending());
            }
            let filled = fill(&sender).unwrap();
            for _ in 0..100 {
                assert!(poll!(pin!(sender.write(b"lost"))).is_pending());
            }
            assert_eq!((runtime.metrics().waiters, runtime.metrics().registrations), (0, 2));
            drop(sender);
            let mut received = vec![0; filled];
            receiver.read_exact(&mut received).await.unwrap();
            assert!(received.iter().all(|&byte| byte == b'x'));
            assert_eq!(receiver.read(&mut [0]).await.unwrap(), 0);
            drop(receiver);
            assert_eq!((open_descriptors(), runtime.metrics().registrations), (open, 0));
        });
    });
}

#[hanol::test]
async fn a_pipe_that_is_always_ready_gives_way() -> io::Result<()> {
    let (sender, receiver) = pipe::pipe()?;
    let turns = Rc::new(Cell::new(0));
    let counting = Rc::clone(&turns);
    let other = spawn(async move {
        loop {
            counting.set(counting.get() + 1);
            yield_now().await;
        }
    });
    spawn(async move {
        for _ in 0..1_000 {
            sender.write_all(b"x").await.unwrap();
            receiver.read_exact(&mut [0]).await.unwrap();
        }
    })
    .await
    .unwrap();
    assert!(turns.get() >= 2_000 / 128 - 1, "{} turns", turns.get());
    other.abort();
    Ok(())
}

#[test]
fn the_types_may_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<Sender>();
    goes::<Receiver>();
    goes::<hanol::net::Write<'_, Sender>>();
    goes::<hanol::net::Read<'_, Receiver>>();
}

/// A named pipe in a directory.
fn fifo(directory: &TemporaryDirectory) -> std::path::PathBuf {
    let path = directory.file("fifo");
    let here: &Path = &path;
    rustix::fs::mknodat(rustix::fs::CWD, here, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    path
}

/// Writes until there is no room, and gives the number of bytes.
fn fill(sender: &Sender) -> io::Result<usize> {
    let mut total = 0;
    loop {
        match sender.try_write(&[b'x'; 4096]) {
            Ok(count) => total += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(total),
            Err(error) => return Err(error),
        }
    }
}
