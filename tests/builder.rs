//! What a runtime's builder changes: how time is divided, what is called, and what a panic does.

mod util;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use hanol::io::Interest;
use hanol::net::TcpStream;
use hanol::runtime::{Builder, Handle, OPERATIONS_PER_POLL, Runtime, TaskPanic};
use hanol::task::yield_now;
use hanol::time::{sleep, timeout};

use self::util::{message_of, pair, with_builder};

/// Waits for a panic. A test that does not get one fails, instead of hanging.
async fn forever() {
    let _ = timeout(Duration::from_secs(60), pending::<()>()).await;
}

/// Reads bytes that are there already until the budget of the poll is used up, and says how many that were.
async fn reads_in_one_poll() -> io::Result<usize> {
    let (client, server) = pair().await?;
    client.write_all(&[b'x'; 1000]).await?;
    server.readable().await?;
    yield_now().await;
    let read = Cell::new(0);
    let mut reading = std::pin::pin!(async {
        for _ in 0..1000 {
            server.read(&mut [0]).await.expect("the bytes are there");
            read.set(read.get() + 1);
        }
    });
    poll_fn(|cx| {
        assert!(reading.as_mut().poll(cx).is_pending(), "no poll reads all");
        Poll::Ready(())
    })
    .await;
    Ok(read.get())
}

#[test]
fn a_poll_completes_as_many_operations_as_configured() {
    for operations in [1, 7, OPERATIONS_PER_POLL, 500] {
        let runtime = Builder::new().operations_per_poll(operations).build().unwrap();
        assert_eq!(runtime.block_on(reads_in_one_poll()).unwrap(), operations as usize);
    }
    assert_eq!(hanol::block_on(reads_in_one_poll()).unwrap(), OPERATIONS_PER_POLL as usize);
}

#[test]
fn values_that_make_no_sense_are_refused_at_once() {
    let message = |build: fn() -> Builder| message_of(&*catch_unwind(build).unwrap_err());
    assert!(message(|| Builder::new().operations_per_poll(0)).contains("at least one operation"));
    assert!(message(|| Builder::new().operations_per_poll(u32::MAX)).contains("must have a limit"));
    assert!(message(|| Builder::new().event_interval(0)).contains("at least one poll"));
    assert!(message(|| Builder::new().max_io_events_per_tick(0)).contains("at least one event"));
}

#[test]
fn a_contained_panic_ends_its_task_alone() {
    let runtime = Builder::new().on_task_panic(TaskPanic::Contain).build().unwrap();
    drop(runtime.spawn(async { panic!("of a detached task") }));
    let error = runtime.block_on(runtime.spawn(async { panic!("of an awaited task") })).unwrap_err();
    assert_eq!(message_of(&*error.into_panic()), "of an awaited task");
}

#[test]
fn a_propagated_panic_ends_block_on_and_nothing_else() {
    let runtime = Builder::new().on_task_panic(TaskPanic::Propagate).build().unwrap();
    let steps = Rc::new(Cell::new(0));
    let other = runtime.spawn({
        let steps = Rc::clone(&steps);
        async move {
            loop {
                steps.set(steps.get() + 1);
                sleep(Duration::from_millis(1)).await;
            }
        }
    });
    let panicking = runtime.spawn(async {
        yield_now().await;
        panic!("{} is too much", 3)
    });
    let payload = catch_unwind(AssertUnwindSafe(|| runtime.block_on(forever()))).unwrap_err();
    assert_eq!(message_of(&*payload), "3 is too much");

    // The runtime goes on, with the other task. The handle no longer has the panic.
    assert!(panicking.is_finished());
    assert!(runtime.block_on(panicking).unwrap_err().is_cancelled());
    let before = steps.get();
    runtime.block_on(async {
        while steps.get() < before + 3 {
            sleep(Duration::from_millis(1)).await;
        }
    });
    assert!(!other.is_finished());
    assert_eq!(runtime.metrics().tasks, 1);
}

