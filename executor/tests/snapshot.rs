//! The task list: names, spawn lines, states, wait records and polls.

mod util;

use std::future::{pending, poll_fn};
use std::panic::Location;
use std::task::Poll;

use hanol_executor::{
    Builder, Executor, Id, JoinHandle, JoinSet, TaskInfo, TaskState, ThreadPark, WaitKind, spawn, try_task_id,
    waits_for, yield_now,
};

use self::util::{ScriptPark, Seen, Stage, finishes, finishes_at, panics, waits};

#[track_caller]
fn info(executor: &Executor, id: Id) -> TaskInfo {
    executor.tasks().into_iter().find(|info| info.id == id).expect("the task is not in the list")
}

fn state<T>(executor: &Executor, handle: &JoinHandle<T>) -> TaskState {
    info(executor, handle.id()).state
}

#[test]
fn a_new_executor_has_no_tasks() {
    assert!(Executor::new().tasks().is_empty());
}

#[test]
fn the_list_shows_names() {
    let executor = Executor::new();
    let _context = executor.enter();
    let named = Builder::new().name("reader").spawn(pending::<()>());
    let unnamed = Builder::new().spawn(pending::<()>());
    let plain = spawn(pending::<()>());
    let names = [named.id(), unnamed.id(), plain.id()].map(|id| info(&executor, id).name);
    assert_eq!(names, [Some("reader".to_owned()), None, None]);
}

#[test]
fn a_name_does_not_pass_to_the_successor_in_the_slot() {
    let executor = Executor::new();
    let _context = executor.enter();
    let named = Builder::new().name("first").spawn(async {});
    let slot = named.id().slot();
    executor.run_until_stalled();
    assert_eq!(info(&executor, named.id()).name.as_deref(), Some("first"), "it is kept until the result is fetched");
    drop(named);
    let successor = spawn(pending::<()>());
    assert_eq!(successor.id().slot(), slot);
    assert_eq!(info(&executor, successor.id()).name, None);
}

#[test]
fn the_list_shows_the_line_that_spawned_a_task() {
    let executor = Executor::new();
    let _context = executor.enter();
    let line = line!();
    let by_executor = executor.spawn(pending::<()>());
    let by_function = spawn(pending::<()>());
    let by_builder = Builder::new().spawn(pending::<()>());
    let mut set = JoinSet::new();
    let by_set = set.spawn(pending::<()>());
    for (id, below) in [(by_executor.id(), 1), (by_function.id(), 2), (by_builder.id(), 3), (by_set.id(), 5)] {
        let spawned_at = info(&executor, id).spawned_at;
        assert_eq!((spawned_at.file(), spawned_at.line()), (file!(), line + below));
    }
}

#[test]
fn a_task_that_came_from_elsewhere_shows_the_line_that_sent_it() {
    let executor = Executor::new();
    let line = line!() + 1;
    executor.remote().spawn(async { yield_now().await }).unwrap();
    assert!(executor.try_run_one());
    let [task] = executor.tasks().try_into().unwrap();
    assert_eq!((task.spawned_at.file(), task.spawned_at.line()), (file!(), line));
}

#[test]
fn a_task_goes_through_its_states() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes_at(2));
    let id = handle.id();
    let executor = stage.executor();
    assert_eq!((state(executor, &handle), info(executor, id).polls), (TaskState::Ready, 0));
    assert!(stage.run_one());
    assert_eq!((state(executor, &handle), info(executor, id).polls), (TaskState::Waiting, 1));
    let context = executor.enter();
    stage.probe.waker().wake();
    drop(context);
    assert_eq!((state(executor, &handle), info(executor, id).polls), (TaskState::Ready, 1));
    assert!(stage.run_one());
    assert_eq!((state(executor, &handle), info(executor, id).polls), (TaskState::Finished, 2));
    drop(stage.join(&mut handle).unwrap());
    assert!(executor.tasks().is_empty());
}

