//! The task list: what every task is doing, for how long it has been polled, and where it comes from.

mod timing;

#[path = "task_list/operations.rs"]
mod operations;
#[path = "task_list/place.rs"]
mod place;

use std::future::pending;
use std::sync::mpsc;
use std::thread;

use hanol::runtime::{Handle, TaskInfo, TaskState};
use hanol::task::{Builder, Id, yield_now};
use hanol::time::sleep;
use tokio::sync::oneshot;

use self::place::below;
use self::timing::{HOUR, millis, runtime};

/// What the list of the current runtime says of one task.
fn info(id: Id) -> TaskInfo {
    let tasks = Handle::current().tasks();
    tasks.into_iter().find(|task| task.id == id).expect("the task is in the list")
}

#[hanol::test]
async fn a_task_is_listed_with_the_line_that_spawned_it_and_its_name() {
    let place = below("hanol::spawn(");
    let plain = hanol::spawn(pending::<()>());
    let plain = info(plain.id());
    assert_eq!((plain.spawned_at.to_string(), plain.name), (place, None));

    let place = below("spawn(");
    let named = Builder::new().name("peer 1").spawn(pending::<()>());
    let named = info(named.id());
    assert_eq!((named.spawned_at.to_string(), named.name.as_deref()), (place, Some("peer 1")));
}

#[test]
fn the_future_of_block_on_is_task_zero_and_stands_at_its_line() {
    let runtime = runtime();
    assert!(runtime.handle().tasks().is_empty());
    for _ in 0..2 {
        let place = below("block_on(");
        runtime.block_on(async {
            drop(hanol::spawn(pending::<()>()));
            yield_now().await;
            let tasks = Handle::current().tasks();
            assert_eq!(tasks[0].spawned_at.to_string(), place);
            assert_eq!((tasks[0].id.to_string(), tasks[0].polls), ("0".to_owned(), 2));
            assert_eq!((tasks[0].id, tasks[0].state), (hanol::task::id(), TaskState::Running));
        });
    }
    let tasks = runtime.handle().tasks();
    assert_eq!(tasks.len(), 2, "nobody blocks now");
}

#[hanol::test]
async fn a_task_is_ready_then_waits_then_has_finished() {
    let (sender, receiver) = oneshot::channel::<()>();
    let task = hanol::spawn(receiver);
    let first = info(task.id());
    assert_eq!((first.state, first.polls), (TaskState::Ready, 0));
    yield_now().await;
    let waiting = info(task.id());
    assert_eq!((waiting.state, waiting.polls), (TaskState::Waiting, 1));
    assert!(waiting.waiting.is_none(), "a foreign channel keeps no record");
    sender.send(()).unwrap();
    assert_eq!(info(task.id()).state, TaskState::Ready);
    yield_now().await;
    let finished = info(task.id());
    assert_eq!((finished.state, finished.polls), (TaskState::Finished, 2));
    let id = task.id();
    task.await.unwrap().unwrap();
    assert!(Handle::current().tasks().iter().all(|task| task.id != id));
}

#[hanol::test]
async fn the_record_of_a_wait_that_has_ended_is_gone() {
    let task = hanol::spawn(async {
        sleep(millis(1)).await;
        pending::<()>().await;
    });
    yield_now().await;
    assert_eq!(info(task.id()).waiting.unwrap().operation, "sleep");
    sleep(millis(3)).await;
    yield_now().await;
    let info = info(task.id());
    assert_eq!((info.polls, info.waiting), (2, None));
}

#[hanol::test]
async fn what_a_task_noted_in_the_poll_that_ended_it_is_not_kept_for_the_next() {
    let ends = hanol::spawn(async { assert!(futures_util::poll!(Box::pin(sleep(HOUR))).is_pending()) });
    let next = hanol::spawn(pending::<()>());
    yield_now().await;
    assert!(ends.is_finished());
    assert_eq!(info(next.id()).waiting, None);
}

#[hanol::test]
async fn another_thread_sees_the_same_list() {
    let place = below("sleep(");
    let task = Builder::new().name("sleeper").spawn(async { sleep(HOUR).await });
    yield_now().await;
    let handle = Handle::current();
    let (sender, answer) = oneshot::channel();
    let asking = thread::spawn(move || sender.send((handle.tasks(), handle.tasks_within(HOUR))).unwrap());
    // The runtime answers while it waits.
    let (tasks, within) = answer.await.unwrap();
    asking.join().unwrap();
    let here = Handle::current().tasks();
    for list in [&tasks, &within.unwrap()] {
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].state, TaskState::Waiting);
        assert_eq!((list[1].id, list[1].state), (task.id(), TaskState::Waiting));
        assert_eq!(list[1].waiting.as_ref().unwrap().location.to_string(), place);
        assert_eq!(list[1].to_string(), here[1].to_string());
    }
}

