//! Closures that block, on threads of their own.
#![cfg(feature = "blocking")]

mod timing;
mod util;

use std::future::{pending, poll_fn};
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::{self, JoinSet, Unblock, spawn_blocking, unblock, yield_now};
use tokio::sync::oneshot;

use self::timing::{HOUR, ThreadNumber, panic_message, runtime, take_mail};
use self::util::{in_own_process, message_of, polls_of};

/// Says where it is dropped: on which thread, and whether inside a runtime.
struct TellsDrop(mpsc::Sender<(ThreadId, bool)>);

impl Drop for TellsDrop {
    fn drop(&mut self) {
        let inside = Handle::try_current().is_ok();
        self.0.send((thread::current().id(), inside)).unwrap();
    }
}

/// A drop that is told of on this thread, inside a runtime.
fn here() -> (ThreadId, bool) {
    (thread::current().id(), true)
}

/// A closure that says that it runs and then waits until it is let go, and the two ends for that.
fn held<T: Send + 'static>(output: T) -> (impl FnOnce() -> T + Send + 'static, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (started, starts) = mpsc::channel();
    let (go, gate) = mpsc::channel();
    let closure = move || {
        started.send(()).unwrap();
        // Ends also when the other end is dropped.
        let _ = gate.recv();
        output
    };
    (closure, starts, go)
}

/// One thread for all closures, so that a test knows which one waits for its turn.
fn one_thread() {
    blocking::set_max_blocking_threads(NonZeroUsize::MIN);
}

#[hanol::test]
async fn a_closure_runs_on_another_thread_and_the_others_go_on_meanwhile() {
    let strand = thread::current().id();
    let (go, gate) = mpsc::channel();
    let blocks = spawn_blocking(move || {
        gate.recv().unwrap();
        thread::current().id()
    });
    yield_now().await;
    assert!(!blocks.is_finished());
    hanol::spawn(async move { go.send(()).unwrap() }).await.unwrap();
    assert_ne!(blocks.await.unwrap(), strand);
}

#[hanol::test]
async fn a_panic_arrives_at_the_handle() {
    let task = spawn_blocking(|| -> u8 { panic!("in the closure") });
    let id = task.id();
    let error = task.await.unwrap_err();
    assert!(error.is_panic() && error.id() == id);
    assert_eq!(message_of(&*error.into_panic()), "in the closure");
}

#[hanol::test]
async fn a_closure_that_is_awaited_without_a_task_panics_where_it_is_awaited() {
    assert_eq!(unblock(|| 7).await, 7);
    let error = hanol::spawn(async { unblock(|| panic!("in the closure")).await }).await.unwrap_err();
    assert_eq!(message_of(&*error.into_panic()), "in the closure");
}

#[test]
fn a_task_that_is_aborted_before_its_closure_starts_never_runs_it() {
    in_own_process("a_task_that_is_aborted_before_its_closure_starts_never_runs_it", || {
        one_thread();
        hanol::block_on(async {
            let (closure, starts, go) = held(());
            let first = spawn_blocking(closure);
            starts.recv().unwrap();

            let (sender, dropped) = mpsc::channel();
            let tells = TellsDrop(sender);
            let second = spawn_blocking(move || {
                let _tells = tells;
                unreachable!("it was aborted")
            });
            second.abort();
            // What it holds is dropped at once, here.
            assert_eq!(dropped.try_recv().unwrap(), here());
            assert!(second.await.unwrap_err().is_cancelled());

            // So is the closure of a future that is dropped.
            let (sender, dropped) = mpsc::channel();
            let tells = TellsDrop(sender);
            drop(unblock(move || {
                let _tells = tells;
                unreachable!("it was dropped")
            }));
            assert_eq!(dropped.try_recv().unwrap(), here());

            // A detached one waits for its turn and runs.
            let (ran, runs) = oneshot::channel();
            drop(spawn_blocking(|| ran.send(()).unwrap()));
            go.send(()).unwrap();
            first.await.unwrap();
            runs.await.unwrap();
        });
    });
}