#[test]
fn a_panic_whose_payload_panics_when_it_is_dropped_is_propagated_whole() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(thread::panicking(), "a payload was dropped on the way");
        }
    }
    let runtime = Builder::new().on_task_panic(TaskPanic::Propagate).build().unwrap();
    drop(runtime.spawn(async { std::panic::panic_any(Bomb) }));
    let payload = catch_unwind(AssertUnwindSafe(|| runtime.block_on(forever()))).unwrap_err();
    std::mem::forget(payload.downcast::<Bomb>().unwrap());
}

#[test]
fn hooks_are_called_in_order_and_in_context() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let seen = Arc::clone(&seen);
        move || {
            assert!(Handle::try_current().is_ok(), "{what} is outside the context");
            seen.lock().unwrap().push(what);
        }
    };
    let runtime = Builder::new()
        .on_thread_start(note("start"))
        .on_thread_park(note("park"))
        .on_thread_unpark(note("unpark"))
        .on_thread_stop(note("stop"))
        .build()
        .unwrap();
    runtime.block_on(async {});
    let noted = note("task dropped");
    drop(runtime.spawn(async move {
        struct Guard<F: Fn()>(F);
        impl<F: Fn()> Drop for Guard<F> {
            fn drop(&mut self) {
                (self.0)();
            }
        }
        let _guard = Guard(noted);
        pending::<()>().await;
    }));
    assert_eq!(*seen.lock().unwrap(), ["start"]);
    runtime.block_on(sleep(Duration::from_millis(1)));
    let parks = runtime.metrics().parks;
    drop(runtime);

    let seen = seen.lock().unwrap();
    let (first, last) = (&seen[0], &seen[seen.len() - 2..]);
    assert_eq!((*first, last), ("start", &["task dropped", "stop"][..]));
    let sleeps = &seen[1..seen.len() - 2];
    assert!(parks > 0 && sleeps.len() as u64 >= 2 * parks);
    assert!(sleeps.chunks(2).all(|pair| pair == ["park", "unpark"]), "{sleeps:?}");
}

