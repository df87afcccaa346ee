//! Signals, sent to this process by itself. Each test has its own signal, since every listener of a process hears it.

#![cfg(feature = "signal")]

mod util;

use std::future::pending;
use std::io;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_util::poll;
use hanol::runtime::Handle;
use hanol::signal::ctrl_c;
use hanol::signal::unix::{Signal, SignalKind, signal};
use hanol::task::yield_now;
use rustix::process::{Signal as Number, getpid, kill_process};

use self::util::{in_own_process, message_of, open_descriptors};

/// Real-time signals, which nothing else in a test's process uses.
fn real_time(offset: i32) -> SignalKind {
    SignalKind::from_raw(40 + offset)
}

/// Sends a signal to this process. It has been handled when this returns: the system delivers a signal that a thread sends
/// to its own process before `kill` returns, unless other threads take it.
fn send(kind: SignalKind) {
    signal_hook::low_level::raise(kind.as_raw_value()).expect("the signal can be sent");
}

#[hanol::test]
async fn a_signal_is_received_as_often_as_it_is_waited_for() -> io::Result<()> {
    let mut listener = signal(real_time(0))?;
    assert_eq!(listener.kind(), real_time(0));
    for _ in 0..3 {
        send(real_time(0));
        assert_eq!(listener.recv().await, Some(()));
        assert!(poll!(pin!(listener.recv())).is_pending());
    }
    Ok(())
}

#[hanol::test]
async fn signals_that_come_before_the_wait_count_as_one() -> io::Result<()> {
    let mut listener = signal(real_time(1))?;
    for count in [2, 63, 64, 65, 128, 1000] {
        (0..count).for_each(|_| send(real_time(1)));
        assert_eq!(listener.recv().await, Some(()));
        assert!(poll!(pin!(listener.recv())).is_pending(), "after {count}");
    }
    Ok(())
}

#[hanol::test]
async fn a_wait_that_is_given_up_loses_no_signal() -> io::Result<()> {
    let mut listener = signal(real_time(2))?;
    {
        let mut waiting = Box::pin(listener.recv());
        assert!(poll!(&mut waiting).is_pending());
        send(real_time(2));
    }
    assert_eq!(listener.recv().await, Some(()));
    Ok(())
}

#[hanol::test]
async fn every_listener_hears_of_a_signal() -> io::Result<()> {
    let mut listeners: Vec<Signal> = (0..100).map(|_| signal(real_time(3))).collect::<Result<_, _>>()?;
    drop(listeners.swap_remove(50));
    let tasks: Vec<_> =
        listeners.into_iter().map(|mut listener| hanol::spawn(async move { listener.recv().await })).collect();
    yield_now().await;
    send(real_time(3));
    for task in tasks {
        assert_eq!(task.await.unwrap(), Some(()));
    }
    Ok(())
}

#[test]
fn runtimes_on_several_threads_hear_of_a_signal() {
    let (sender, ready) = mpsc::channel();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let sender = sender.clone();
            thread::spawn(move || {
                hanol::block_on(async {
                    let mut listener = signal(real_time(4)).unwrap();
                    let received = hanol::spawn(async move { listener.recv().await });
                    yield_now().await;
                    sender.send(()).unwrap();
                    received.await.unwrap()
                })
            })
        })
        .collect();
    (0..4).for_each(|_| ready.recv().unwrap());
    send(real_time(4));
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Some(()));
    }
}

#[hanol::test]
async fn a_signal_from_another_thread_wakes_a_runtime_that_sleeps() -> io::Result<()> {
    let mut listener = signal(SignalKind::user_defined2())?;
    let handle = Handle::current();
    let sender = thread::spawn(move || {
        // The list is made between two polls, so the runtime is about to sleep, or sleeps.
        while !handle.tasks().to_string().contains("signal (number 12)") {}
        kill_process(getpid(), Number::USR2)
    });
    assert_eq!(listener.recv().await, Some(()));
    sender.join().unwrap()?;
    Ok(())
}

#[hanol::test]
async fn a_wait_shows_which_signal_and_where() -> io::Result<()> {
    let mut listener = signal(real_time(5))?;
    let task = hanol::spawn(async move { listener.recv().await });
    yield_now().await;
    let list = Handle::current().tasks().to_string();
    let expected = format!("waiting: signal (number 45) at {}:{}", file!(), line!() - 3);
    assert!(list.contains(&expected), "{list}");
    task.abort();
    Ok(())
}

#[hanol::test]
async fn a_listener_polled_by_hand_wakes_its_last_caller() -> io::Result<()> {
    let mut listener = signal(real_time(6))?;
    assert!(listener.poll_recv(&mut Context::from_waker(Waker::noop())).is_pending());
    let waiting = hanol::spawn(std::future::poll_fn(move |cx| listener.poll_recv(cx)));
    yield_now().await;
    send(real_time(6));
    assert_eq!(waiting.await.unwrap(), Some(()));
    Ok(())
}

