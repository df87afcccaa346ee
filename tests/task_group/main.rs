//! Groups of tasks that end together.

#[path = "../timing/mod.rs"]
mod timing;
#[path = "../util/mod.rs"]
mod util;

mod closures;
mod foreign;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::{self, GroupHandle, Outcome, TaskGroup, yield_now};
use hanol::time::timeout;

use self::util::{message_of, polls_of};

/// Counts the futures that hold one, by being dropped with them.
#[derive(Clone, Default)]
struct Alive(Rc<()>);

impl Alive {
    fn count(&self) -> usize {
        Rc::strong_count(&self.0) - 1
    }

    /// A future that never ends.
    fn stuck<T>(&self) -> impl Future<Output = T> + 'static {
        let alive = self.clone();
        async move {
            let _alive = alive;
            pending().await
        }
    }
}

/// The payload with which a future panics.
async fn panic_of<F: Future>(future: F) -> String {
    let mut future = Box::pin(future);
    let payload = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(|_| panic!("it did not panic")),
        Err(payload) => Poll::Ready(payload),
    });
    message_of(&*payload.await)
}

#[hanol::test]
async fn an_empty_group_is_done_at_once() {
    let mut group = TaskGroup::<()>::new();
    group.wait().await;
    group.cancel().await;
    assert!(group.is_empty());
    assert_eq!(TaskGroup::<Result<(), u8>>::default().wait().await, Ok(()));
}

#[hanol::test]
async fn a_group_waits_for_all_and_can_be_used_again() {
    let done = Rc::new(Cell::new(0));
    let mut group = TaskGroup::new();
    for _ in 0..2 {
        for yields in 0..10 {
            let done = Rc::clone(&done);
            group.spawn(async move {
                for _ in 0..yields {
                    yield_now().await;
                }
                done.set(done.get() + 1);
            });
        }
        assert_eq!(group.len(), 10);
        group.wait().await;
        assert!(group.is_empty());
    }
    assert_eq!(done.get(), 20);
}

#[hanol::test]
async fn children_spawn_further_children_that_are_waited_for_too() {
    fn spawn_tree(group: &GroupHandle, depth: u32, leaves: &Rc<Cell<u32>>) {
        let (handle, leaves) = (group.clone(), Rc::clone(leaves));
        group.spawn(async move {
            yield_now().await;
            if depth == 0 {
                return leaves.set(leaves.get() + 1);
            }
            for _ in 0..3 {
                spawn_tree(&handle, depth - 1, &leaves);
            }
        });
    }
    let leaves = Rc::new(Cell::new(0));
    let mut group = TaskGroup::new();
    spawn_tree(&group.handle(), 5, &leaves);
    group.wait().await;
    assert_eq!(leaves.get(), 3_u32.pow(5));
}

#[hanol::test]
async fn the_first_error_cancels_the_others_at_once_though_nobody_waits() {
    let alive = Alive::default();
    let mut group = TaskGroup::new();
    group.spawn(alive.stuck());
    group.spawn(async {
        yield_now().await;
        Err("first")
    });
    group.spawn(alive.stuck());
    group.spawn(async {
        yield_now().await;
        Err("second")
    });
    let handle = group.handle();
    while !group.is_empty() {
        assert!(!handle.is_cancelled());
        assert_eq!(alive.count(), 2);
        yield_now().await;
    }
    assert!(handle.is_cancelled());
    assert_eq!(alive.count(), 0);
    // What is spawned now ends before it is polled, and does not take the place of the failure.
    group.spawn(async { unreachable!() });
    assert_eq!(group.wait().await, Err("first"));
    // The failure is given once.
    assert_eq!(group.wait().await, Ok(()));
}

#[hanol::test]
async fn the_first_panic_cancels_the_others_and_goes_on_in_who_waits() {
    let alive = Alive::default();
    let mut group = TaskGroup::<()>::new();
    group.spawn(alive.stuck());
    group.spawn(async { panic!("in a child") });
    assert_eq!(panic_of(group.wait()).await, "in a child");
    assert_eq!((alive.count(), group.len()), (0, 0));
    group.wait().await;
}

#[hanol::test]
async fn cancelling_ends_all_children_and_waits_for_them() {
    let alive = Alive::default();
    let mut group = TaskGroup::<()>::new();
    for _ in 0..10 {
        group.spawn(alive.stuck());
    }
    yield_now().await;
    // The call is enough to abort them.
    drop(group.cancel());
    assert_eq!(alive.count(), 0);
    group.cancel().await;
    let late = group.handle();
    late.spawn(alive.stuck());
    assert_eq!((alive.count(), late.is_cancelled()), (0, true));
    group.wait().await;
}

