//! Handles: reaching a runtime from other threads, also when it is gone; and the spawn traits of `futures-task`.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::task::{LocalSpawn, LocalSpawnExt, Spawn, SpawnExt};
use hanol::runtime::Handle;
use hanol::task::yield_now;
use hanol::time::sleep;

use crate::timing::{HOUR, ThreadNumber, panic_message, runtime};

#[test]
fn there_is_no_handle_outside_a_runtime() {
    let error = Handle::try_current().unwrap_err();
    let message = panic_message(Handle::current);
    assert_eq!(message, error.to_string());
    assert!(message.contains("no hanol runtime on this thread") && message.contains("hanol::block_on"), "{message}");
    let message = panic_message(|| hanol::spawn(async {}));
    assert!(message.contains("no hanol runtime on this thread") && message.contains("hanol::block_on"), "{message}");
}

#[test]
fn a_handle_outlives_its_runtime() {
    let runtime = runtime();
    let handle = runtime.handle();
    assert!(handle.is_open());
    assert!(handle.status().is_ok());
    drop(runtime);
    let check = move || {
        assert!(!handle.is_open());
        assert!(handle.tasks().is_empty());
        assert!(handle.tasks_within(HOUR).is_none());
        assert!(handle.status().unwrap_err().is_shutdown());
        assert!(SpawnExt::spawn(&handle, async { unreachable!() }).unwrap_err().is_shutdown());
        handle
    };
    let handle = thread::spawn(check).join().unwrap();
    assert!(!handle.is_open());
    assert!(handle.tasks().is_empty());
}

#[test]
fn the_handle_of_a_runtime_that_is_gone_does_not_reach_a_successor() {
    let gone: Vec<Handle> = (0..300).map(|_| runtime().handle()).collect();
    let successors: Vec<_> = (0..300).map(|_| runtime()).collect();
    for handle in &gone {
        assert!(!handle.is_open());
        assert!(SpawnExt::spawn(handle, async { unreachable!() }).is_err());
        assert!(successors.iter().all(|successor| successor.handle() != *handle));
    }
    for successor in &successors {
        successor.block_on(sleep(Duration::ZERO));
    }
}

#[test]
fn a_runtime_is_an_executor_of_local_futures() {
    fn spawn_generically(executor: &impl LocalSpawn, count: &Rc<Cell<u32>>) {
        let count = Rc::clone(count);
        executor.spawn_local(async move { count.set(count.get() + 1) }).unwrap();
    }
    let runtime = runtime();
    assert!(runtime.status_local().is_ok());
    let count = Rc::new(Cell::new(0));
    for _ in 0..10 {
        spawn_generically(&runtime, &count);
    }
    runtime.block_on(yield_now());
    assert_eq!(count.get(), 10);
}

#[test]
fn a_handle_spawns_from_other_threads_onto_the_strand() {
    let runtime = runtime();
    let strand = thread::current().id();
    let number = ThreadNumber::current();
    let handle = runtime.handle();
    let (done, mut finished) = tokio::sync::mpsc::unbounded_channel();
    let spawner = thread::spawn(move || {
        for count in 0..100 {
            // The runtime is woken from its sleep for every one of them.
            number.wait_until_asleep();
            let done = done.clone();
            let task = async move {
                sleep(Duration::ZERO).await;
                assert_eq!(thread::current().id(), strand);
                done.send(count).unwrap();
            };
            SpawnExt::spawn(&handle, task).unwrap();
        }
    });
    runtime.block_on(async {
        for count in 0..100 {
            assert_eq!(finished.recv().await, Some(count));
        }
    });
    spawner.join().unwrap();
}

#[test]
fn a_future_that_was_sent_to_a_runtime_is_dropped_with_it_on_its_thread() {
    struct ReportsThread(mpsc::Sender<thread::ThreadId>);
    impl Drop for ReportsThread {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }
    let runtime = runtime();
    let (sender, dropped) = mpsc::channel();
    let spawn = |handle: Handle| {
        let guard = ReportsThread(sender.clone());
        let task = async move {
            pending::<()>().await;
            drop(guard);
        };
        thread::spawn(move || drop(handle.spawn(task))).join().unwrap();
    };
    spawn(runtime.handle());
    runtime.block_on(sleep(Duration::ZERO));
    assert_eq!(runtime.metrics().tasks, 1);
    // This one is still in the inbox when the runtime goes.
    spawn(runtime.handle());
    drop(runtime);
    let here = thread::current().id();
    assert_eq!(dropped.try_iter().collect::<Vec<_>>(), [here, here]);
}

#[test]
fn a_join_handle_outlives_its_runtime() {
    let runtime = runtime();
    let [waiting, finished] = [runtime.spawn(pending::<()>()), runtime.spawn(async {})];
    runtime.block_on(yield_now());
    assert!(finished.is_finished() && !waiting.is_finished());
    drop(runtime);
    assert!(finished.is_finished() && waiting.is_finished());
    waiting.abort();
    waiting.abort_handle().abort();
    hanol::block_on(async {
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert!(finished.await.unwrap_err().is_cancelled());
    });
}