#[test]
fn tasks_that_panicked_or_were_aborted_have_finished() {
    let stage = Stage::new();
    let panicked = stage.spawn(panics);
    let aborted = stage.spawn(waits);
    stage.executor().run_until_stalled();
    aborted.abort();
    assert_eq!(state(stage.executor(), &panicked), TaskState::Finished);
    assert_eq!(state(stage.executor(), &aborted), TaskState::Finished);
    drop((panicked, aborted));
    assert!(stage.executor().tasks().is_empty());
}

#[test]
fn detached_tasks_leave_the_list_at_their_end() {
    let stage = Stage::new();
    drop(stage.spawn(finishes));
    assert_eq!(stage.executor().tasks().len(), 1);
    stage.executor().run_until_stalled();
    assert!(stage.executor().tasks().is_empty());
}

#[test]
fn the_future_of_block_on_is_task_zero_and_is_there_while_it_runs() {
    let executor = Executor::new();
    let line = line!() + 1;
    let (id, inside) = executor.block_on(&mut ThreadPark::new(), async {
        yield_now().await;
        (try_task_id().unwrap(), executor.tasks())
    });
    assert_eq!(inside.len(), 1);
    assert_eq!((inside[0].id, inside[0].id.to_string().as_str()), (id, "0"));
    assert_eq!((inside[0].state, inside[0].polls), (TaskState::Running, 2));
    assert_eq!((inside[0].spawned_at.file(), inside[0].spawned_at.line()), (file!(), line));
    assert!(executor.tasks().is_empty());
}

#[test]
fn a_task_that_looks_at_the_list_runs() {
    let executor = Executor::new();
    let remote = executor.remote();
    let other = executor.spawn(pending::<()>());
    let task = executor.spawn(async move { (try_task_id().unwrap(), remote.tasks().unwrap()) });
    let (id, inside) = executor.block_on(&mut ThreadPark::new(), task).unwrap();
    let state = |id| inside.iter().find(|info| info.id == id).unwrap().state;
    assert_eq!(state(id), TaskState::Running);
    assert_eq!(state(other.id()), TaskState::Waiting);
}

#[test]
fn the_list_is_for_the_executors_own_thread() {
    let executor = Executor::new();
    drop(executor.spawn(pending::<()>()));
    let remote = executor.remote();
    assert_eq!(remote.tasks().map(|tasks| tasks.len()), Some(1));
    assert!(std::thread::spawn(move || remote.tasks().is_none()).join().unwrap());
    drop(executor);
    assert!(remote.tasks().is_none());
}

/// A kind of wait that is none of the executor's.
const READING: WaitKind = WaitKind(16);

/// A leaf operation that waits for ever and keeps a record, as those of a reactor do.
#[track_caller]
fn read(resource: u32) -> impl Future<Output = ()> {
    let location = Location::caller();
    poll_fn(move |_| {
        waits_for(READING, resource, location);
        Poll::Pending
    })
}

#[test]
fn the_list_shows_what_a_task_waits_for_and_where() {
    let executor = Executor::new();
    let line = line!() + 1;
    let task = executor.spawn(async { read(7).await });
    assert_eq!(info(&executor, task.id()).waits_for, None, "it was not polled yet");
    executor.run_until_stalled();
    let record = info(&executor, task.id()).waits_for.unwrap();
    assert_eq!((record.kind, record.resource), (READING, 7));
    assert_eq!((record.location.file(), record.location.line()), (file!(), line));

    task.abort();
    assert_eq!(info(&executor, task.id()).waits_for, None, "it waits no more");
}

#[test]
fn the_last_record_of_the_last_poll_is_kept() {
    let stage = Stage::new();
    let mut polls = 0;
    let task = stage.spawn(move |_| {
        polls += 1;
        if polls == 1 {
            waits_for(READING, 1, Location::caller());
            waits_for(READING, 2, Location::caller());
        }
        Poll::Pending
    });
    assert!(stage.run_one());
    assert_eq!(info(stage.executor(), task.id()).waits_for.map(|record| record.resource), Some(2));
    stage.probe.waker().wake();
    assert!(stage.run_one());
    assert_eq!(info(stage.executor(), task.id()).waits_for, None, "the second poll kept no record");
}

