//! Cancellation tokens: what is cancelled with what, who is woken, and what is left behind.

mod foreign;
#[path = "task_list/place.rs"]
mod place;
#[path = "cancellation_token/reentrancy.rs"]
mod reentrancy;
#[path = "cancellation_token/run.rs"]
mod run;
mod timing;
#[path = "cancellation_token/tree.rs"]
mod tree;

use std::cell::Cell;
use std::panic::catch_unwind;
use std::rc::Rc;

use hanol::runtime::{Handle, OPERATIONS_PER_POLL, TaskState};
use hanol::sync::CancellationToken;
use hanol::task::yield_now;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready};

use self::foreign::{on_drop, poll_with};
use self::place::below;

#[test]
fn clones_are_the_same_token() {
    let token = CancellationToken::default();
    let clone = token.clone();
    assert!(!token.is_cancelled() && !clone.is_cancelled());
    clone.cancel();
    assert!(token.is_cancelled() && clone.is_cancelled() && token.clone().is_cancelled());
    token.cancel();
    assert!(token.is_cancelled());
}

#[test]
fn all_who_wait_are_woken_once() {
    let token = CancellationToken::new();
    let clone = token.clone();
    let mut waiting =
        [poll_by_hand(token.cancelled()), poll_by_hand(clone.cancelled()), poll_by_hand(token.cancelled())];
    let mut owned = poll_by_hand(token.clone().cancelled_owned());
    for future in &mut waiting {
        assert_pending!(future.poll());
        assert_pending!(future.poll());
    }
    assert_pending!(owned.poll());
    token.cancel();
    for future in &mut waiting {
        assert!(future.is_woken());
        assert_ready!(future.poll());
    }
    assert!(owned.is_woken());
    assert_ready!(owned.poll());
    assert_ready!(poll_by_hand(token.cancelled()).poll());
}

#[test]
fn an_owned_future_keeps_its_token() {
    let parent = CancellationToken::new();
    let mut owned = poll_by_hand(parent.child_token().cancelled_owned());
    assert_pending!(owned.poll());
    parent.cancel();
    assert!(owned.is_woken());
    assert_ready!(owned.poll());
}

#[test]
fn a_future_that_is_given_up_leaves_nothing() {
    let token = CancellationToken::new();
    let dropped = Rc::new(Cell::new(0));
    let count = || {
        let dropped = Rc::clone(&dropped);
        on_drop(move || dropped.set(dropped.get() + 1))
    };
    for _ in 0..10 {
        let mut cancelled = token.cancelled();
        assert!(poll_with(&mut cancelled, &count()).is_pending());
        drop(cancelled);
        let mut cancelled = token.clone().cancelled_owned();
        assert!(poll_with(&mut cancelled, &count()).is_pending());
        drop(cancelled);
        let mut run = Box::pin(token.run_until_cancelled(std::future::pending::<()>()));
        assert!(poll_with(&mut run, &count()).is_pending());
        drop(run);
    }
    assert_eq!(dropped.get(), 30);
    token.cancel();
}

#[test]
fn a_guard_cancels_its_token_when_it_is_dropped() {
    let token = CancellationToken::new();
    let guard = token.clone().drop_guard();
    assert!(!guard.token().is_cancelled());
    drop(guard);
    assert!(token.is_cancelled());

    let token = CancellationToken::new();
    let guard = token.drop_guard_ref();
    assert!(!guard.token().is_cancelled());
    drop(guard);
    assert!(token.is_cancelled());
}

#[test]
fn a_guard_that_is_disarmed_cancels_nothing() {
    let token = CancellationToken::new();
    let same = token.clone().drop_guard().disarm();
    assert!(!token.is_cancelled());
    let borrowed = token.drop_guard_ref().disarm();
    assert!(!borrowed.is_cancelled());
    same.cancel();
    assert!(token.is_cancelled());
}

#[test]
fn a_guard_cancels_its_token_when_its_scope_panics() {
    let token = CancellationToken::new();
    let panicked = catch_unwind(|| {
        let _guard = token.drop_guard_ref();
        panic!("of the test");
    });
    assert!(panicked.is_err() && token.is_cancelled());
}

#[hanol::test]
async fn a_task_that_is_aborted_cancels_what_it_guards() {
    let token = CancellationToken::new();
    let task = hanol::spawn({
        let guard = token.child_token().drop_guard();
        let children = token.clone();
        async move {
            let _guard = guard;
            children.cancelled().await;
        }
    });
    yield_now().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(!token.is_cancelled());
}

#[hanol::test]
async fn a_task_that_always_finds_its_token_cancelled_gives_way() {
    let token = CancellationToken::new();
    token.cancel();
    for kind in 0..3 {
        let rounds = Rc::new(Cell::new(0));
        let (token, count) = (token.clone(), Rc::clone(&rounds));
        let task = hanol::spawn(async move {
            loop {
                match kind {
                    0 => token.cancelled().await,
                    1 => token.clone().cancelled_owned().await,
                    _ => assert!(token.run_until_cancelled(std::future::pending::<()>()).await.is_none()),
                }
                count.set(count.get() + 1);
            }
        });
        yield_now().await;
        assert_eq!(rounds.get(), OPERATIONS_PER_POLL);
        yield_now().await;
        assert_eq!(rounds.get(), 2 * OPERATIONS_PER_POLL);
        task.abort();
    }
}

#[hanol::test]
async fn the_task_list_says_who_waits_to_be_cancelled_and_where() {
    let token = CancellationToken::new();
    let clone = token.clone();
    let cancelled_at = below("cancelled(");
    let cancelled = hanol::spawn(async move { clone.cancelled().await });
    let clone = token.clone();
    let owned_at = below("cancelled_owned(");
    let owned = hanol::spawn(async move { clone.cancelled_owned().await });
    yield_now().await;
    let tasks = Handle::current().tasks();
    for (id, place) in [(cancelled.id(), cancelled_at), (owned.id(), owned_at)] {
        let task = tasks.iter().find(|task| task.id == id).unwrap();
        let waiting = task.waiting.as_ref().unwrap();
        assert_eq!(task.state, TaskState::Waiting);
        assert_eq!((waiting.operation, waiting.location.to_string()), ("cancelled", place));
    }
}

#[test]
fn it_may_be_used_where_a_panic_is_caught() {
    fn is_unwind_safe<T: std::panic::UnwindSafe + std::panic::RefUnwindSafe>(_: &T) {}
    is_unwind_safe(&CancellationToken::new());
}

#[test]
fn what_it_looks_like_in_a_log() {
    let token = CancellationToken::new();
    assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: false }");
    assert_eq!(format!("{:?}", token.cancelled()), "WaitForCancellationFuture { .. }");
    assert_eq!(format!("{:?}", token.clone().cancelled_owned()), "WaitForCancellationFutureOwned { .. }");
    token.cancel();
    assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: true }");
}