#[hanol::test]
async fn a_runtime_whose_thread_is_stuck_does_not_answer_in_time() {
    let handle = Handle::current();
    let (sender, answer) = mpsc::channel();
    let asking = thread::spawn(move || {
        sender.send(handle.tasks_within(millis(20))).unwrap();
        handle.tasks()
    });
    // This holds the thread until the other one has given up.
    assert!(answer.recv().unwrap().is_none());
    while !asking.is_finished() {
        sleep(millis(1)).await;
    }
    assert_eq!(asking.join().unwrap().len(), 1, "it answers when it is free again");
}

#[test]
fn a_runtime_that_nobody_blocks_on_answers_only_on_its_own_thread() {
    let runtime = runtime();
    drop(runtime.spawn(pending::<()>()));
    let handle = runtime.handle();
    assert_eq!(handle.tasks().len(), 1);
    assert_eq!(handle.tasks_within(HOUR).unwrap().len(), 1);
    let handle = thread::spawn(move || {
        assert!(handle.tasks_within(millis(20)).is_none());
        handle
    });
    let handle = handle.join().unwrap();
    // The next to block answers those who still wait.
    let asking = thread::spawn(move || handle.tasks());
    while !asking.is_finished() {
        runtime.block_on(sleep(millis(1)));
    }
    assert_eq!(asking.join().unwrap().len(), 2);
}

#[test]
fn who_waits_for_the_list_of_a_runtime_that_goes_gets_an_empty_one() {
    let runtime = runtime();
    drop(runtime.spawn(pending::<()>()));
    let handle = runtime.handle();
    let (started, asked) = mpsc::channel();
    let asking = thread::spawn(move || {
        started.send(timing::ThreadNumber::current()).unwrap();
        handle.tasks()
    });
    asked.recv().unwrap().wait_until_asleep();
    drop(runtime);
    assert!(asking.join().unwrap().is_empty());
}

#[test]
fn the_list_polls_nothing() {
    let runtime = runtime();
    runtime.block_on(async {
        let tasks = [hanol::spawn(sleep(HOUR)), hanol::spawn(pending()), hanol::spawn(yield_now())];
        yield_now().await;
        let before = (Handle::current().tasks().to_string(), runtime.metrics());
        for _ in 0..100 {
            assert_eq!((Handle::current().tasks().to_string(), runtime.metrics()), before);
        }
        drop(tasks);

        // From another thread it costs the runtime a turn, and the tasks nothing.
        let waiting = hanol::spawn(sleep(HOUR));
        yield_now().await;
        let (sender, answer) = oneshot::channel();
        let handle = Handle::current();
        let asking = thread::spawn(move || {
            for _ in 0..100 {
                handle.tasks();
            }
            sender.send(()).unwrap();
        });
        answer.await.unwrap();
        asking.join().unwrap();
        assert_eq!(info(waiting.id()).polls, 1);
        assert_eq!(info(hanol::task::id()).polls, 4);
    });
}

#[hanol::test]
async fn the_list_is_shown_with_a_line_for_each_task() {
    let [slept, spawned] = ["sleep(", "spawn("].map(|call| below(call));
    let sleeper = Builder::new().name("sleeper").spawn(async { sleep(HOUR).await });
    yield_now().await;
    let main = Handle::current().tasks()[0].spawned_at;
    let expected = format!(
        "task 0 running; spawned at {main}; 2 polls\n\
         task {} \"sleeper\" waiting: sleep at {slept}; spawned at {spawned}; 1 poll\n",
        sleeper.id(),
    );
    assert_eq!(Handle::current().tasks().to_string(), expected);
}

#[hanol::test]
async fn the_list_is_read_like_a_slice() {
    drop(hanol::spawn(pending::<()>()));
    let tasks = Handle::current().tasks();
    let ids: Vec<_> = tasks.iter().map(|task| task.id).collect();
    assert_eq!((&tasks).into_iter().map(|task| task.id).collect::<Vec<_>>(), ids);
    assert_eq!(tasks.clone().into_iter().map(|task| task.id).collect::<Vec<_>>(), ids);
    assert_eq!(tasks.into_vec().len(), ids.len());
}