#[test]
fn a_listener_made_outside_a_runtime_is_usable_in_one() {
    let mut listener = signal(real_time(7)).unwrap();
    send(real_time(7));
    assert_eq!(hanol::block_on(async { listener.recv().await }), Some(()));
}

#[test]
fn a_listener_used_in_a_second_runtime_says_so() {
    let mut listener = signal(real_time(8)).unwrap();
    let first = hanol::runtime::Runtime::new().unwrap();
    first.block_on(async { assert!(poll!(pin!(listener.recv())).is_pending()) });
    let second = || hanol::block_on(listener.recv());
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(second)).unwrap_err();
    let message = message_of(&*payload);
    assert!(message.contains("signal 48 cannot be used here"), "{message}");
}

#[test]
fn signals_that_cannot_be_listened_to_are_an_error() {
    for number in [4, 8, 9, 11, 19] {
        let error = signal(SignalKind::from_raw(number)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), format!("signal {number} cannot be listened to"));
    }
    for number in [0, -1, 65, i32::MAX, i32::MIN] {
        assert_eq!(signal(number.into()).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{number}");
    }
}

#[test]
fn the_kinds_are_the_systems_numbers() {
    let kinds = [
        (SignalKind::hangup(), 1),
        (SignalKind::interrupt(), 2),
        (SignalKind::quit(), 3),
        (SignalKind::user_defined1(), 10),
        (SignalKind::user_defined2(), 12),
        (SignalKind::pipe(), 13),
        (SignalKind::alarm(), 14),
        (SignalKind::terminate(), 15),
        (SignalKind::child(), 17),
        (SignalKind::window_change(), 28),
        (SignalKind::io(), 29),
    ];
    for (kind, number) in kinds {
        assert_eq!((i32::from(kind), SignalKind::from(number)), (number, kind));
    }
}

#[test]
fn ctrl_c_listens_from_the_first_poll() {
    in_own_process("ctrl_c_listens_from_the_first_poll", || {
        hanol::block_on(async {
            let mut first = pin!(ctrl_c());
            assert!(poll!(&mut first).is_pending());
            send(SignalKind::interrupt());
            first.await.unwrap();
            // The process is still there, and hears the next one only when it listens again.
            send(SignalKind::interrupt());
            let mut second = pin!(ctrl_c());
            assert!(poll!(&mut second).is_pending());
            send(SignalKind::interrupt());
            second.await.unwrap();
        });
    });
}

#[test]
fn listeners_leave_no_descriptors_behind() {
    in_own_process("listeners_leave_no_descriptors_behind", || {
        let before = open_descriptors();
        for _ in 0..1000 {
            drop(signal(real_time(9)).unwrap());
        }
        assert_eq!(open_descriptors(), before);
        hanol::block_on(async {
            let within = open_descriptors();
            for _ in 0..100 {
                let mut listener = signal(real_time(9)).unwrap();
                assert!(poll!(pin!(listener.recv())).is_pending());
                let task = hanol::spawn(async move { listener.recv().await });
                yield_now().await;
                task.abort();
                drop(task);
            }
            assert_eq!(open_descriptors(), within);
        });
    });
}

#[test]
fn without_descriptors_listening_is_an_error_and_nothing_is_left() {
    in_own_process("without_descriptors_listening_is_an_error_and_nothing_is_left", || {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let before = open_descriptors();
        let limit = getrlimit(Resource::Nofile);
        // One descriptor is free, and a listener takes two.
        let next = std::fs::File::open("/dev/null").unwrap().as_raw_fd() as u64;
        let full = Rlimit { current: Some(next + 1), maximum: limit.maximum };
        setrlimit(Resource::Nofile, full).unwrap();
        let error = signal(real_time(10)).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(24), "{error}");
        setrlimit(Resource::Nofile, limit).unwrap();
        assert_eq!(open_descriptors(), before);
        assert!(signal(real_time(10)).is_ok());
    });
}

#[test]
fn a_listener_may_outlive_its_runtime() {
    let mut listener = signal(real_time(11)).unwrap();
    hanol::block_on(async {
        assert!(poll!(pin!(listener.recv())).is_pending());
    });
    send(real_time(11));
    drop(listener);
    let polled = hanol::block_on(async {
        let mut another = signal(real_time(11)).unwrap();
        drop(hanol::spawn(pending::<()>()));
        matches!(poll!(pin!(another.recv())), Poll::Pending)
    });
    assert!(polled, "a signal from before the listener was received");
}
