//! The task tracker: what counts as a task, and when waiting is over.

mod foreign;
#[path = "task_list/place.rs"]
mod place;

use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hanol::runtime::{Handle, OPERATIONS_PER_POLL, TaskState};
use hanol::sync::{CancellationToken, watch};
use hanol::task::{TaskTracker, yield_now};
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

use self::foreign::{on_drop, on_wake, poll_with};
use self::place::below;

#[hanol::test]
async fn waiting_is_over_when_all_tasks_have_ended() {
    let (release, token) = (CancellationToken::new(), CancellationToken::new());
    let tracker = TaskTracker::new();
    let ended = Rc::new(Cell::new(0));
    for number in 0..10 {
        let (release, token, ended) = (release.clone(), token.clone(), Rc::clone(&ended));
        tracker.spawn(async move {
            if number < 5 {
                release.cancelled().await
            } else {
                token.cancelled().await
            }
            ended.set(ended.get() + 1);
        });
    }
    assert_eq!(tracker.len(), 10);
    tracker.close();
    let wait = hanol::spawn({
        let (tracker, ended) = (tracker.clone(), Rc::clone(&ended));
        async move {
            tracker.wait().await;
            ended.get()
        }
    });
    yield_now().await;
    release.cancel();
    yield_now().await;
    assert_eq!((tracker.len(), wait.is_finished()), (5, false));
    token.cancel();
    assert_eq!(wait.await.unwrap(), 10);
    assert!(tracker.is_empty());
}

#[test]
fn it_waits_until_it_is_both_closed_and_empty() {
    let tracker = TaskTracker::new();
    let mut wait = poll_by_hand(tracker.wait());
    assert_pending!(wait.poll());
    let token = tracker.token();
    assert!(tracker.close() && !tracker.close() && tracker.is_closed());
    assert!(!wait.is_woken());
    assert_pending!(wait.poll());
    drop(token);
    assert!(wait.is_woken());
    assert_ready!(wait.poll());
    assert_ready!(poll_by_hand(tracker.wait()).poll());

    assert!(tracker.reopen() && !tracker.reopen() && !tracker.is_closed());
    let mut wait = poll_by_hand(tracker.wait());
    assert_pending!(wait.poll());
    drop(tracker.token());
    assert!(!wait.is_woken());
    tracker.close();
    assert!(wait.is_woken());
    assert_ready!(wait.poll());
}

#[test]
fn an_end_counts_for_those_who_wait_even_if_more_tasks_come() {
    let tracker = TaskTracker::new();
    tracker.close();
    // Over when it was made, and over since.
    let (mut now, token) = (poll_by_hand(tracker.wait()), tracker.token());
    let (mut before, mut later) = (poll_by_hand(tracker.wait()), poll_by_hand(tracker.wait()));
    assert_pending!(before.poll());
    drop(token);
    tracker.reopen();
    let token = tracker.token();
    assert_ready!(now.poll());
    assert_ready!(before.poll());
    assert_ready!(later.poll());
    let mut after = poll_by_hand(tracker.wait());
    assert_pending!(after.poll());
    drop(token);
    assert_pending!(after.poll());
    tracker.close();
    assert_ready!(after.poll());
}

#[test]
fn a_future_counts_until_it_is_dropped() {
    let tracker = TaskTracker::new();
    let mut tracked = poll_by_hand(tracker.track_future(ready(7)));
    assert_eq!(tracker.len(), 1);
    assert_ready_eq!(tracked.poll(), 7);
    assert_eq!(tracker.len(), 1);
    drop(tracked);
    assert!(tracker.is_empty());
}

#[test]
fn a_future_counts_while_it_is_being_dropped() {
    struct Pends(TaskTracker, Rc<Cell<usize>>);
    impl Future for Pends {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Pending
        }
    }
    impl Drop for Pends {
        fn drop(&mut self) {
            self.1.set(self.0.len());
        }
    }
    let (tracker, counted) = (TaskTracker::new(), Rc::new(Cell::new(0)));
    drop(tracker.track_future(Pends(tracker.clone(), Rc::clone(&counted))));
    assert_eq!((counted.get(), tracker.len()), (1, 0));
}

#[hanol::test]
async fn tasks_that_panic_or_are_aborted_have_ended() {
    let tracker = TaskTracker::new();
    let panics = tracker.spawn(async { panic!("of the test") });
    let aborted = tracker.spawn(pending::<()>());
    let value = tracker.spawn(ready(7));
    tracker.close();
    aborted.abort();
    tracker.wait().await;
    assert!(panics.is_finished() && aborted.is_finished() && value.is_finished());
    assert!(panics.await.unwrap_err().is_panic() && aborted.await.unwrap_err().is_cancelled());
    assert_eq!(value.await.unwrap(), 7);
}

