//! Running a future until its token is cancelled.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::task::Poll;

use hanol::runtime::Handle;
use hanol::sync::{CancellationToken, watch};
use hanol::task::yield_now;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready_eq};

use crate::place::below;

/// Notes when it is dropped.
struct Noted(Rc<Cell<bool>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_future_that_is_ready_in_time_gives_its_output() {
    let token = CancellationToken::new();
    assert_ready_eq!(poll_by_hand(token.run_until_cancelled(ready(7))).poll(), Some(7));
    assert_ready_eq!(poll_by_hand(token.run_until_cancelled_owned(ready(8))).poll(), Some(8));
}

#[test]
fn one_that_waits_is_ended_by_cancelling() {
    let parent = CancellationToken::new();
    let token = parent.child_token();
    let mut run = poll_by_hand(token.run_until_cancelled(pending::<()>()));
    let mut owned = poll_by_hand(token.clone().run_until_cancelled_owned(pending::<()>()));
    assert_pending!(run.poll());
    assert_pending!(owned.poll());
    parent.cancel();
    assert!(run.is_woken() && owned.is_woken());
    assert_ready_eq!(run.poll(), None);
    assert_ready_eq!(owned.poll(), None);
}

#[test]
fn a_token_that_was_cancelled_before_keeps_the_future_from_being_polled() {
    let token = CancellationToken::new();
    token.cancel();
    let never = || poll_fn(|_| -> Poll<()> { panic!("it is not polled") });
    assert_ready_eq!(poll_by_hand(token.run_until_cancelled(never())).poll(), None);
    assert_ready_eq!(poll_by_hand(token.run_until_cancelled_owned(never())).poll(), None);
}

#[test]
fn if_both_come_at_the_same_time_the_output_is_given() {
    let token = CancellationToken::new();
    let polls = Cell::new(0);
    let second_poll = || {
        polls.set(0);
        poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() == 2 { Poll::Ready(polls.get()) } else { Poll::Pending }
        })
    };
    let mut run = poll_by_hand(token.run_until_cancelled(second_poll()));
    assert_pending!(run.poll());
    token.cancel();
    assert_ready_eq!(run.poll(), Some(2));

    let token = CancellationToken::new();
    let mut run = poll_by_hand(token.clone().run_until_cancelled_owned(second_poll()));
    assert_pending!(run.poll());
    token.cancel();
    assert_ready_eq!(run.poll(), Some(2));
}

#[test]
fn a_future_that_cancels_its_own_token_ends_with_that_poll() {
    let token = CancellationToken::new();
    let cancels = || {
        poll_fn(|_| {
            token.cancel();
            Poll::<()>::Pending
        })
    };
    assert_ready_eq!(poll_by_hand(token.run_until_cancelled(cancels())).poll(), None);
}

#[hanol::test]
async fn the_future_is_dropped_when_its_awaiting_is_over() {
    let token = CancellationToken::new();
    let dropped = Rc::new(Cell::new(false));
    let noted = Noted(Rc::clone(&dropped));
    let task = hanol::spawn({
        let (token, dropped) = (token.clone(), Rc::clone(&dropped));
        async move {
            let work = async move {
                let _noted = noted;
                pending::<()>().await;
            };
            assert!(token.run_until_cancelled(work).await.is_none());
            dropped.get()
        }
    });
    yield_now().await;
    assert!(!dropped.get());
    token.cancel();
    assert!(task.await.unwrap());
}

#[hanol::test]
async fn a_future_that_is_always_busy_is_ended_too() {
    let token = CancellationToken::new();
    let task = hanol::spawn({
        let token = token.clone();
        async move {
            let (sender, mut receiver) = watch::channel(());
            let busy = async {
                loop {
                    sender.send(()).unwrap();
                    receiver.changed().await.unwrap();
                }
            };
            token.run_until_cancelled(busy).await.is_none()
        }
    });
    for _ in 0..10 {
        yield_now().await;
    }
    assert!(!task.is_finished());
    token.cancel();
    yield_now().await;
    assert!(task.is_finished());
    assert!(task.await.unwrap());
}

#[hanol::test]
async fn the_task_list_names_what_the_future_waits_for() {
    let (token, other) = (CancellationToken::new(), CancellationToken::new());
    let (sender, mut receiver) = watch::channel(());
    let run = token.clone();
    let changed_at = below("changed(");
    let changed = hanol::spawn(async move { run.run_until_cancelled(receiver.changed()).await.is_none() });
    let foreign_at = below("run_until_cancelled(");
    let foreign = hanol::spawn(async move { other.run_until_cancelled(pending::<()>()).await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    for (id, operation, place) in [(changed.id(), "changed", changed_at), (foreign.id(), "cancelled", foreign_at)] {
        let task = tasks.iter().find(|task| task.id == id).unwrap();
        let waiting = task.waiting.as_ref().unwrap();
        assert_eq!((waiting.operation, waiting.location.to_string()), (operation, place));
    }
    drop(sender);
}
