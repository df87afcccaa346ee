//! Rule 6: dropping an executor drops every task, in its context, whoever holds whose handle.

mod util;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use hanol_executor::{Executor, JoinHandle, JoinSet, Remote, spawn};

use self::util::{Output, Probe, Seen, Stage, finishes, many, waits};

/// Handles that tasks share, and so keep each other's.
type Handles = Rc<RefCell<Vec<JoinHandle<Output>>>>;

#[test]
fn tasks_that_hold_their_own_handles_are_dropped() {
    let mut stage = Stage::new();
    let handles = Handles::default();
    let held = Rc::clone(&handles);
    let own = stage.spawn(move |_| {
        let _held = &held;
        std::task::Poll::Pending
    });
    handles.borrow_mut().push(own);
    drop(handles);
    stage.executor().run_until_stalled();
    stage.drop_executor();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn ten_thousand_tasks_that_hold_and_join_each_other_are_dropped() {
    let mut stage = Stage::new();
    let tasks = many(10_000);
    let handles: Rc<RefCell<Vec<Option<JoinHandle<()>>>>> = Rc::default();
    for index in 0..tasks {
        let probed = stage.probe.future(waits);
        let handles_of_task = Rc::clone(&handles);
        let task = stage.executor().spawn(async move {
            let _probed = probed;
            let neighbour = handles_of_task.borrow_mut()[(index + 1) % tasks].take().unwrap();
            neighbour.await.unwrap();
        });
        handles.borrow_mut().push(Some(task));
    }
    stage.executor().run_until_stalled();
    assert_eq!(stage.executor().unfinished(), tasks);
    assert!(handles.borrow().iter().all(Option::is_none), "every task holds the handle of its neighbour");
    stage.drop_executor();
    stage.expect(Seen { future_drops: tasks, ..Seen::NOTHING });
    assert_eq!(Rc::strong_count(&handles), 1);
}

#[test]
fn tasks_of_two_executors_that_hold_each_other_are_dropped() {
    let (mut first, mut second) = (Stage::new(), Stage::new());
    let of_first = first.spawn(waits);
    let of_second = second.spawn(waits);
    let joining_first = second.executor().spawn(async move { drop(of_first.await) });
    let joining_second = first.executor().spawn(async move { drop(of_second.await) });
    first.executor().run_until_stalled();
    second.executor().run_until_stalled();
    first.drop_executor();
    first.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    second.executor().run_until_stalled();
    assert!(joining_first.is_finished() && joining_second.is_finished());
    second.drop_executor();
    second.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

/// Spawns a task when it is dropped, whose drop does the same, so often.
struct Link {
    probe: Probe,
    more: usize,
}

impl Link {
    async fn waits(self) {
        drop(self.probe.future(waits).await);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.more > 0 {
            let next = Link { probe: self.probe.clone(), more: self.more - 1 };
            let counted = self.probe.future(waits);
            drop(spawn(async move {
                let _counted = counted;
                next.waits().await
            }));
        }
    }
}

#[test]
fn tasks_that_are_spawned_meanwhile_are_dropped_too() {
    let mut stage = Stage::new();
    for _ in 0..10 {
        let link = Link { probe: stage.probe.clone(), more: 10 };
        drop(stage.executor().spawn(link.waits()));
    }
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 10, ..Seen::NOTHING });
    stage.drop_executor();
    stage.expect(Seen { polls: 10, future_drops: 110, ..Seen::NOTHING });
}

#[test]
fn a_long_chain_of_drops_that_spawn_begins_with_an_output() {
    let mut stage = Stage::new();
    let length = many(10_000);
    let link = Link { probe: stage.probe.clone(), more: length };
    let unfetched = stage.executor().spawn(async move { link });
    stage.executor().run_until_stalled();
    stage.drop_executor();
    stage.expect(Seen { future_drops: length, ..Seen::NOTHING });
    drop(unfetched);
}