#[hanol::test]
async fn a_future_whose_drop_panics_is_counted_no_more() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("of the test");
        }
    }
    let tracker = TaskTracker::new();
    let panics = Panics;
    let task = tracker.spawn(async move {
        let _panics = &panics;
        pending::<()>().await;
    });
    tracker.close();
    yield_now().await;
    task.abort();
    tracker.wait().await;
    assert!(task.await.is_err());
}

#[hanol::test]
async fn tasks_may_add_tasks() {
    fn grow(tracker: TaskTracker, depth: u32, ended: Rc<Cell<u32>>) {
        let more = tracker.clone();
        tracker.spawn(async move {
            yield_now().await;
            if depth > 0 {
                (0..2).for_each(|_| grow(more.clone(), depth - 1, Rc::clone(&ended)));
            }
            ended.set(ended.get() + 1);
        });
    }
    let (tracker, ended) = (TaskTracker::new(), Rc::default());
    grow(tracker.clone(), 9, Rc::clone(&ended));
    tracker.close();
    tracker.wait().await;
    assert_eq!(ended.get(), 1023);
}

#[test]
fn tokens_count_and_know_their_tracker() {
    let (tracker, other) = (TaskTracker::default(), TaskTracker::new());
    let token = tracker.token();
    let tokens = vec![token.clone(); 3];
    assert_eq!((tracker.len(), tracker.is_empty()), (4, false));
    assert!(TaskTracker::ptr_eq(&tracker.clone(), token.task_tracker()));
    assert!(!TaskTracker::ptr_eq(&tracker, &other));
    drop((token, tokens));
    assert!(tracker.is_empty());
}

#[test]
fn a_tracker_that_is_dropped_leaves_its_tasks_alone() {
    let tracker = TaskTracker::new();
    let mut tracked = poll_by_hand(tracker.track_future(ready(7)));
    drop(tracker);
    assert_ready_eq!(tracked.poll(), 7);
}

#[test]
fn a_future_that_is_given_up_leaves_nothing() {
    let tracker = TaskTracker::new();
    let dropped = Rc::new(Cell::new(false));
    let mut wait = tracker.wait();
    let note = Rc::clone(&dropped);
    assert!(poll_with(&mut wait, &on_drop(move || note.set(true))).is_pending());
    drop(wait);
    assert!(dropped.get());
}

#[test]
fn a_waker_may_come_back_to_the_tracker_or_panic() {
    let tracker = TaskTracker::new();
    let kept = Rc::new(RefCell::new(None));
    let mut first = tracker.wait();
    let waker = on_wake({
        let (tracker, kept) = (tracker.clone(), Rc::clone(&kept));
        move || {
            assert!(tracker.is_closed() && tracker.is_empty());
            tracker.reopen();
            *kept.borrow_mut() = Some(tracker.token());
            panic!("of the waker");
        }
    });
    assert!(poll_with(&mut first, &waker).is_pending());
    let mut second = poll_by_hand(tracker.wait());
    assert_pending!(second.poll());
    tracker.close();
    assert!(second.is_woken());
    assert_ready!(second.poll());
    assert!(poll_with(&mut first, &waker).is_ready());
    assert_eq!((tracker.len(), tracker.is_closed()), (1, false));
}

#[hanol::test]
async fn a_task_that_always_finds_the_tracker_empty_gives_way() {
    let tracker = TaskTracker::new();
    tracker.close();
    let rounds = Rc::new(Cell::new(0));
    let count = Rc::clone(&rounds);
    let task = hanol::spawn(async move {
        loop {
            tracker.wait().await;
            count.set(count.get() + 1);
        }
    });
    yield_now().await;
    assert_eq!(rounds.get(), OPERATIONS_PER_POLL);
    task.abort();
}

#[hanol::test]
async fn the_task_list_names_the_line_that_spawned_and_the_line_that_waits() {
    let tracker = TaskTracker::new();
    let (sender, mut receiver) = watch::channel(());
    let spawned_at = below("spawn(async");
    let tracked = tracker.spawn(async move { receiver.changed().await.is_ok() });
    let clone = tracker.clone();
    let wait_at = below("wait(");
    let wait = hanol::spawn(async move { clone.wait().await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let find = |id| tasks.iter().find(|task| task.id == id).unwrap();
    assert_eq!(find(tracked.id()).spawned_at.to_string(), spawned_at);
    let waiting = find(wait.id()).waiting.as_ref().unwrap();
    assert_eq!(find(wait.id()).state, TaskState::Waiting);
    assert_eq!((waiting.operation, waiting.location.to_string()), ("child tasks", wait_at));
    drop(sender);
}

#[test]
fn what_it_looks_like_in_a_log() {
    let tracker = TaskTracker::new();
    let token = tracker.token();
    assert_eq!(format!("{tracker:?}"), "TaskTracker { len: 1, is_closed: false }");
    assert_eq!(format!("{token:?}"), "TaskTrackerToken { tracker: TaskTracker { len: 1, is_closed: false } }");
    assert_eq!(format!("{:?}", tracker.wait()), "TaskTrackerWaitFuture { .. }");
}
