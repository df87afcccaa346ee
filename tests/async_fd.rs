//! Descriptors that the crate has no type for.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use futures_util::poll;
use hanol::io::{AsyncFd, AsyncFdReady, Interest, Ready};
use hanol::runtime::Handle;
use hanol::spawn;
use hanol::task::yield_now;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::inotify;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};

use self::util::{
    TemporaryDirectory, in_own_process, message_of, open_descriptors, settle, until_waiting, with_runtime,
};

mod util;

#[hanol::test]
async fn an_eventfd_counts() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK)?)?;
    let mut reading = pin!(counter.async_io(Interest::READABLE, count));
    assert!(poll!(reading.as_mut()).is_pending());
    counter.async_io(Interest::WRITABLE, |fd| add(fd, 3)).await?;
    counter.async_io(Interest::WRITABLE, |fd| add(fd, 4)).await?;
    assert_eq!(reading.await?, 7);
    Ok(())
}

#[hanol::test]
async fn an_eventfd_that_is_full_is_written_to_when_it_is_read() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK)?)?;
    counter.async_io(Interest::WRITABLE, |fd| add(fd, u64::MAX - 1)).await?;
    let mut writing = pin!(counter.async_io(Interest::WRITABLE, |fd| add(fd, 1)));
    assert!(poll!(writing.as_mut()).is_pending());
    counter.async_io(Interest::READABLE, count).await?;
    writing.await?;
    assert_eq!(counter.async_io(Interest::READABLE, count).await?, 1);
    Ok(())
}

#[hanol::test]
async fn a_timerfd_fires() -> io::Result<()> {
    let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
    let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
    let soon = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };
    let times = Itimerspec { it_interval: soon, it_value: soon };
    rustix::time::timerfd_settime(timer.get_ref(), TimerfdTimerFlags::empty(), &times)?;
    let mut fired = 0;
    while fired < 3 {
        fired += timer.async_io(Interest::READABLE, count).await?;
    }
    Ok(())
}

#[hanol::test]
async fn a_pipe_ends() -> io::Result<()> {
    let (read, write) = pipe_with(PipeFlags::NONBLOCK)?;
    let (read, write) = (AsyncFd::new(read)?, AsyncFd::new(write)?);
    let mut buf = [0; 8];
    let mut reading = pin!(read.async_io(Interest::READABLE, |fd| Ok(rustix::io::read(fd, &mut buf)?)));
    assert!(poll!(reading.as_mut()).is_pending());
    write.async_io(Interest::WRITABLE, |fd| Ok(rustix::io::write(fd, b"data")?)).await?;
    assert_eq!(reading.await?, 4);
    assert_eq!(&buf[..4], b"data");
    drop(write);
    while !read.ready(Interest::READABLE).await?.ready().is_read_closed() {
        settle().await?;
    }
    assert_eq!(read.async_io(Interest::READABLE, |fd| Ok(rustix::io::read(fd, &mut [0; 8])?)).await?, 0);
    Ok(())
}

#[hanol::test]
async fn inotify_tells_of_a_new_file() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let watch = AsyncFd::with_interest(inotify::init(inotify::CreateFlags::NONBLOCK)?, Interest::READABLE)?;
    inotify::add_watch(watch.get_ref(), directory.path(), inotify::WatchFlags::CREATE)?;
    let name = spawn(async move {
        watch
            .async_io(Interest::READABLE, |fd| {
                let mut space = [MaybeUninit::uninit(); 1024];
                let mut reader = inotify::Reader::new(fd, &mut space);
                let event = reader.next()?;
                Ok(event.file_name().map(|name| name.to_string_lossy().into_owned()))
            })
            .await
    });
    yield_now().await;
    fs::write(directory.file("new"), "")?;
    assert_eq!(name.await.unwrap()?.as_deref(), Some("new"));
    Ok(())
}

#[hanol::test]
async fn a_regular_file_is_an_error() -> io::Result<()> {
    let directory = TemporaryDirectory::new();
    let file = File::create(directory.file("file"))?;
    for fd in [OwnedFd::from(file), File::open(directory.path())?.into()] {
        let error = AsyncFd::new(fd).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("regular file"), "{error}");
    }
    Ok(())
}

#[hanol::test]
async fn a_guard_takes_note_of_what_would_block() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(1, EventfdFlags::NONBLOCK)?)?;
    let mut guard = counter.readable().await?;
    assert_eq!(guard.ready(), Ready::READABLE);
    assert_eq!(guard.try_io(|fd| count(fd.get_ref())).unwrap()?, 1);
    // Nothing has found that it would block, so readiness stands.
    assert!(poll!(pin!(counter.readable())).is_ready());
    let other = guard.try_io(|_| Err::<(), _>(ErrorKind::InvalidData.into())).unwrap();
    assert_eq!(other.unwrap_err().kind(), ErrorKind::InvalidData);
    assert!(guard.try_io(|fd| count(fd.get_ref())).is_err());
    assert!(poll!(pin!(counter.readable())).is_pending());
    assert!(poll!(pin!(counter.writable())).is_ready());
    Ok(())
}

