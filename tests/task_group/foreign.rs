//! Drops and wakers that panic or call back, and runtimes that end first.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;

use hanol::task::{GroupHandle, TaskGroup, yield_now};

use crate::timing::{CountingWaker, ThreadNumber, panic_message, runtime};
use crate::{Alive, panic_of};

#[hanol::test]
async fn children_may_do_anything_when_they_are_dropped() {
    struct Spawns(GroupHandle, Rc<Cell<u32>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            self.1.set(self.1.get() + 1);
            self.0.spawn(async { unreachable!() });
            self.0.cancel();
            assert!(self.0.is_cancelled());
        }
    }
    let drops = Rc::new(Cell::new(0));
    let mut group = TaskGroup::new();
    for _ in 0..5 {
        let spawns = Spawns(group.handle(), Rc::clone(&drops));
        group.spawn(async move {
            let _spawns = spawns;
            pending::<()>().await;
        });
    }
    yield_now().await;
    group.cancel().await;
    assert_eq!((drops.get(), group.len()), (5, 0));
}

#[hanol::test]
async fn a_panic_in_the_drop_of_a_cancelled_child_is_a_failure() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }
    let alive = Alive::default();
    let mut group = TaskGroup::new();
    for _ in 0..2 {
        let panics = Panics;
        group.spawn(async move {
            let _panics = panics;
            pending::<()>().await;
        });
        group.spawn(alive.stuck());
    }
    yield_now().await;
    assert_eq!(panic_of(group.cancel()).await, "in the drop");
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_panic_in_the_drop_of_an_error_that_nobody_gets_does_no_harm() {
    struct Panics(&'static str);
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("{}", self.0);
        }
    }
    let mut group = TaskGroup::new();
    let first = Panics("the first failure");
    let waits = group.spawn(async move {
        let _first = first;
        pending().await
    });
    group.spawn(async move {
        // The first failure comes while this child is being polled, so this one can return another.
        waits.abort();
        Err(Panics("the second failure"))
    });
    assert_eq!(panic_of(group.wait()).await, "the first failure");
    assert!(group.wait().await.is_ok());
}

#[hanol::test]
async fn the_waker_of_the_last_poll_is_woken() {
    let mut group = TaskGroup::new();
    group.spawn(async {});
    let (first, second) = (CountingWaker::new(), CountingWaker::new());
    let mut wait = pin!(group.wait());
    for counting in [&first, &second, &second] {
        let waker = Waker::from(Arc::clone(counting));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&first), 1);
    yield_now().await;
    assert_eq!((first.count(), second.count()), (0, 1));
}

#[hanol::test]
async fn a_waker_that_spawns_into_the_group_or_panics_does_no_harm() {
    thread_local! {
        static GROUP: RefCell<Option<GroupHandle>> = const { RefCell::new(None) };
    }
    struct Spawns;
    impl Wake for Spawns {
        fn wake(self: Arc<Self>) {
            if let Some(group) = GROUP.take() {
                group.spawn(async {});
            }
            panic!("in the waker");
        }
    }
    let mut group = TaskGroup::new();
    group.spawn(async {});
    GROUP.set(Some(group.handle()));
    let mut wait = pin!(group.wait());
    let waker = Waker::from(Arc::new(Spawns));
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    yield_now().await;
    // The child of the waker is there.
    assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    wait.await;
}

#[test]
fn a_group_outlives_its_runtime() {
    let alive = Alive::default();
    let mut group = TaskGroup::new();
    let first = runtime();
    {
        let _inside = first.enter();
        group.spawn(alive.stuck());
        group.spawn(async {});
    }
    drop(first);
    assert_eq!((alive.count(), group.len()), (0, 0));
    assert!(panic_message(|| group.spawn(async {})).contains("no hanol runtime"));
    assert!(group.is_empty());
    // The next runtime's tasks may be its children too.
    hanol::block_on(async {
        group.spawn(yield_now());
        group.wait().await;
    });
}

#[test]
#[cfg(feature = "blocking")]
fn a_runtime_that_takes_no_more_tasks_ends_a_child_before_it_is_spawned() {
    thread_local! {
        static GROUP: RefCell<Option<GroupHandle>> = const { RefCell::new(None) };
        static SPAWNED: Cell<bool> = const { Cell::new(false) };
    }
    struct Spawns;
    impl Drop for Spawns {
        fn drop(&mut self) {
            GROUP.take().unwrap().spawn(async { unreachable!() });
            SPAWNED.set(true);
        }
    }
    let mut group = TaskGroup::new();
    GROUP.set(Some(group.handle()));
    let runtime = runtime();
    let strand = ThreadNumber::current();
    let (started, starts) = mpsc::channel();
    let (go, gate) = mpsc::channel::<()>();
    // What this returns is dropped when the tasks are gone.
    drop(runtime.spawn_blocking(move || {
        started.send(()).unwrap();
        gate.recv().unwrap();
        Spawns
    }));
    starts.recv().unwrap();
    let lets_go = thread::spawn(move || {
        strand.wait_until_asleep();
        go.send(()).unwrap();
    });
    drop(runtime);
    lets_go.join().unwrap();
    assert!(SPAWNED.get() && group.is_empty());
    hanol::block_on(group.wait());
}
