//! Tasks that are spawned from other threads, and their handles.

mod timing;
mod util;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use hanol::runtime::{Handle, Metrics};
use hanol::task::{RemoteJoinHandle, yield_now};
use hanol::time::sleep;
use tokio::sync::oneshot;

use self::timing::{CountingWaker, HOUR, ThreadNumber, panic_message, runtime, take_mail};

/// Runs a runtime on this thread while `client` uses it from another one.
fn with_client<R: Send + 'static>(client: impl FnOnce(Handle) -> R + Send + 'static) -> R {
    let runtime = runtime();
    let handle = runtime.handle();
    let (done, finished) = oneshot::channel::<()>();
    let client = thread::spawn(move || {
        // Dropped also when the client panics.
        let _done = done;
        client(handle)
    });
    runtime.block_on(async { drop(finished.await) });
    client.join().unwrap()
}

/// Sends the number of the thread on which it is dropped.
struct TellsThread(mpsc::Sender<ThreadId>);

impl Drop for TellsThread {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
    }
}

#[test]
fn a_task_from_another_thread_runs_on_the_strand_and_its_output_comes_back() {
    let strand = thread::current().id();
    let output = with_client(move |handle| {
        let task = handle.spawn(async move {
            assert_eq!(thread::current().id(), strand);
            sleep(Duration::ZERO).await;
            // What never leaves the poll need not be `Send`.
            Rc::new(String::from("back")).to_string()
        });
        task.blocking_join()
    });
    assert_eq!(output.unwrap(), "back");
}

#[test]
fn a_handle_is_awaited_in_another_runtime_and_listed_there() {
    let output = with_client(|handle| {
        let (go, gate) = oneshot::channel::<()>();
        let line = line!() + 1;
        let task = handle.spawn(async {
            gate.await.unwrap();
            7
        });
        hanol::block_on(async move {
            let looking = hanol::spawn(async move {
                let tasks = Handle::current().tasks();
                go.send(()).unwrap();
                let waiting = tasks[0].waiting.as_ref().unwrap();
                assert_eq!((waiting.operation, waiting.resource.as_ref()), ("join", None));
                assert_eq!((waiting.location.file(), waiting.location.line()), (file!(), line));
            });
            let output = task.await.unwrap();
            looking.await.unwrap();
            output
        })
    });
    assert_eq!(output, 7);
}

#[hanol::test]
async fn on_the_runtimes_own_thread_it_works_too_and_the_task_is_named() {
    let (go, gate) = oneshot::channel::<()>();
    let task = Handle::current().spawn(async { gate.await.unwrap() });
    assert!(task.id().is_none());
    while task.id().is_none() {
        sleep(Duration::ZERO).await;
    }
    let named = format!("task {}", task.id().unwrap());
    let looking = hanol::spawn(async move {
        let tasks = Handle::current().tasks();
        go.send(()).unwrap();
        assert_eq!(tasks[0].waiting.as_ref().unwrap().resource, Some(named));
    });
    task.await.unwrap();
    looking.await.unwrap();
}

#[test]
fn a_panic_arrives_at_the_handle_with_the_tasks_identity() {
    with_client(|handle| {
        let error = handle.spawn(async { panic!("over there") }).blocking_join().unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.to_string(), format!("task {} panicked: over there", error.id()));
        assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "over there");
    });
}

#[test]
fn an_abort_reaches_a_task_that_waits() {
    let strand = thread::current().id();
    with_client(move |handle| {
        let (sender, dropped) = mpsc::channel();
        let (started, starts) = mpsc::channel();
        let tells = TellsThread(sender);
        let task = handle.spawn(async move {
            let _tells = tells;
            started.send(()).unwrap();
            pending::<()>().await;
        });
        starts.recv().unwrap();
        assert!(!task.is_finished() && task.id().is_some());
        task.abort();
        assert!(task.blocking_join().unwrap_err().is_cancelled());
        assert_eq!(dropped.recv().unwrap(), strand);
    });
}