#[hanol::test]
async fn clearing_is_for_each_direction() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(1, EventfdFlags::NONBLOCK)?)?;
    counter.readable().await?.retain_ready();
    let both = Interest::READABLE | Interest::WRITABLE;
    let mut guard = counter.ready(both).await?;
    assert_eq!(guard.ready(), Ready::READABLE | Ready::WRITABLE);
    guard.clear_ready_matching(Ready::EMPTY);
    assert!(poll!(pin!(counter.readable())).is_ready());
    guard.clear_ready_matching(Ready::WRITABLE);
    assert!(poll!(pin!(counter.readable())).is_ready());
    assert!(poll!(pin!(counter.writable())).is_pending());
    guard.clear_ready();
    assert!(poll!(pin!(counter.readable())).is_pending());
    Ok(())
}

/// A guard that is old clears nothing: it would clear what has been reported since.
#[hanol::test]
async fn an_old_guard_does_not_clear_a_newer_event() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(1, EventfdFlags::NONBLOCK)?)?;
    let mut guard = counter.readable().await?;
    assert_eq!(count(guard.get_inner())?, 1);
    assert_eq!(count(guard.get_inner()).unwrap_err().kind(), ErrorKind::WouldBlock);
    add(guard.get_inner(), 1)?;
    settle().await?;
    guard.clear_ready();
    // The new event stands.
    assert!(poll!(pin!(counter.readable())).is_ready());
    assert_eq!(counter.async_io(Interest::READABLE, count).await?, 1);
    Ok(())
}

#[hanol::test]
async fn what_is_known_to_block_is_not_called() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK)?)?;
    assert_eq!(counter.try_io(Interest::READABLE, count).unwrap_err().kind(), ErrorKind::WouldBlock);
    let called: io::Result<()> = counter.try_io(Interest::READABLE, |_| panic!("it would block"));
    assert_eq!(called.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(counter.try_io(Interest::READABLE | Interest::WRITABLE, |fd| add(fd, 1)).unwrap(), ());
    counter.readable().await?.retain_ready();
    assert_eq!(counter.try_io(Interest::READABLE, count)?, 1);
    Ok(())
}

#[hanol::test]
async fn a_direction_that_was_not_asked_for_is_an_error() -> io::Result<()> {
    let counter = AsyncFd::with_interest(eventfd(0, EventfdFlags::NONBLOCK)?, Interest::READABLE)?;
    let error = counter.writable().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("READABLE and not for WRITABLE"), "{error}");
    let mut task = tokio_test::task::spawn(());
    assert!(matches!(task.enter(|cx, _| counter.poll_write_ready(cx).map(|ready| ready.is_err())), Poll::Ready(true)));
    assert!(task.enter(|cx, _| counter.poll_read_ready(cx).map(drop)).is_pending());
    Ok(())
}

#[hanol::test]
async fn it_is_polled_by_hand() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK)?)?;
    let mut task = tokio_test::task::spawn(());
    assert!(task.enter(|cx, _| counter.poll_read_ready(cx).map(drop)).is_pending());
    settle().await?;
    assert!(!task.is_woken());
    add(counter.get_ref(), 1)?;
    settle().await?;
    assert!(task.is_woken());
    let Poll::Ready(guard) = task.enter(|cx, _| counter.poll_read_ready(cx)) else { panic!("it is ready") };
    assert_eq!(guard?.try_io(|fd| count(fd.get_ref())).unwrap()?, 1);
    Ok(())
}

#[test]
fn it_is_taken_apart_and_put_together() {
    with_runtime(async |runtime| {
        let mut counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK).unwrap()).unwrap();
        assert_eq!(runtime.metrics().registrations, 1);
        assert_eq!(counter.as_raw_fd(), counter.get_mut().as_raw_fd());
        let fd = counter.into_inner();
        assert_eq!(runtime.metrics().registrations, 0);
        let counter = AsyncFd::new(fd).unwrap();
        add(counter.get_ref(), 2).unwrap();
        assert_eq!(counter.async_io(Interest::READABLE, count).await.unwrap(), 2);
        // It goes to another thread, and what was registered here is forgotten.
        thread::spawn(move || count(&counter.into_inner()).unwrap_err()).join().unwrap();
        settle().await.unwrap();
        assert_eq!(runtime.metrics().registrations, 0);
    });
}