#[hanol::test]
async fn a_task_that_is_aborted_while_its_closure_runs_is_cancelled_at_once() {
    let (sender, dropped) = mpsc::channel();
    let (closure, starts, go) = held(TellsDrop(sender));
    let task = spawn_blocking(closure);
    starts.recv().unwrap();
    task.abort();
    assert!(task.await.err().unwrap().is_cancelled());
    assert!(dropped.try_recv().is_err());
    go.send(()).unwrap();
    // What it returns all the same is dropped here.
    loop {
        match dropped.try_recv() {
            Ok(told) => break assert_eq!(told, here()),
            Err(_) => yield_now().await,
        }
    }
}

#[hanol::test]
async fn the_output_of_a_detached_closure_is_dropped_on_the_strand() {
    let (sender, dropped) = mpsc::channel();
    let (closure, starts, go) = held(TellsDrop(sender));
    drop(spawn_blocking(closure));
    starts.recv().unwrap();
    go.send(()).unwrap();
    loop {
        match dropped.try_recv() {
            Ok(told) => break assert_eq!(told, here()),
            Err(_) => yield_now().await,
        }
    }
}

#[test]
fn a_runtime_that_is_dropped_waits_for_closures_that_run_and_drops_the_others() {
    in_own_process("a_runtime_that_is_dropped_waits_for_closures_that_run_and_drops_the_others", || {
        one_thread();
        let runtime = runtime();
        let strand = ThreadNumber::current();
        let (sender, dropped) = mpsc::channel();
        let (closure, starts, go) = held(TellsDrop(sender.clone()));
        let running = runtime.spawn_blocking(closure);
        // It starts although nobody drives the runtime.
        starts.recv().unwrap();
        let queued = TellsDrop(sender);
        let waiting = runtime.spawn_blocking(move || {
            let _queued = queued;
            unreachable!("its turn comes after the shutdown")
        });
        let lets_go = thread::spawn(move || {
            // The one that has not begun does not wait for the one that runs.
            let first = dropped.recv().unwrap();
            strand.wait_until_asleep();
            go.send(()).unwrap();
            (first, dropped)
        });
        drop(runtime);
        let (first, dropped) = lets_go.join().unwrap();
        assert_eq!(first, here());
        assert_eq!(dropped.try_iter().collect::<Vec<_>>(), [here()]);
        hanol::block_on(async {
            assert!(running.await.err().unwrap().is_cancelled());
            assert!(waiting.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_limited_shutdown_does_not_wait_for_a_closure_that_hangs() {
    let shutdowns: [fn(hanol::runtime::Runtime); 3] = [
        |runtime| runtime.shutdown_background(),
        |runtime| runtime.shutdown_timeout(Duration::from_millis(1)),
        // Inside another runtime, that one is not held up.
        |runtime| hanol::block_on(async { runtime.shutdown_background() }),
    ];
    for shut_down in shutdowns {
        let runtime = runtime();
        let (sender, dropped) = mpsc::channel();
        let (task_sender, task_dropped) = mpsc::channel();
        let (closure, starts, go) = held(TellsDrop(sender));
        drop(runtime.spawn_blocking(closure));
        let tells = TellsDrop(task_sender);
        drop(runtime.spawn(async move {
            pending::<()>().await;
            drop(tells);
        }));
        starts.recv().unwrap();
        shut_down(runtime);
        assert_eq!(task_dropped.try_recv().unwrap(), here());
        assert!(dropped.try_recv().is_err());
        go.send(()).unwrap();
        // The runtime's thread is no longer asked.
        let (thread, inside) = dropped.recv().unwrap();
        assert!(thread != here().0 && !inside);
    }
}

#[test]
fn a_limited_shutdown_waits_for_a_closure_that_ends_in_time() {
    let runtime = runtime();
    let strand = ThreadNumber::current();
    let (sender, dropped) = mpsc::channel();
    let (closure, starts, go) = held(TellsDrop(sender));
    drop(runtime.spawn_blocking(closure));
    starts.recv().unwrap();
    let lets_go = thread::spawn(move || {
        strand.wait_until_asleep();
        go.send(()).unwrap();
    });
    runtime.shutdown_timeout(HOUR);
    assert_eq!(dropped.try_recv().unwrap(), here());
    lets_go.join().unwrap();
}

#[test]
fn what_a_closure_leaves_is_dropped_while_the_shutdown_waits_for_others() {
    let runtime = runtime();
    // The second closure waits for the drop of what the first returns.
    let (sender, receiver) = mpsc::channel::<()>();
    let (closure, starts, go) = held(sender);
    drop(runtime.spawn_blocking(closure));
    let both = Arc::new(Barrier::new(2));
    let running = Arc::clone(&both);
    drop(runtime.spawn_blocking(move || {
        running.wait();
        receiver.recv().unwrap_err();
    }));
    both.wait();
    starts.recv().unwrap();
    let strand = ThreadNumber::current();
    let lets_go = thread::spawn(move || {
        strand.wait_until_asleep();
        go.send(()).unwrap();
    });
    drop(runtime);
    lets_go.join().unwrap();
}

#[test]
fn what_a_closure_leaves_may_do_anything_when_it_is_dropped() {
    struct Spawns(mpsc::Sender<&'static str>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let told = self.0.clone();
            let late = spawn_blocking(move || told.send("a closure of a task ran").unwrap());
            assert!(late.is_finished(), "the runtime takes no more tasks");
            let told = self.0.clone();
            drop(hanol::spawn(async move { told.send("a task ran").unwrap() }));
            self.0.send("dropped").unwrap();
            panic!("the output panicked in its drop");
        }
    }
    let runtime = runtime();
    let strand = ThreadNumber::current();
    let (sender, told) = mpsc::channel();
    let (closure, starts, go) = held(Spawns(sender));
    drop(runtime.spawn_blocking(closure));
    starts.recv().unwrap();
    let lets_go = thread::spawn(move || {
        strand.wait_until_asleep();
        go.send(()).unwrap();
    });
    drop(runtime);
    lets_go.join().unwrap();
    assert_eq!(told.iter().collect::<Vec<_>>(), ["dropped"]);
}

#[test]
fn a_closure_that_waits_for_its_runtime_does_not_hold_up_the_end_of_it() {
    let runtime = runtime();
    let handle = runtime.handle();
    let (started, starts) = mpsc::channel();
    let (sender, ended) = mpsc::channel();
    drop(runtime.spawn_blocking(move || {
        started.send(()).unwrap();
        let error = handle.spawn(pending::<()>()).blocking_join().unwrap_err();
        sender.send(error.is_cancelled()).unwrap();
    }));
    starts.recv().unwrap();
    take_mail(&runtime);
    drop(runtime);
    assert!(ended.try_recv().unwrap());
}

#[test]
fn outside_a_runtime_it_panics_and_says_so() {
    for message in [panic_message(|| drop(spawn_blocking(|| {}))), panic_message(|| drop(unblock(|| {})))] {
        assert!(message.contains("there is no hanol runtime on this thread"), "{message}");
    }
}

#[hanol::test]
async fn a_task_is_listed_with_its_name_and_the_line_that_spawned_it() {
    let (closure, starts, go) = held(());
    let line = line!() + 1;
    let task = task::Builder::new().name("blocks").spawn_blocking(closure);
    starts.recv().unwrap();
    yield_now().await;
    let tasks = Handle::current().tasks();
    let blocks = tasks.iter().find(|task| task.name.as_deref() == Some("blocks")).unwrap();
    let waiting = blocks.waiting.as_ref().unwrap();
    assert_eq!((waiting.operation, waiting.resource.as_ref()), ("blocking work", None));
    for location in [waiting.location, blocks.spawned_at] {
        assert_eq!((location.file(), location.line()), (file!(), line));
    }
    go.send(()).unwrap();
    task.await.unwrap();
}

#[test]
fn another_thread_has_the_runtime_hand_a_closure_over() {
    let runtime = runtime();
    let handle = runtime.handle();
    let gone = {
        let runtime = self::timing::runtime();
        runtime.handle()
    };
    let (done, finished) = oneshot::channel::<()>();
    let client = thread::spawn(move || {
        let _done = done;
        assert_eq!(handle.spawn_blocking(|| 7).blocking_join().unwrap(), 7);
        let error = handle.spawn_blocking(|| panic!("in the closure")).blocking_join().unwrap_err();
        assert_eq!(message_of(&*error.into_panic()), "in the closure");
        assert!(gone.spawn_blocking(|| unreachable!()).blocking_join().unwrap_err().is_cancelled());
    });
    runtime.block_on(async { drop(finished.await) });
    client.join().unwrap();
}

#[hanol::test]
async fn a_set_holds_closures_beside_futures() {
    let mut set = JoinSet::new();
    set.spawn(async { 1 });
    set.spawn_blocking(|| 2);
    set.spawn_blocking(|| panic!("the third"));
    let mut sum = 0;
    let mut panics = 0;
    while let Some(joined) = set.join_next().await {
        match joined {
            Ok(output) => sum += output,
            Err(error) => panics += usize::from(error.is_panic()),
        }
    }
    assert_eq!((sum, panics), (3, 1));
}

#[hanol::test]
async fn thousands_of_closures_all_arrive() {
    let ran = Arc::new(AtomicUsize::new(0));
    let mut set = JoinSet::new();
    for number in 0..5_000 {
        let ran = Arc::clone(&ran);
        set.spawn_blocking(move || {
            ran.fetch_add(1, Ordering::Relaxed);
            number
        });
    }
    let mut numbers = set.join_all().await;
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..5_000));
    assert_eq!(ran.load(Ordering::Relaxed), 5_000);
}

#[hanol::test]
async fn results_that_are_all_there_do_not_keep_the_thread() {
    let count = 4 * OPERATIONS_PER_POLL;
    let (ended, ends) = mpsc::channel();
    let results: Vec<Unblock<()>> = (0..count)
        .map(|_| {
            let ended = ended.clone();
            unblock(move || ended.send(()).unwrap())
        })
        .collect();
    ends.iter().take(count as usize).for_each(drop);
    // The last ones may still be on their way from the channel to their result, which costs polls, but no share of one.
    let joiner = task::Builder::new().name("joiner").spawn(async move {
        for result in results {
            result.await;
        }
        polls_of("joiner")
    });
    assert!(joiner.await.unwrap() >= count / OPERATIONS_PER_POLL);
}

#[hanol::test]
async fn a_foreign_waker_that_panics_does_no_harm() {
    struct Panics(mpsc::Sender<()>);
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            self.0.send(()).unwrap();
            panic!("the foreign waker panicked in wake");
        }
    }
    let (closure, starts, go) = held(7);
    let mut result = pin!(unblock(closure));
    starts.recv().unwrap();
    let (woken, wakes) = mpsc::channel();
    let waker = Waker::from(Arc::new(Panics(woken)));
    // The waker of the last poll counts: this one is dropped unused.
    assert!(result.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(result.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    go.send(()).unwrap();
    wakes.recv().unwrap();
    assert_eq!(result.as_mut().await, 7);
    // And the runtime ends, so the closure is no longer counted as running.
}

#[hanol::test]
async fn a_future_that_has_given_its_output_is_not_polled_again() {
    let mut result = unblock(|| 1);
    assert_eq!((&mut result).await, 1);
    poll_fn(|cx| {
        let message = panic_message(|| Pin::new(&mut result).poll(cx));
        assert_eq!(message, "an Unblock was polled after it had given its output");
        Poll::Ready(())
    })
    .await;
}