#[test]
fn what_a_park_hook_wakes_is_done_before_the_thread_sleeps() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let hook = move || {
        if counted.fetch_add(1, Ordering::Relaxed) == 0 {
            drop(hanol::spawn(async { STEPS.set(STEPS.get() + 1) }));
        }
    };
    thread_local!(static STEPS: Cell<u32> = const { Cell::new(0) });
    let runtime = Builder::new().on_thread_park(hook).build().unwrap();
    runtime.block_on(poll_fn(|cx| {
        if STEPS.get() == 1 {
            return Poll::Ready(());
        }
        // It waits for nothing but the task of the hook, which then has to run without an event.
        if calls.load(Ordering::Relaxed) == 0 {
            let waker = cx.waker().clone();
            drop(hanol::spawn(async move {
                while STEPS.get() == 0 {
                    sleep(Duration::from_millis(1)).await;
                }
                waker.wake();
            }));
        }
        Poll::Pending
    }));
    assert!(calls.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_hook_that_panics_ends_block_on_and_leaves_the_runtime_usable() {
    let armed = Arc::new(AtomicUsize::new(1));
    let counted = Arc::clone(&armed);
    let hook = move || assert!(counted.swap(0, Ordering::Relaxed) == 0, "the hook has had enough");
    let runtime = Builder::new().on_thread_unpark(hook).on_thread_stop(|| panic!("at the very end")).build().unwrap();
    let nap = || runtime.block_on(sleep(Duration::from_millis(1)));
    let payload = catch_unwind(AssertUnwindSafe(nap)).unwrap_err();
    assert_eq!(message_of(&*payload), "the hook has had enough");
    nap();
    drop(runtime);
}

#[test]
fn a_start_hook_that_panics_leaves_no_runtime() {
    let build = || Builder::new().on_thread_start(|| panic!("no start")).build();
    assert_eq!(message_of(&*catch_unwind(build).unwrap_err()), "no start");
    assert!(Handle::try_current().is_err());
    hanol::block_on(async {});
}

#[test]
fn a_thread_of_its_own_has_the_name_and_gives_the_output() {
    let thread = Builder::new()
        .thread_name("strand-7")
        .thread_stack_size(256 * 1024)
        .spawn_thread(|| async {
            yield_now().await;
            // Neither what it awaits nor what it holds need be `Send`.
            let held = Rc::new(thread::current().name().map(str::to_owned));
            yield_now().await;
            Rc::into_inner(held).unwrap()
        })
        .unwrap();
    assert_eq!(thread.thread().name(), Some("strand-7"));
    let handle = thread.handle().clone();
    assert_eq!(thread.join().unwrap().as_deref(), Some("strand-7"));
    assert!(!handle.is_open());
}

#[test]
fn the_panic_of_a_thread_of_its_own_is_given_by_join() {
    let thread = Builder::new().spawn_thread(|| async { panic!("in the future") }).unwrap();
    assert_eq!(message_of(&*thread.join().unwrap_err()), "in the future");
    let thread = Builder::new().spawn_thread(|| -> std::future::Ready<()> { panic!("before the future") }).unwrap();
    assert_eq!(message_of(&*thread.join().unwrap_err()), "before the future");
    let error = Builder::new().on_thread_start(|| panic!("no start")).spawn_thread(|| async {}).unwrap_err();
    assert!(error.to_string().contains("before the runtime was there"), "{error}");
}

async fn ping_pong(runtime: &Runtime, rounds: usize) -> io::Result<()> {
    let (client, server) = pair().await?;
    let echo = runtime.spawn(async move {
        let mut byte = [0];
        while server.read(&mut byte).await? > 0 {
            server.write_all(&byte).await?;
        }
        io::Result::Ok(())
    });
    for round in 0..rounds {
        let sent = [round as u8];
        client.write_all(&sent).await?;
        let mut back = [0];
        client.read_exact(&mut back).await?;
        assert_eq!(back, sent);
    }
    client.shutdown(std::net::Shutdown::Write)?;
    echo.await.expect("the echo neither panics nor is aborted")
}

#[test]
fn a_runtime_that_looks_before_it_sleeps_does_the_same_work() {
    let looking = Builder::new().busy_poll(Duration::from_millis(1));
    with_builder(looking, async |runtime| {
        ping_pong(runtime, 1000).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        // Another thread is heard as well, while the runtime looks and while it sleeps.
        for pause in [0, 3] {
            let (sender, receiver) = futures_channel::oneshot::channel();
            let peer = thread::spawn(move || {
                thread::sleep(Duration::from_millis(pause));
                sender.send(pause)
            });
            assert_eq!(receiver.await, Ok(pause));
            peer.join().unwrap().unwrap();
        }
    });
}

#[test]
fn an_idle_runtime_that_may_look_sleeps_all_the_same() {
    let looking = Builder::new().busy_poll(Duration::from_millis(2));
    with_builder(looking, async |runtime| {
        let (_client, server) = pair().await.unwrap();
        let waiting = runtime.spawn(async move { server.read(&mut [0]).await });
        for _ in 0..16 {
            sleep(Duration::from_millis(5)).await;
        }
        // It looked for 2 ms at first, which is more than a thousand times, and now for some microseconds at most.
        let before = runtime.metrics();
        for _ in 0..5 {
            sleep(Duration::from_millis(5)).await;
        }
        let after = runtime.metrics();
        let (polls, parks) = (after.polls - before.polls, after.parks - before.parks);
        assert!(parks >= 5 && polls <= 50 * parks, "{polls} looks for {parks} sleeps");
        drop(waiting);
    });
}

#[test]
fn a_builder_is_send_and_can_be_used_again() {
    fn is_send<T: Send + Clone>(value: T) -> T {
        value
    }
    let builder = is_send(Builder::new().event_interval(3));
    for _ in 0..2 {
        let runtime = builder.clone().build().unwrap();
        runtime.block_on(async {
            let (client, _server): (TcpStream, TcpStream) = pair().await.unwrap();
            assert!(client.ready(Interest::WRITABLE).await.unwrap().is_writable());
        });
    }
    assert!(format!("{builder:?}").contains("polls_per_turn: 3"));
}
