//! Runtimes: used again and again, several of them at once, and dropped with everything alive.

mod timing;

#[path = "runtime/handles.rs"]
mod handles;
#[path = "runtime/shutdown.rs"]
mod shutdown;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::thread;

use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Builder, Handle, Runtime};
use hanol::task::{JoinHandle, yield_now};
use hanol::time::{sleep, timeout};

use self::timing::{HOUR, millis, panic_message, runtime, take_mail};

/// A byte there and back, and some time: what a runtime is for.
async fn assert_works() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = hanol::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        stream.write_all(&byte).await.unwrap();
        assert!(stream.read(&mut byte).await.is_err());
    });
    let client = TcpStream::connect(addr).await.unwrap();
    // Closed by a reset: the system keeps none of so many in mind.
    client.set_zero_linger().unwrap();
    sleep(millis(1)).await;
    client.write_all(&[7]).await.unwrap();
    let mut byte = [0];
    client.read_exact(&mut byte).await.unwrap();
    assert_eq!(byte, [7]);
    // The server closes after the client.
    drop(client);
    server.await.unwrap();
}

#[test]
fn tasks_survive_between_two_block_ons() {
    let runtime = runtime();
    let steps = Rc::new(Cell::new(0));
    let task = runtime.spawn({
        let steps = Rc::clone(&steps);
        async move {
            for _ in 0..3 {
                steps.set(steps.get() + 1);
                sleep(millis(1)).await;
            }
            "done"
        }
    });
    assert_eq!(steps.get(), 0, "nothing runs before somebody blocks");
    runtime.block_on(yield_now());
    assert_eq!((steps.get(), runtime.metrics().tasks), (1, 1));
    // Time passes for timers also while nobody blocks.
    thread::sleep(millis(2));
    assert_eq!(steps.get(), 1);
    assert_eq!(runtime.block_on(task).unwrap(), "done");
    assert_eq!((steps.get(), runtime.metrics().tasks), (3, 0));
}

#[test]
fn sockets_survive_between_two_block_ons() {
    let runtime = runtime();
    let (client, server) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, listener.accept().await.unwrap().0)
    });
    let reader = runtime.spawn(async move {
        let mut byte = [0];
        server.read_exact(&mut byte).await.unwrap();
        byte[0]
    });
    runtime.block_on(yield_now());
    assert_eq!(runtime.metrics().waiters, 1);
    runtime.block_on(client.write_all(&[9])).unwrap();
    assert_eq!(runtime.block_on(reader).unwrap(), 9);
}

#[test]
fn the_future_of_block_on_may_borrow() {
    let runtime = runtime();
    let mut text = String::from("borrowed");
    let length = runtime.block_on(async {
        text.push('!');
        yield_now().await;
        text.len()
    });
    assert_eq!(length, text.len());
}

#[test]
fn a_wake_for_an_earlier_block_on_does_not_reach_a_later_one() {
    let runtime = runtime();
    let old = runtime.block_on(std::future::poll_fn(|cx| std::task::Poll::Ready(cx.waker().clone())));
    let polls = Cell::new(0);
    runtime.block_on(async {
        let mut sleep = sleep(millis(5));
        std::future::poll_fn(|cx| {
            polls.set(polls.get() + 1);
            old.wake_by_ref();
            std::pin::Pin::new(&mut sleep).poll(cx)
        })
        .await;
    });
    assert_eq!(polls.get(), 2, "the second poll is the timer's");
}

/// Rule 7.
#[test]
fn block_on_inside_block_on_panics_and_changes_nothing() {
    const MESSAGE: &str = "await the future, or spawn it as a task, instead of calling block_on";
    let (outer, other) = (runtime(), runtime());
    outer.block_on(async {
        let here = Handle::current();
        let before = outer.metrics();
        for message in [
            panic_message(|| hanol::block_on(async { unreachable!() })),
            panic_message(|| outer.block_on(async { unreachable!() })),
            panic_message(|| other.block_on(async { unreachable!() })),
        ] {
            assert!(message.contains(MESSAGE), "{message}");
            assert_eq!(Handle::current(), here);
        }
        assert_eq!(outer.metrics(), before);

        let nested = hanol::spawn(async { hanol::block_on(async {}) }).await.unwrap_err();
        let payload = nested.into_panic();
        assert!(payload.downcast_ref::<&str>().is_some_and(|message| message.contains(MESSAGE)));
        assert_works().await;
    });
    other.block_on(assert_works());
}

#[test]
fn a_panic_in_block_on_leaves_the_runtime_usable() {
    let runtime = runtime();
    let task = runtime.spawn(async {
        sleep(millis(2)).await;
        "survived"
    });
    let message = panic_message(|| {
        runtime.block_on(async {
            let _armed = timeout(millis(1), pending::<()>()).await;
            panic!("on purpose")
        })
    });
    assert_eq!(message, "on purpose");
    assert!(Handle::try_current().is_err(), "the context was left");
    runtime.block_on(assert_works());
    assert_eq!(runtime.block_on(task).unwrap(), "survived");
}