#[hanol::test]
async fn an_error_from_before_outlives_a_cancellation() {
    let mut group = TaskGroup::new();
    group.spawn(async { Err(io::Error::other("before")) });
    yield_now().await;
    assert_eq!(group.cancel().await.unwrap_err().to_string(), "before");
}

#[hanol::test]
async fn a_child_may_cancel_its_own_group() {
    let alive = Alive::default();
    let mut group = TaskGroup::<()>::new();
    group.spawn(alive.stuck());
    let (handle, own) = (group.handle(), alive.clone());
    group.spawn(async move {
        let _own = own;
        handle.cancel();
        // It goes on until its poll returns, and not further.
        yield_now().await;
        unreachable!();
    });
    group.wait().await;
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_child_that_somebody_aborts_is_no_failure() {
    let alive = Alive::default();
    let mut group = TaskGroup::<Result<(), u8>>::new();
    let first = group.spawn(alive.stuck());
    let second = group.spawn(alive.stuck());
    yield_now().await;
    first.abort();
    assert_eq!((alive.count(), group.len()), (1, 1));
    assert!(!group.handle().is_cancelled());
    second.abort();
    assert_eq!(group.wait().await, Ok(()));
}

#[hanol::test]
async fn dropping_a_group_aborts_its_children() {
    let alive = Alive::default();
    let group = TaskGroup::<()>::new();
    group.spawn(alive.stuck());
    let handle = group.handle();
    handle.spawn(alive.stuck());
    yield_now().await;
    drop(group);
    assert_eq!(alive.count(), 0);
    handle.spawn(alive.stuck());
    assert_eq!(alive.count(), 0);
    assert_eq!(Handle::current().metrics().tasks, 0);
}

#[hanol::test]
async fn waiting_can_be_given_up_and_taken_up_again() {
    let mut group = TaskGroup::new();
    let go = Rc::new(Cell::new(false));
    let gate = Rc::clone(&go);
    group.spawn(async move {
        while !gate.get() {
            yield_now().await;
        }
        Err(7)
    });
    for _ in 0..10 {
        assert!(timeout(Duration::ZERO, group.wait()).await.is_err());
    }
    go.set(true);
    while !group.is_empty() {
        yield_now().await;
    }
    // The failure waits for who asks.
    drop(group.wait());
    assert_eq!(group.wait().await, Err(7));
}

#[hanol::test]
async fn what_a_failure_is_can_be_told_by_a_type_of_ones_own() {
    #[derive(Debug, PartialEq)]
    enum Exit {
        Code(u8),
    }
    impl Outcome for Exit {
        fn success() -> Self {
            Self::Code(0)
        }

        fn is_failure(&self) -> bool {
            *self != Self::Code(0)
        }
    }
    let mut group = TaskGroup::new();
    group.spawn(async { Exit::Code(0) });
    group.spawn(async { Exit::Code(2) });
    assert_eq!(group.wait().await, Exit::Code(2));
}

#[hanol::test]
async fn who_waits_is_listed_with_the_line() {
    let waits = task::Builder::new().name("waits").spawn(async {
        let mut group = TaskGroup::new();
        group.spawn(pending::<()>());
        group.wait().await;
    });
    let line = line!() - 2;
    yield_now().await;
    let tasks = Handle::current().tasks();
    let waiting = tasks.iter().find(|task| task.name.as_deref() == Some("waits")).unwrap().waiting.clone().unwrap();
    assert_eq!((waiting.operation, waiting.resource), ("child tasks", None));
    assert_eq!((waiting.location.file(), waiting.location.line()), (file!(), line));
    // A child is listed with the line that spawned it.
    assert!(tasks.iter().any(|task| task.spawned_at.line() == line - 1));
    waits.abort();
}

#[hanol::test]
async fn asking_a_group_that_is_always_done_gives_way() {
    let asks = task::Builder::new().name("asks").spawn(async {
        let mut group = TaskGroup::<()>::new();
        for _ in 0..10 * OPERATIONS_PER_POLL {
            group.wait().await;
        }
        polls_of("asks")
    });
    assert_eq!(asks.await.unwrap(), 10);
}

#[hanol::test]
async fn thousands_of_children_come_and_go_without_anybody_waiting() {
    let mut group = TaskGroup::new();
    for _ in 0..100 {
        for _ in 0..100 {
            group.spawn(async {});
        }
        while !group.is_empty() {
            yield_now().await;
        }
        assert_eq!(Handle::current().metrics().tasks, 0);
    }
    group.wait().await;
}