#[test]
fn outputs_that_nobody_fetched_are_dropped_in_the_context() {
    let mut stage = Stage::new();
    let handles: Vec<_> = (0..10).map(|_| stage.spawn(finishes)).collect();
    stage.executor().run_until_stalled();
    stage.drop_executor();
    stage.expect(Seen { polls: 10, future_drops: 10, output_drops: 10, ..Seen::NOTHING });
    drop(handles);
    stage.expect(Seen { polls: 10, future_drops: 10, output_drops: 10, ..Seen::NOTHING });
}

#[test]
fn what_was_posted_and_did_not_run_is_dropped_in_the_context() {
    let mut stage = Stage::new();
    let remote = stage.executor().remote();
    let ran = Arc::new(AtomicBool::new(false));
    let runs = Arc::clone(&ran);
    let held = stage.probe.future(waits);
    remote
        .post(move || {
            runs.store(true, SeqCst);
            drop(held);
        })
        .unwrap();
    remote.spawn(stage.probe.future(finishes)).unwrap();
    let abort = stage.spawn(waits).abort_handle();
    thread::spawn(move || abort.abort()).join().unwrap();
    stage.drop_executor();
    stage.expect(Seen { future_drops: 3, ..Seen::NOTHING });
    assert!(!ran.load(SeqCst));
}

#[test]
fn what_is_posted_afterwards_is_refused() {
    let mut stage = Stage::new();
    let remote = stage.executor().remote();
    assert!(remote.is_open());
    stage.drop_executor();
    assert!(!remote.is_open());
    let error = remote.post(|| unreachable!()).unwrap_err();
    assert_eq!(error.to_string(), "the hanol runtime is gone");
    thread::spawn(move || assert!(remote.spawn(async { unreachable!() }).is_err())).join().unwrap();
}

#[test]
fn what_is_posted_while_tasks_are_dropped_is_refused() {
    let executor = Executor::new();
    let remote = executor.remote();
    let refused = Rc::new(Cell::new(false));
    let seen = Rc::clone(&refused);

    struct Posts(Remote, Rc<Cell<bool>>);

    impl Drop for Posts {
        fn drop(&mut self) {
            self.1.set(self.0.post(|| ()).is_err());
        }
    }

    let posts = Posts(remote, seen);
    drop(executor.spawn(async move {
        let _posts = posts;
        pending::<()>().await
    }));
    executor.run_until_stalled();
    drop(executor);
    assert!(refused.get());
}

#[test]
fn a_task_that_is_spawned_into_a_context_that_outlives_its_executor_is_cancelled_at_once() {
    let mut stage = Stage::new();
    let context = stage.executor().enter();
    stage.drop_executor();
    let mut late = spawn(stage.probe.future(finishes));
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
    assert!(late.is_finished());
    assert!(stage.join_error(&mut late).is_cancelled());
    let mut set = JoinSet::new();
    set.spawn(stage.probe.future(finishes));
    assert!(set.try_join_next().unwrap().err().unwrap().is_cancelled());
    stage.expect(Seen { future_drops: 2, ..Seen::NOTHING });
    drop(context);
}

#[test]
fn an_executor_that_was_shut_down_takes_no_more_tasks() {
    let mut executor = Executor::new();
    let probe = Probe::new(&executor);
    drop(executor.spawn(probe.future(waits)));
    executor.run_until_stalled();
    executor.shut_down();
    assert_eq!((probe.polls(), probe.future_drops()), (1, 1));
    assert!(!executor.remote().is_open());
    assert!(executor.spawn(probe.future(finishes)).is_finished());
    executor.shut_down();
    drop(executor);
    assert_eq!((probe.polls(), probe.future_drops(), probe.strays()), (1, 2, 0));
}

#[test]
fn executors_are_made_and_dropped_ten_thousand_times() {
    let rounds = many(10_000);
    let mut ids = HashSet::new();
    let polls = Rc::new(Cell::new(0));
    for _ in 0..rounds {
        let executor = Executor::new();
        assert!(ids.insert(executor.id()), "two executors had the same number");
        let counted = Rc::clone(&polls);
        let task = executor.spawn(async move { counted.set(counted.get() + 1) });
        let waiting = executor.spawn(pending::<()>());
        executor.run_until_stalled();
        drop(task);
        drop(executor);
        assert!(waiting.is_finished());
    }
    assert_eq!(polls.get(), rounds);
    assert_eq!(Rc::strong_count(&polls), 1);
}