#[test]
fn a_task_that_is_aborted_before_the_runtime_took_it_in_is_never_polled() {
    let runtime = runtime();
    let handle = runtime.handle();
    let (sender, dropped) = mpsc::channel();
    let tells = TellsThread(sender);
    let task = thread::spawn(move || {
        let task = handle.spawn(async move {
            let _tells = tells;
            unreachable!("it was aborted")
        });
        task.abort();
        assert!(!task.is_finished());
        task
    });
    let task: RemoteJoinHandle<()> = task.join().unwrap();
    take_mail(&runtime);
    assert!(task.is_finished());
    assert_eq!(dropped.recv().unwrap(), thread::current().id());
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn no_abort_is_lost_that_comes_while_the_task_is_taken_in() {
    with_client(|handle| {
        for _ in 0..2000 {
            let task = handle.spawn(pending::<()>());
            task.abort();
            assert!(task.blocking_join().unwrap_err().is_cancelled());
        }
    });
}

#[test]
fn a_handle_never_hangs_when_the_runtime_goes() {
    let runtime = runtime();
    let handle = runtime.handle();
    let spawner = handle.clone();
    let [taken, sent] =
        thread::spawn(move || [spawner.spawn(pending::<()>()), spawner.spawn(pending())]).join().unwrap();
    // The first is in the runtime and the second still in its inbox.
    take_mail(&runtime);
    let late = thread::spawn({
        let handle = handle.clone();
        move || handle.spawn(pending::<()>())
    });
    let late = late.join().unwrap();
    let waits = thread::spawn(move || {
        let results = [taken, sent, late].map(RemoteJoinHandle::blocking_join);
        results.map(|result| result.unwrap_err().is_cancelled())
    });
    drop(runtime);
    assert_eq!(waits.join().unwrap(), [true; 3]);

    // Gone altogether: the future is dropped at once, where it is.
    let (sender, dropped) = mpsc::channel();
    let tells = TellsThread(sender);
    let gone = handle.spawn(async move { drop(tells) });
    assert_eq!(dropped.recv().unwrap(), thread::current().id());
    let error = gone.blocking_join().unwrap_err();
    assert!(error.is_cancelled());
    assert_eq!(error.to_string(), "task 0 was cancelled");
}

#[test]
fn an_output_that_nobody_fetches_is_dropped_on_the_strand() {
    let strand = thread::current().id();
    let (sender, dropped) = mpsc::channel();
    let tells = TellsThread(sender);
    let runtime = runtime();
    let handle = runtime.handle();
    let (go, start) = oneshot::channel::<()>();
    thread::spawn(move || {
        drop(handle.spawn(async move {
            start.await.unwrap();
            tells
        }));
    })
    .join()
    .unwrap();
    take_mail(&runtime);
    assert!(dropped.try_recv().is_err(), "a task whose handle was dropped goes on");
    go.send(()).unwrap();
    take_mail(&runtime);
    assert_eq!(dropped.recv().unwrap(), strand);
}

#[test]
fn an_output_that_panics_in_its_drop_leaves_the_runtime_usable() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("the output panicked in its drop");
        }
    }
    with_client(|handle| {
        let (go, gate) = oneshot::channel::<()>();
        drop(handle.spawn(async {
            gate.await.unwrap();
            Panics
        }));
        // It has no handle by now, so the output is dropped over there.
        go.send(()).unwrap();
        assert_eq!(handle.spawn(async { 1 }).blocking_join().unwrap(), 1);
    });
}

#[test]
fn the_panic_of_a_drop_is_what_the_handle_of_an_aborted_task_gives() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("the future panicked in its drop");
        }
    }
    with_client(|handle| {
        let (started, starts) = mpsc::channel();
        let panics = Panics;
        let task = handle.spawn(async move {
            let _panics = panics;
            started.send(()).unwrap();
            pending::<()>().await;
        });
        starts.recv().unwrap();
        task.abort();
        let error = task.blocking_join().unwrap_err();
        assert!(error.to_string().ends_with("panicked: the future panicked in its drop"), "{error}");
    });
}

#[test]
fn the_future_is_gone_when_the_handle_is_told_and_a_panic_of_its_drop_leaves_the_output() {
    struct Panics(Arc<AtomicUsize>);
    impl Drop for Panics {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("the future panicked in its drop");
        }
    }
    /// Counts what was dropped before the wake.
    struct Counts(Arc<AtomicUsize>, AtomicUsize);
    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.1.store(self.0.load(Ordering::SeqCst), Ordering::SeqCst);
        }
    }
    let runtime = runtime();
    let drops = Arc::new(AtomicUsize::new(0));
    let panics = Panics(Arc::clone(&drops));
    let mut task = runtime.handle().spawn(poll_fn(move |_| {
        let _held = &panics;
        Poll::Ready(7)
    }));
    let counts = Arc::new(Counts(drops, AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&counts));
    assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending());
    take_mail(&runtime);
    assert_eq!(counts.1.load(Ordering::SeqCst), 1);
    assert_eq!(runtime.block_on(task).unwrap(), 7);
}

#[test]
fn the_waker_of_the_last_poll_is_woken_once() {
    let runtime = runtime();
    let mut task = runtime.handle().spawn(async {});
    let (first, second) = (CountingWaker::new(), CountingWaker::new());
    for counting in [&first, &second, &second] {
        let waker = Waker::from(Arc::clone(counting));
        assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&first), 1);
    take_mail(&runtime);
    assert_eq!((first.count(), second.count()), (0, 1));
    // The waker is given up with the result.
    assert_eq!(Arc::strong_count(&second), 1);
    runtime.block_on(task).unwrap();

    // And with the handle, though the task goes on.
    let mut task = runtime.handle().spawn(pending::<()>());
    let waker = Waker::from(Arc::clone(&second));
    assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending());
    drop((waker, task));
    assert_eq!(Arc::strong_count(&second), 1);
}