#[test]
fn a_borrowed_descriptor_lives_on() {
    with_runtime(async |runtime| {
        let fd = eventfd(0, EventfdFlags::NONBLOCK).unwrap();
        for _ in 0..3 {
            let counter = AsyncFd::new(&fd).unwrap();
            assert!(poll!(pin!(counter.readable())).is_pending());
            drop(counter);
            assert_eq!((runtime.metrics().registrations, runtime.metrics().waiters), (0, 0));
        }
        let looks = runtime.metrics().polls;
        add(&fd, 1).unwrap();
        settle().await.unwrap();
        // Nobody is told of it, neither now nor later.
        assert!(runtime.metrics().polls - looks <= 4);
    });
}

#[test]
fn waits_that_are_given_up_leave_nothing() {
    in_own_process("waits_that_are_given_up_leave_nothing", || {
        with_runtime(async |runtime| {
            let counter = AsyncFd::new(eventfd(u32::MAX, EventfdFlags::NONBLOCK).unwrap()).unwrap();
            count(counter.get_ref()).unwrap();
            let open = open_descriptors();
            for _ in 0..100 {
                assert!(poll!(pin!(counter.readable())).is_pending());
                assert!(poll!(pin!(counter.async_io(Interest::READABLE, count))).is_pending());
                assert_eq!(runtime.metrics().waiters, 0);
            }
            drop(counter);
            assert_eq!((runtime.metrics().registrations, open_descriptors()), (0, open - 1));
        });
    });
}

#[test]
fn two_tasks_that_wait_are_both_woken() {
    with_runtime(async |runtime| {
        let counter = Rc::new(AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK).unwrap()).unwrap());
        let readers = [(); 2].map(|()| {
            let counter = Rc::clone(&counter);
            spawn(async move { counter.readable().await.map(|guard| guard.ready()) })
        });
        until_waiting(runtime, 2).await;
        add(counter.get_ref(), 1).unwrap();
        for reader in readers {
            assert_eq!(reader.await.unwrap().unwrap(), Ready::READABLE);
        }
    });
}

/// What a user wraps may do anything when it is dropped.
#[test]
fn a_drop_that_panics_leaves_the_runtime_usable() {
    struct Bomb(OwnedFd, Rc<Cell<bool>>);

    impl AsFd for Bomb {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            self.1.set(true);
            // It comes back into the runtime, too.
            spawn(async {});
            panic!("the bomb goes off");
        }
    }

    with_runtime(async |runtime| {
        let dropped = Rc::new(Cell::new(false));
        let bomb = Bomb(eventfd(0, EventfdFlags::NONBLOCK).unwrap(), Rc::clone(&dropped));
        let bomb = AsyncFd::new(bomb).unwrap();
        assert!(poll!(pin!(bomb.readable())).is_pending());
        let panic = catch_unwind(AssertUnwindSafe(|| drop(bomb))).unwrap_err();
        assert_eq!(message_of(&*panic), "the bomb goes off");
        assert!(dropped.get());
        assert_eq!(runtime.metrics().registrations, 0);
        settle().await.unwrap();
    });
}

#[hanol::test]
async fn one_that_is_always_ready_gives_way() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(1, EventfdFlags::NONBLOCK)?)?;
    counter.readable().await?.retain_ready();
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
            counter.readable().await.unwrap().retain_ready();
        }
    })
    .await
    .unwrap();
    assert!(turns.get() >= 1_000 / 128 - 1, "{} turns", turns.get());
    other.abort();
    Ok(())
}

#[hanol::test]
async fn what_waits_says_where() -> io::Result<()> {
    let counter = AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK)?)?;
    let (resource, line) = (format!("fd {}", counter.as_raw_fd()), line!() + 1);
    let waiting = spawn(async move { counter.readable().await.map(drop) });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let task = tasks.iter().find(|task| task.id == waiting.id()).unwrap();
    let wait = task.waiting.as_ref().unwrap();
    assert_eq!((wait.operation, wait.resource.as_deref()), ("readiness", Some(resource.as_str())));
    assert_eq!((wait.location.file(), wait.location.line()), (file!(), line));
    Ok(())
}

#[test]
fn outside_a_runtime_it_says_what_to_do() {
    let panic = catch_unwind(|| drop(AsyncFd::new(eventfd(0, EventfdFlags::NONBLOCK).unwrap()))).unwrap_err();
    let message = message_of(&*panic);
    assert!(message.contains("hanol::block_on") && message.contains(file!()), "{message}");
}

#[test]
fn it_may_go_where_what_it_wraps_may() {
    fn goes<T: Send + Sync>() {}
    goes::<AsyncFd<OwnedFd>>();
    goes::<AsyncFdReady<'_, OwnedFd>>();
}

fn count(fd: &OwnedFd) -> io::Result<u64> {
    let mut bytes = [0; 8];
    rustix::io::read(fd, &mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

fn add(fd: &OwnedFd, number: u64) -> io::Result<()> {
    rustix::io::write(fd, &number.to_ne_bytes())?;
    Ok(())
}