#[test]
fn a_panic_in_a_task_ends_that_task_alone() {
    let runtime = runtime();
    let failing: JoinHandle<()> = runtime.spawn(async {
        sleep(millis(1)).await;
        panic!("on purpose")
    });
    runtime.block_on(assert_works());
    assert!(runtime.block_on(failing).unwrap_err().is_panic());
    runtime.block_on(assert_works());
}

#[test]
fn two_runtimes_take_turns_on_one_thread() {
    let (first, second) = (runtime(), runtime());
    assert_ne!(first.handle(), second.handle());
    let of_second = second.spawn(async {
        sleep(millis(1)).await;
        yield_now().await;
        "of the second"
    });
    // The join handle of one runtime is awaited in the other, which is woken by it.
    let of_first = first.spawn(async { of_second.await.unwrap() });
    first.block_on(yield_now());
    second.block_on(yield_now());
    assert!(!of_first.is_finished());
    while second.metrics().tasks > 0 {
        second.block_on(sleep(millis(1)));
    }
    assert_eq!(first.block_on(of_first).unwrap(), "of the second");
}

#[test]
fn the_runtime_that_was_entered_last_takes_tasks_and_timers() {
    let (first, second) = (runtime(), runtime());
    assert!(Handle::try_current().is_err());
    {
        let _first = first.enter();
        assert_eq!(Handle::current(), first.handle());
        {
            let _second = second.enter();
            assert_eq!(Handle::current(), second.handle());
            drop(hanol::spawn(async {}));
        }
        assert_eq!(Handle::current(), first.handle());
        drop(hanol::spawn(async {}));
        drop(hanol::spawn(async {}));
    }
    assert!(Handle::try_current().is_err());
    assert_eq!((first.metrics().tasks, second.metrics().tasks), (2, 1));
    first.block_on(async {
        yield_now().await;
        let _second = second.enter();
        drop(hanol::spawn(async {}));
    });
    assert_eq!((first.metrics().tasks, second.metrics().tasks), (0, 2));
    second.block_on(yield_now());
    assert_eq!(second.metrics().tasks, 0);
}

#[test]
fn a_task_is_aborted_from_another_runtime_of_its_thread() {
    let (first, second) = (runtime(), runtime());
    let task = first.spawn(async { sleep(HOUR).await });
    first.block_on(yield_now());
    assert_eq!(first.metrics().timers, 1);
    second.block_on(async {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(first.metrics().tasks, 0);
    take_mail(&first);
    assert_eq!(first.metrics().timers, 0);
}

#[test]
fn runtimes_run_on_many_threads_at_once() {
    let threads: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn(|| {
                for _ in 0..20 {
                    hanol::block_on(async {
                        let tasks: Vec<_> = (0..5).map(|_| hanol::spawn(assert_works())).collect();
                        for task in tasks {
                            task.await.unwrap();
                        }
                    });
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_runtime_may_live_in_a_thread_local() {
    thread_local! {
        static RUNTIME: Runtime = Runtime::new().unwrap();
    }
    let thread = thread::spawn(|| {
        RUNTIME.with(|runtime| {
            runtime.block_on(assert_works());
            // They are dropped with the runtime, at the exit of the thread.
            drop(runtime.spawn(async { timeout(HOUR, pending::<()>()).await }));
            drop(runtime.spawn(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                listener.accept().await.unwrap();
            }));
            runtime.block_on(yield_now());
        });
    });
    thread.join().unwrap();
}

#[test]
fn a_builder_refuses_limits_of_zero() {
    let message = panic_message(|| Builder::new().event_interval(0));
    assert_eq!(message, "the event interval must be at least one poll");
    let message = panic_message(|| Builder::new().max_io_events_per_tick(0));
    assert_eq!(message, "the event buffer must hold at least one event");
}

#[test]
fn the_smallest_limits_work() {
    let runtime = Builder::new().event_interval(1).max_io_events_per_tick(1).build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..20).map(|_| hanol::spawn(assert_works())).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn the_metrics_count_what_is_there() {
    let runtime = runtime();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut sleep = sleep(HOUR);
        assert_eq!(runtime.metrics(), hanol::runtime::Metrics::default());
        let task = hanol::spawn(async move { listener.accept().await.map(drop) });
        assert!(poll!(&mut sleep).is_pending());
        yield_now().await;
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.registrations, metrics.waiters, metrics.timers), (1, 1, 1, 1));
        task.abort();
        drop(sleep);
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.registrations, metrics.waiters, metrics.timers), (0, 0, 0, 0));
    });
}