#[test]
fn many_executors_live_side_by_side() {
    let executors: Vec<_> = (0..200).map(|_| Executor::new()).collect();
    let tasks: Vec<_> =
        executors.iter().enumerate().map(|(index, executor)| executor.spawn(async move { index })).collect();
    executors.iter().for_each(Executor::run_until_stalled);
    let outputs = Executor::new().block_on(&mut util::ScriptPark::new(), futures_util::future::join_all(tasks));
    assert!(outputs.into_iter().map(Result::unwrap).eq(0..200));
}

/// Counts its drops; for threads whose locals are going away, where nothing else can be looked at.
struct CountsDrops(Arc<AtomicUsize>);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        // Whether there still is a context or not, this is no more than a panic that is contained.
        drop(spawn(async {}));
    }
}

async fn waits_with(counts: CountsDrops) {
    let _counts = counts;
    pending().await
}

/// Gives an executor three tasks that hold each other's handles, and an output that nobody fetches.
fn fill(executor: &Executor, drops: &Arc<AtomicUsize>) {
    let handles: Rc<RefCell<Vec<JoinHandle<()>>>> = Rc::default();
    for _ in 0..3 {
        let held = Rc::clone(&handles);
        let counts = CountsDrops(Arc::clone(drops));
        let task = executor.spawn(async move {
            let _held = held;
            waits_with(counts).await
        });
        handles.borrow_mut().push(task);
    }
    let counts = CountsDrops(Arc::clone(drops));
    std::mem::forget(executor.spawn(async move { counts }));
    executor.run_until_stalled();
    assert_eq!(drops.load(SeqCst), 0);
}

#[test]
fn an_executor_in_a_thread_local_is_dropped_at_the_exit_of_its_thread() {
    thread_local! {
        static EXECUTOR: Executor = Executor::new();
    }

    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&drops);
    let remote = thread::spawn(move || {
        EXECUTOR.with(|executor| {
            fill(executor, &counted);
            executor.remote()
        })
    });
    let remote = remote.join().unwrap();
    assert_eq!(drops.load(SeqCst), 4);
    assert!(!remote.is_open());
}

#[test]
fn an_executor_in_a_thread_local_may_outlive_the_locals_of_this_crate() {
    thread_local! {
        static EXECUTOR: RefCell<Option<Executor>> = const { RefCell::new(None) };
    }

    let drops = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&drops);
    let remote = thread::spawn(move || {
        // Used first, so destroyed last.
        EXECUTOR.with_borrow(|executor| assert!(executor.is_none()));
        let executor = Executor::new();
        fill(&executor, &counted);
        let remote = executor.remote();
        EXECUTOR.set(Some(executor));
        remote
    });
    let remote = remote.join().unwrap();
    assert_eq!(drops.load(SeqCst), 4);
    assert!(!remote.is_open());
}

#[test]
fn handles_in_a_thread_local_may_outlive_their_executor() {
    thread_local! {
        static HANDLES: RefCell<Vec<JoinHandle<()>>> = const { RefCell::new(Vec::new()) };
    }

    thread::spawn(|| {
        HANDLES.with_borrow(Vec::len);
        let executor = Executor::new();
        let waiting = executor.spawn(pending());
        let finished = executor.spawn(async {});
        executor.run_until_stalled();
        HANDLES.with_borrow_mut(|handles| handles.extend([waiting, finished]));
    })
    .join()
    .unwrap();
}

#[test]
fn forgetting_what_the_executor_gives_out_is_harmless() {
    let mut stage = Stage::new();
    std::mem::forget(stage.spawn(waits));
    std::mem::forget(stage.spawn(finishes));
    stage.executor().run_until_stalled();
    std::mem::forget(stage.probe.waker());
    stage.drop_executor();
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
}
