//! The budget of a poll, as tasks see it and change it.

mod util;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use hanol::runtime::{Handle, OPERATIONS_PER_POLL};
use hanol::task::{AbortOnDropHandle, JoinSet, consume_budget, coop, unconstrained, yield_now};

use self::util::polls_of;

/// How often the task that calls this has been polled.
fn own_polls() -> u32 {
    let own = hanol::task::id();
    Handle::current().tasks().iter().find(|task| task.id == own).expect("it runs").polls
}

#[hanol::test]
async fn a_loop_that_only_consumes_budget_gives_way_after_each_share() {
    let others = Rc::new(Cell::new(0));
    let seen = Rc::clone(&others);
    let _other = AbortOnDropHandle::new(hanol::spawn(async move {
        loop {
            seen.set(seen.get() + 1);
            yield_now().await;
        }
    }));
    for _ in 0..10 * OPERATIONS_PER_POLL {
        consume_budget().await;
    }
    assert_eq!(others.get(), 9);
    consume_budget().await;
    assert_eq!(others.get(), 10);
}

#[hanol::test]
async fn a_task_that_gives_way_is_listed_with_the_line() {
    let line = line!() + 3;
    drop(hanol::task::Builder::new().name("consumer").spawn(async {
        loop {
            consume_budget().await;
        }
    }));
    yield_now().await;
    let tasks = Handle::current().tasks();
    let consumer = tasks.iter().find(|task| task.name.as_deref() == Some("consumer")).unwrap();
    let waiting = consumer.waiting.as_ref().unwrap();
    assert_eq!((waiting.operation, waiting.location.file()), ("budget", file!()));
    assert_eq!(waiting.location.line(), line);
}

#[hanol::test]
async fn what_remains_can_be_asked_for() {
    assert!(coop::has_budget_remaining());
    yield_now().await;
    for _ in 0..OPERATIONS_PER_POLL {
        assert!(coop::has_budget_remaining());
        consume_budget().await;
    }
    assert!(!coop::has_budget_remaining());
    consume_budget().await;
    assert!(coop::has_budget_remaining());
}

#[test]
fn outside_a_poll_there_is_no_limit() {
    let cx = &mut Context::from_waker(Waker::noop());
    for _ in 0..10 * OPERATIONS_PER_POLL {
        assert!(coop::has_budget_remaining());
        assert!(pin!(consume_budget()).poll(cx).is_ready());
    }
    hanol::block_on(async {});
    assert!(coop::has_budget_remaining());
}

#[hanol::test]
async fn an_unconstrained_future_is_done_in_one_poll() {
    yield_now().await;
    let before = own_polls();
    unconstrained(async {
        for _ in 0..10 * OPERATIONS_PER_POLL {
            consume_budget().await;
            assert!(coop::has_budget_remaining());
        }
    })
    .await;
    assert_eq!(own_polls(), before);
}

#[hanol::test]
async fn after_an_unconstrained_future_the_rest_of_the_budget_is_there() {
    yield_now().await;
    let before = own_polls();
    for _ in 0..OPERATIONS_PER_POLL - 1 {
        consume_budget().await;
    }
    // One within the other: each puts back what it found.
    unconstrained(async {
        unconstrained(consume_budget()).await;
        consume_budget().await;
    })
    .await;
    consume_budget().await;
    assert_eq!(own_polls(), before);
    consume_budget().await;
    assert_eq!(own_polls(), before + 1);
}

#[hanol::test]
async fn a_panic_in_an_unconstrained_future_puts_the_limit_back() {
    yield_now().await;
    let mut panics = Box::pin(unconstrained(poll_fn(|_| -> Poll<()> { panic!("in the poll") })));
    poll_fn(|cx| {
        assert!(catch_unwind(AssertUnwindSafe(|| panics.as_mut().poll(cx))).is_err());
        Poll::Ready(())
    })
    .await;
    for _ in 0..OPERATIONS_PER_POLL {
        consume_budget().await;
    }
    assert!(!coop::has_budget_remaining());
}

#[hanol::test]
async fn a_future_that_knows_no_budget_is_made_to_give_way() {
    yield_now().await;
    let before = own_polls();
    for _ in 0..10 * OPERATIONS_PER_POLL {
        coop::cooperative(ready(())).await;
    }
    assert_eq!(own_polls(), before + 9);
}

#[hanol::test]
async fn a_pending_operation_costs_nothing() {
    yield_now().await;
    for _ in 0..10 * OPERATIONS_PER_POLL {
        let mut waits = pin!(coop::cooperative(pending::<()>()));
        assert!(poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx))).await.is_pending());
        poll_fn(|cx| {
            let Poll::Ready(proceed) = coop::poll_proceed(cx) else { panic!("nothing was used up") };
            drop(proceed);
            Poll::Ready(())
        })
        .await;
    }
    assert!(coop::has_budget_remaining());
}

#[hanol::test]
async fn joining_tasks_that_have_all_finished_gives_way() {
    let mut set: JoinSet<()> = (0..1000).map(|_| async {}).collect();
    let joiner = hanol::task::Builder::new().name("joiner").spawn(async move {
        while !set.is_empty() {
            set.join_next().await.unwrap().unwrap();
        }
        polls_of("joiner")
    });
    assert_eq!(joiner.await.unwrap(), 1000_u32.div_ceil(OPERATIONS_PER_POLL));
}

#[hanol::test]
async fn a_task_ends_with_its_handle_unless_that_is_detached() {
    let done = Rc::new(RefCell::new(Vec::new()));
    let task = |name: &'static str| {
        let done = Rc::clone(&done);
        AbortOnDropHandle::new(hanol::spawn(async move {
            yield_now().await;
            done.borrow_mut().push(name);
            name
        }))
    };
    let awaited = task("awaited");
    let (dropped, detached) = (task("dropped"), task("detached"));
    let abort = dropped.abort_handle();
    drop(dropped);
    // It is gone at once, so aborting it again does nothing.
    abort.abort();
    drop(detached.detach());
    let aborted = task("aborted");
    assert!(!aborted.is_finished());
    aborted.abort();
    assert!(aborted.is_finished());
    assert!(aborted.await.unwrap_err().is_cancelled());
    assert_eq!(awaited.await.unwrap(), "awaited");
    yield_now().await;
    assert_eq!(*done.borrow(), ["awaited", "detached"]);
}