#[test]
fn a_resource_has_24_bits() {
    let executor = Executor::new();
    let task = executor.spawn(read(0xff12_3456));
    executor.run_until_stalled();
    assert_eq!(info(&executor, task.id()).waits_for.map(|record| record.resource), Some(0x12_3456));
}

#[test]
fn a_record_outside_of_a_task_goes_nowhere() {
    waits_for(READING, 1, Location::caller());
    let executor = Executor::new();
    let task = executor.spawn(pending::<()>());
    executor.run_until_stalled();
    let _context = executor.enter();
    waits_for(READING, 1, Location::caller());
    assert_eq!(info(&executor, task.id()).waits_for, None);
}

#[test]
fn joining_and_yielding_keep_records() {
    let executor = Executor::new();
    let waiting = executor.spawn(pending::<()>());
    let waited_for = waiting.id();
    let spawned_at = info(&executor, waited_for).spawned_at;
    let joining = executor.spawn(waiting);
    let yields_at = line!() + 1;
    let yielding = executor.spawn(async { yield_now().await });
    (0..3).for_each(|_| assert!(executor.try_run_one()));

    let record = info(&executor, joining.id()).waits_for.unwrap();
    assert_eq!((record.kind, record.resource), (WaitKind::JOIN, waited_for.slot()));
    assert_eq!(record.location, spawned_at, "a handle knows the line that spawned its task");
    let record = info(&executor, yielding.id()).waits_for.unwrap();
    assert_eq!((record.kind, record.location.line()), (WaitKind::YIELD, yields_at));
}

#[test]
fn a_set_records_the_line_that_joins() {
    let executor = Executor::new();
    let line = line!() + 4;
    let joining = executor.spawn(async {
        let mut set = JoinSet::new();
        let id = set.spawn(pending::<()>()).id();
        set.join_next().await;
        id
    });
    executor.run_until_stalled();
    let record = info(&executor, joining.id()).waits_for.unwrap();
    assert_eq!((record.kind, record.location.file(), record.location.line()), (WaitKind::JOIN, file!(), line));
}

#[test]
fn the_future_of_block_on_keeps_records_too() {
    let stage = Stage::new();
    let executor = std::rc::Rc::new(Executor::new());
    let looking = std::rc::Rc::clone(&executor);
    let (sender, seen) = std::sync::mpsc::channel();
    let probe = stage.probe.clone();
    let mut park = ScriptPark::new().then(move || {
        let tasks = looking.tasks();
        sender.send(tasks[0].waits_for.map(|record| (tasks[0].state, record.kind, record.resource))).unwrap();
        probe.waker().wake();
    });
    let mut polls = 0;
    let main = stage.probe.future(move |_| {
        polls += 1;
        waits_for(READING, 3, Location::caller());
        if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
    });
    drop(executor.block_on(&mut park, main));
    assert_eq!(seen.recv().unwrap(), Some((TaskState::Waiting, READING, 3)));
}

#[test]
fn looking_at_the_list_polls_nothing_and_wakes_nothing() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    drop(stage.spawn(finishes));
    assert!(stage.run_one());
    for _ in 0..10 {
        assert_eq!(stage.executor().tasks().len(), 2);
    }
    stage.expect(Seen { polls: 1, ready: 1, ..Seen::NOTHING });
}

#[test]
fn handles_and_errors_show_the_number_of_their_task() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    assert_eq!(handle.id().to_string(), "1");
    assert_eq!(format!("{handle:?}"), "JoinHandle { id: Id(1), .. }");
    assert_eq!(format!("{:?}", handle.abort_handle()), "AbortHandle { id: Id(1), .. }");
    assert!(format!("{:?}", stage.executor()).contains("unfinished: 1"));
    handle.abort();
    let error = stage.join_error(&mut handle);
    assert_eq!(error.id(), handle.id());
    assert_eq!(format!("{error:?}"), "JoinError::Cancelled(Id(1))");
    assert_eq!(std::io::Error::from(error).to_string(), "task 1 was cancelled");
}
