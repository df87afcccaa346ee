//! Sets of tasks in whole runtimes: with time, sockets, names and numbers. The executor's own tests have the rest.

mod timing;

use std::collections::HashSet;
use std::future::{pending, poll_fn};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::Handle;
use hanol::task::{Builder, JoinSet, yield_now};
use hanol::time::{sleep, sleep_until, timeout};

use self::timing::{HOUR, millis, panic_message, runtime};

#[hanol::test]
async fn tasks_are_joined_in_the_order_of_their_deadlines() {
    let now = hanol::time::Instant::now();
    let mut set = JoinSet::new();
    for after in [30, 10, 50, 20, 40] {
        set.spawn(async move {
            sleep_until(now + millis(after)).await;
            after
        });
    }
    let mut order = Vec::new();
    while let Some(after) = set.join_next().await {
        order.push(after.unwrap());
    }
    assert_eq!(order, [10, 20, 30, 40, 50]);
}

#[hanol::test]
async fn waiting_for_the_next_task_can_be_given_up() {
    let mut set = JoinSet::new();
    set.spawn(sleep(millis(20)));
    assert!(timeout(Duration::ZERO, set.join_next()).await.is_err());
    assert!(set.join_next().await.is_some_and(|joined| joined.is_ok()));
    assert!(set.join_next().await.is_none());
}

#[hanol::test]
async fn every_second_of_ten_thousand_tasks_panics_and_each_is_joined_once() {
    let mut set = JoinSet::new();
    let mut ids = HashSet::new();
    for number in 0..10_000_usize {
        let member = set.spawn(async move {
            if number % 3 == 0 {
                yield_now().await;
            }
            if number % 2 == 1 {
                // Like a panic, but without ten thousand messages.
                resume_unwind(Box::new(number));
            }
            number
        });
        assert!(ids.insert(member.id()));
    }
    let (mut outputs, mut panics) = (Vec::new(), Vec::new());
    while let Some(joined) = set.join_next_with_id().await {
        let id = match joined {
            Ok((id, number)) => {
                outputs.push(number);
                id
            }
            Err(error) => {
                let id = error.id();
                panics.push(*error.into_panic().downcast::<usize>().unwrap());
                id
            }
        };
        assert!(ids.remove(&id), "{id} was joined before");
    }
    assert!(ids.is_empty());
    outputs.sort_unstable();
    panics.sort_unstable();
    assert!(outputs.into_iter().eq((0..10_000).step_by(2)));
    assert!(panics.into_iter().eq((0..10_000).skip(1).step_by(2)));
}

#[hanol::test]
async fn a_set_says_which_task_it_was() {
    let mut set = JoinSet::new();
    let first = set.spawn(async { 1 }).id();
    let second = set.build_task().name("second").spawn(async {
        yield_now().await;
        2
    });
    let stuck = set.spawn(pending());
    assert!(set.try_join_next_with_id().is_none());
    let tasks = Handle::current().tasks();
    assert!(tasks.iter().any(|task| task.name.as_deref() == Some("second") && task.id == second.id()));
    assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (first, 1));
    assert_eq!(poll_fn(|cx| set.poll_join_next_with_id(cx)).await.unwrap().unwrap(), (second.id(), 2));
    stuck.abort();
    let error = set.try_join_next_with_id().unwrap().unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(error.id(), stuck.id());
    assert!(set.join_next_with_id().await.is_none());
}

#[hanol::test]
async fn who_waits_for_a_set_is_listed_with_the_line() {
    let waits = Builder::new().name("waits").spawn(async {
        let mut set = JoinSet::new();
        set.spawn(pending::<()>());
        set.join_next_with_id().await
    });
    let line = line!() - 2;
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|task| task.name.as_deref() == Some("waits")).unwrap().waiting.clone().unwrap();
    assert_eq!((waiting.operation, waiting.location.file(), waiting.location.line()), ("join", file!(), line));
    assert!(waiting.resource.unwrap().starts_with("task "));
    waits.abort();
}

#[test]
fn a_set_takes_tasks_of_another_runtime_of_the_thread() {
    let (one, other) = (runtime(), runtime());
    let mut set = JoinSet::new();
    one.block_on(async {
        set.spawn_on(async { Handle::current() }, other.handle());
        set.spawn_on(async { Handle::current() }, &one.handle());
        assert_eq!(set.join_next().await.unwrap().unwrap(), one.handle());
        assert!(set.try_join_next().is_none());
    });
    other.block_on(async { assert_eq!(set.join_next().await.unwrap().unwrap(), other.handle()) });

    let gone = runtime().handle();
    let here = one.handle();
    let on_another_thread = move || panic_message(|| JoinSet::new().spawn_on(async {}, &here));
    for message in [
        panic_message(|| set.spawn_on(async { unreachable!() }, &gone)),
        thread::spawn(on_another_thread).join().unwrap(),
    ] {
        assert!(message.contains("on another thread, or gone"), "{message}");
    }
    assert!(set.is_empty());
}

#[hanol::test]
async fn a_set_is_extended() {
    let mut set: JoinSet<u32> = [1, 2].into_iter().map(std::future::ready).collect();
    set.extend([3, 4].map(std::future::ready));
    assert_eq!(set.join_all().await, [1, 2, 3, 4]);
}

#[hanol::test]
async fn a_waker_that_uses_the_set_when_it_is_cloned_or_dropped_does_no_harm() {
    // A member's end wakes a foreign waker, whose wake spawns, and whose drop spawns too.
    struct Spawns(hanol::runtime::Handle);
    impl Wake for Spawns {
        fn wake(self: Arc<Self>) {
            drop(hanol::spawn(async {}));
            assert_eq!(Handle::current(), self.0);
        }
    }
    impl Drop for Spawns {
        fn drop(&mut self) {
            drop(hanol::spawn(async {}));
        }
    }
    let mut set = JoinSet::new();
    set.spawn(yield_now());
    for _ in 0..3 {
        let waker = Waker::from(Arc::new(Spawns(Handle::current())));
        assert!(set.poll_join_next(&mut Context::from_waker(&waker)).is_pending());
    }
    while set.try_join_next().is_none() {
        yield_now().await;
    }
    assert!(set.is_empty());
}

#[test]
fn a_set_that_is_dropped_takes_timers_and_sockets_along() {
    let runtime = runtime();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut set = JoinSet::new();
        for _ in 0..10 {
            let client = TcpStream::connect(addr).await.unwrap();
            set.spawn(async move {
                let _waits = timeout(HOUR, client.read(&mut [0])).await;
            });
        }
        yield_now().await;
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.timers, metrics.waiters), (10, 10, 10));
        drop(set);
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.timers, metrics.waiters), (0, 0, 0));
        // Each of them was closed.
        for _ in 0..10 {
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
        }
    });
}
