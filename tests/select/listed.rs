//! What the task list says of a task that waits in `select!`.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::rc::Rc;
use std::time::Duration;

use hanol::runtime::{Handle, Waiting};
use hanol::select;
use hanol::task::{JoinSet, yield_now};
use hanol::time::sleep;

use crate::place::below;

const HOUR: Duration = Duration::from_secs(3600);

/// What the list says of a task that runs the future, each time the task is polled.
async fn waits(future: impl Future<Output = ()> + 'static, polls: usize) -> Vec<Waiting> {
    let task = hanol::spawn(future);
    let mut waits = Vec::new();
    for _ in 0..polls {
        yield_now().await;
        let info = Handle::current().tasks().into_iter().find(|info| info.id == task.id()).unwrap();
        waits.extend(info.waiting);
    }
    task.abort();
    waits
}

#[hanol::test]
async fn the_first_branch_is_listed_whichever_is_polled_first() {
    let place = below("sleep(");
    let (first, mut stuck) = (sleep(HOUR), JoinSet::new());
    stuck.spawn(pending::<()>());
    let waits = waits(
        async move {
            hanol::pin!(first);
            loop {
                select! {
                    _ = pending::<()>() => {}
                    _ = &mut first => {}
                    _ = sleep(HOUR) => {}
                    _ = stuck.join_next() => {}
                    _ = async { loop { yield_now().await } } => {}
                }
            }
        },
        40,
    );
    let waits = waits.await;
    assert_eq!(waits.len(), 40);
    for waiting in waits {
        assert_eq!((waiting.operation, waiting.location.to_string()), ("sleep", place.clone()));
    }
}

#[hanol::test]
async fn a_select_whose_branches_say_nothing_is_listed_itself() {
    let place = Rc::new(RefCell::new(String::new()));
    let select = {
        let place = Rc::clone(&place);
        async move {
            *place.borrow_mut() = below("select!");
            select! {
                _ = pending::<()>() => {}
                _ = pending::<()>() => {}
            }
        }
    };
    let waits = waits(select, 1).await;
    assert_eq!(waits.len(), 1);
    assert_eq!((waits[0].operation, waits[0].location.to_string()), ("select!", place.take()));
    assert_eq!(waits[0].resource, None);
}

#[hanol::test]
async fn a_branch_that_is_disabled_is_not_listed() {
    let (disabled, done) = (sleep(HOUR), ready(None::<()>));
    let place = below("sleep(");
    let last = sleep(HOUR);
    let select = async move {
        select! {
            _ = disabled, if false => {}
            Some(()) = done => {}
            _ = last => {}
        }
    };
    let waits = waits(select, 1).await;
    assert_eq!(waits[0].location.to_string(), place);
}

#[hanol::test]
async fn what_another_future_waits_for_beside_it_stays_listed() {
    let place = below("sleep(");
    let beside = sleep(HOUR);
    let silent = async {
        select! { biased; _ = pending::<()>() => {} _ = ready(()) => {} }
        select! { Some(()) = ready(None) => {} else => {} }
        hanol::join!(ready(()), ready(()));
        assert!(hanol::try_join!(ready(Err::<(), _>(())), pending::<Result<(), _>>()).is_err());
        select! { _ = pending::<()>() => {} }
    };
    // One that leaves the notes of its futures alone.
    let both = futures_util::future::join(beside, silent);
    let waits = waits(async move { _ = both.await }, 1).await;
    assert_eq!((waits[0].operation, waits[0].location.to_string()), ("sleep", place));
}

#[hanol::test]
async fn what_a_branch_waits_for_counts_more_than_what_was_noted_before() {
    let before = sleep(HOUR);
    let place = below("sleep(");
    let branch = sleep(HOUR);
    let select = async {
        select! { _ = branch => {} }
    };
    let both = futures_util::future::join(before, select);
    let waits = waits(async move { _ = both.await }, 1).await;
    assert_eq!(waits[0].location.to_string(), place);
}