#[test]
fn many_threads_spawn_and_wait_at_the_same_time() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    with_client(move |handle| {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let (handle, runs) = (handle.clone(), Arc::clone(&counted));
                thread::spawn(move || {
                    for count in 0..500 {
                        let runs = Arc::clone(&runs);
                        let output = handle.block_on_remote(async move {
                            yield_now().await;
                            runs.fetch_add(1, Ordering::Relaxed);
                            number * 1000 + count
                        });
                        assert_eq!(output, number * 1000 + count);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert_eq!(runs.load(Ordering::Relaxed), 2000);
}

#[test]
fn a_runtime_that_sleeps_is_woken_by_what_is_spawned_onto_it() {
    let strand = ThreadNumber::current();
    with_client(move |handle| {
        for _ in 0..50 {
            strand.wait_until_asleep();
            handle.block_on_remote(async {});
        }
    });
}

#[test]
fn blocking_on_a_remote_future_passes_its_panic_on() {
    with_client(|handle| {
        let message = panic_message(|| handle.block_on_remote(async { panic!("over there") }));
        assert_eq!(message, "over there");
        assert_eq!(handle.block_on_remote(async { 5 }), 5);
    });
}

#[test]
fn blocking_on_a_runtime_that_is_gone_panics() {
    let handle = runtime().handle();
    let message = panic_message(|| handle.block_on_remote(async {}));
    assert_eq!(message, "the hanol runtime is gone and has not run the future to its end");

    let runtime = runtime();
    let handle = runtime.handle();
    let number = mpsc::channel();
    let waits = thread::spawn(move || {
        number.0.send(ThreadNumber::current()).unwrap();
        panic_message(|| handle.block_on_remote(pending::<()>()))
    });
    number.1.recv().unwrap().wait_until_asleep();
    take_mail(&runtime);
    drop(runtime);
    assert_eq!(waits.join().unwrap(), "the hanol runtime is gone and has not run the future to its end");
}

#[test]
fn a_thread_cannot_wait_for_its_own_runtime_nor_inside_any() {
    let own = runtime();
    let handle = own.handle();
    let message = panic_message(|| handle.block_on_remote(async { unreachable!() }));
    assert!(message.contains("belongs to this thread"), "{message}");
    let task = handle.spawn(async {});
    assert!(panic_message(|| task.blocking_join()).contains("belongs to this thread"));

    own.block_on(async {
        let message = panic_message(|| handle.block_on_remote(async { unreachable!() }));
        assert!(message.contains("this thread is in a hanol runtime"), "{message}");
        yield_now().await;
    });
    with_client(|handle| {
        hanol::block_on(async move {
            let message = panic_message(|| handle.block_on_remote(async { unreachable!() }));
            assert!(message.contains("this thread is in a hanol runtime"), "{message}");
            let task = handle.spawn(async {});
            assert!(panic_message(|| task.blocking_join()).contains("this thread is in a hanol runtime"));
        });
    });
}

#[test]
fn a_handle_tells_what_its_runtime_does() {
    let metrics = with_client(|handle| {
        let _sleeps = handle.spawn(sleep(HOUR));
        let _waits = handle.spawn(pending::<()>());
        // Asked after these two, so they have been taken in, and polled when this one has given way.
        handle.block_on_remote(yield_now());
        handle.metrics()
    });
    assert_eq!((metrics.tasks, metrics.timers), (2, 1));

    let runtime = runtime();
    let handle = runtime.handle();
    let stuck = thread::spawn({
        let handle = handle.clone();
        move || handle.metrics_within(Duration::from_millis(1))
    });
    assert!(stuck.join().unwrap().is_none(), "nobody drives it");
    assert!(panic_message(|| handle.metrics()).contains("not inside it"));
    drop(runtime.spawn(pending::<()>()));
    runtime.block_on(async { assert_eq!(Handle::current().metrics(), runtime.metrics()) });
    {
        let _inside = runtime.enter();
        assert_eq!(handle.metrics().tasks, 1);
    }
    drop(runtime);
    assert_eq!(handle.metrics(), Metrics::default());
    assert!(handle.metrics_within(HOUR).is_none());
}

#[test]
fn runtimes_are_told_apart_by_their_numbers() {
    let (first, second) = (runtime(), runtime());
    assert_ne!(first.handle().id(), second.handle().id());
    assert_ne!(first.handle().id().to_string(), second.handle().id().to_string());
    first.block_on(async { assert_eq!(Handle::current().id(), first.handle().id()) });
}
