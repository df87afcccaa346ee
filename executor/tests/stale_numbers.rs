//! Wakers and handles are numbers, and outlive what they name. Those that name something else by now do no harm.

#![allow(clippy::waker_clone_wake, reason = "clones are woken on purpose")]

mod util;

use std::collections::HashSet;
use std::future::pending;
use std::task::Waker;
use std::thread;

use hanol_executor::{AbortHandle, Executor, Id, JoinHandle};

use self::util::{Output, Probe, Seen, Stage, finishes, many, waits};

/// What is left of a task that has ended.
struct Outdated {
    id: Id,
    waker: Waker,
    abort: AbortHandle,
}

impl Outdated {
    fn use_all(&self) {
        self.waker.wake_by_ref();
        self.waker.clone().wake();
        self.abort.abort();
    }
}

/// A stage, what is left of a task in it, and a task that waits in the same slot.
fn with_successor() -> (Stage, Outdated, JoinHandle<Output>) {
    let stage = Stage::new();
    let first = stage.spawn(finishes);
    let (id, abort) = (first.id(), first.abort_handle());
    assert!(stage.run_one());
    let outdated = Outdated { id, waker: stage.probe.waker(), abort };
    drop(first);
    let successor = stage.spawn(waits);
    assert_eq!(successor.id().slot(), id.slot(), "the slot is used again");
    assert_ne!(successor.id(), id);
    assert!(stage.run_one());
    stage.expect(WITH_SUCCESSOR);
    (stage, outdated, successor)
}

const WITH_SUCCESSOR: Seen = Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING };

#[test]
fn an_outdated_waker_does_not_wake_the_successor() {
    let (stage, outdated, _successor) = with_successor();
    assert!(!outdated.waker.will_wake(&stage.probe.waker()));
    outdated.waker.wake_by_ref();
    assert!(!stage.run_one());
    {
        let _context = stage.executor().enter();
        outdated.waker.wake_by_ref();
    }
    assert!(!stage.run_one());
    stage.expect(WITH_SUCCESSOR);
}

#[test]
fn an_outdated_abort_handle_does_not_abort_the_successor() {
    let (stage, outdated, successor) = with_successor();
    assert_eq!(outdated.abort.id(), outdated.id);
    outdated.abort.abort();
    assert!(!successor.is_finished());
    stage.expect(WITH_SUCCESSOR);
}

#[test]
fn outdated_numbers_do_nothing_from_another_thread_either() {
    let (stage, outdated, successor) = with_successor();
    thread::spawn(move || outdated.use_all()).join().unwrap();
    assert!(!stage.run_one());
    assert!(!successor.is_finished());
    stage.expect(WITH_SUCCESSOR);
}

#[test]
fn a_waker_in_the_inbox_may_become_outdated_there() {
    let stage = Stage::new();
    let first = stage.spawn(waits);
    assert!(stage.run_one());
    let (waker, abort) = (stage.probe.waker(), first.abort_handle());
    let slot = first.id().slot();
    thread::spawn(move || {
        waker.wake();
        abort.abort();
    })
    .join()
    .unwrap();
    // Before the executor looks into its inbox, the task ends, and another one takes its slot.
    first.abort();
    drop(first);
    let successor = stage.spawn(waits);
    assert_eq!(successor.id().slot(), slot);
    assert!(stage.run_one());
    assert!(!stage.run_one());
    assert!(!successor.is_finished());
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_handle_that_gave_its_result_does_nothing_to_the_successor() {
    let stage = Stage::new();
    let mut first = stage.spawn(finishes);
    assert!(stage.run_one());
    drop(stage.join(&mut first).unwrap());
    let mut successor = stage.spawn(finishes);
    assert_eq!(successor.id().slot(), first.id().slot());
    first.abort();
    assert!(first.is_finished() && !successor.is_finished());
    assert!(stage.run_one());
    drop(first);
    drop(stage.join(&mut successor).expect("the output is the successor's"));
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
}

#[test]
fn numbers_of_a_dropped_executor_do_nothing_to_its_successors() {
    // Places in the process-wide table are taken again after a while. By then each successor has such a task.
    let stage = Stage::new();
    let waiting = stage.spawn(waits);
    assert!(stage.run_one());
    let outdated = Outdated { id: waiting.id(), waker: stage.probe.waker(), abort: waiting.abort_handle() };
    let remote = stage.executor().remote();
    drop(stage);
    for _ in 0..500 {
        let successor = Stage::new();
        let task = successor.spawn(waits);
        assert_eq!(task.id(), outdated.id, "a number is unique within its executor only");
        assert!(successor.run_one());
        assert_ne!(successor.executor().remote(), remote);
        outdated.abort.abort();
        let abort = outdated.abort.clone();
        thread::spawn(move || abort.abort()).join().unwrap();
        assert!(!remote.is_open() && remote.post(|| ()).is_err());
        assert!(waiting.is_finished());
        successor.executor().run_until_stalled();
        assert!(!task.is_finished());
        successor.expect(Seen { polls: 1, ..Seen::NOTHING });
    }
    drop(waiting);
}

#[test]
fn numbers_are_unique_among_the_tasks_that_exist() {
    let executor = Executor::new();
    let mut tasks = Vec::new();
    let mut seen = HashSet::new();
    for round in 0..many(20_000) {
        let task = executor.spawn(pending::<()>());
        assert!(seen.insert(task.id()), "{:?} was given out twice", task.id());
        tasks.push(task);
        if round % 3 == 0 {
            tasks.swap_remove(round / 2 % tasks.len()).abort();
            executor.run_until_stalled();
        }
    }
    assert_eq!(executor.tasks().iter().map(|info| info.id).collect::<HashSet<_>>().len(), tasks.len());
}

#[test]
fn storms_of_outdated_numbers_hit_nobody() {
    let executor = Executor::new();
    let bystander = Probe::new(&executor);
    drop(executor.spawn(bystander.future(waits)));
    executor.run_until_stalled();
    let mut outdated = Vec::new();
    for _ in 0..many(2000) {
        let probe = Probe::new(&executor);
        let task = executor.spawn(probe.future(finishes));
        executor.run_until_stalled();
        outdated.push(Outdated { id: task.id(), waker: probe.waker(), abort: task.abort_handle() });
        drop(task);
        assert_eq!((probe.polls(), probe.future_drops(), probe.output_drops(), probe.strays()), (1, 1, 1, 0));
    }
    let last = Probe::new(&executor);
    let successor = executor.spawn(last.future(waits));
    executor.run_until_stalled();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| outdated.iter().for_each(Outdated::use_all));
        }
    });
    outdated.iter().for_each(Outdated::use_all);
    executor.run_until_stalled();
    assert_eq!((bystander.polls(), last.polls()), (1, 1));
    assert!(!successor.is_finished());
}
