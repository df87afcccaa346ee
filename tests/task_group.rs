//! Groups of tasks that end together.

mod timing;
mod util;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::{self, GroupHandle, Outcome, TaskGroup, yield_now};
use hanol::time::{sleep, timeout};

use self::timing::{CountingWaker, millis, panic_message, runtime};
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
async fn a_closure_ends_after_all_the_children_it_has_spawned() {
    let alive = Alive::default();
    let held = alive.clone();
    task::group(async |children| {
        for delay in [3, 1, 2] {
            let (alive, handle) = (held.clone(), children.clone());
            children.spawn(async move {
                sleep(millis(delay)).await;
                handle.spawn(async move {
                    yield_now().await;
                    drop(alive);
                });
            });
        }
    })
    .await;
    // That of `held` is left.
    assert_eq!(alive.count(), 1);
}

#[hanol::test]
async fn an_error_of_the_closure_cancels_the_children() {
    let alive = Alive::default();
    let result = task::group(async |children| {
        children.spawn(alive.stuck());
        yield_now().await;
        Err("of the closure")
    });
    assert_eq!(result.await, Err("of the closure"));
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn an_error_of_a_child_ends_the_closure_where_it_waits() {
    let alive = Alive::default();
    let result = task::group(async |children| {
        children.spawn(async {
            yield_now().await;
            Err("of a child")
        });
        children.spawn(alive.stuck());
        alive.stuck::<()>().await;
        unreachable!()
    });
    assert_eq!(result.await, Err("of a child"));
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_panic_of_a_child_or_of_the_closure_goes_on() {
    let alive = Alive::default();
    let of_child = task::group(async |children| {
        children.spawn(async { panic!("of a child") });
        alive.stuck::<()>().await
    });
    assert_eq!(panic_of(of_child).await, "of a child");
    let of_closure = task::group(async |children: GroupHandle| {
        children.spawn(alive.stuck());
        yield_now().await;
        panic!("of the closure")
    });
    assert_eq!(panic_of(of_closure).await, "of the closure");
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_closure_may_cancel_its_group_and_anybody_else_too() {
    let alive = Alive::default();
    task::group(async |children: GroupHandle| {
        children.spawn(alive.stuck());
        children.cancel();
        alive.stuck::<()>().await
    })
    .await;
    assert_eq!(alive.count(), 0);

    // From outside, in a group that has no children whose end would be noticed.
    let canceller = Rc::new(RefCell::new(None::<GroupHandle>));
    let given = Rc::clone(&canceller);
    let held = alive.clone();
    let waits = hanol::spawn(task::group(async move |children| {
        given.replace(Some(children));
        held.stuck::<()>().await
    }));
    yield_now().await;
    canceller.take().unwrap().cancel();
    waits.await.unwrap();
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn dropping_the_future_of_a_closure_aborts_the_children() {
    let alive = Alive::default();
    let body = alive.clone();
    let task = hanol::spawn(task::group(async move |children| {
        children.spawn(body.stuck());
        body.stuck::<()>().await
    }));
    yield_now().await;
    yield_now().await;
    assert_eq!(alive.count(), 3);
    task.abort();
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_closure_may_borrow() {
    let mut count = 0;
    let name = String::from("borrowed");
    let length = &mut count;
    task::group(async |_: GroupHandle| {
        yield_now().await;
        *length = name.len();
    })
    .await;
    assert_eq!(count, 8);
}

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
