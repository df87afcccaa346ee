//! Waiting for a queue: who is woken when, what a drop leaves behind, and where a queue may be used.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use hanol::runtime::{Builder, Handle, OPERATIONS_PER_POLL};
use hanol::task::yield_now;
use hanol::time::{DelayQueue, Instant, resume, sleep, timeout};
use tokio_test::{assert_pending, assert_ready, task};

use crate::timing::{HOUR, millis, panic_message};
use crate::value;

#[hanol::test(start_paused = true)]
async fn whoever_waits_is_woken_for_an_earlier_entry() {
    let start = Instant::now();
    let queue = Rc::new(RefCell::new(DelayQueue::new()));
    let late = queue.borrow_mut().insert("late", HOUR);
    let waiting = hanol::spawn({
        let queue = Rc::clone(&queue);
        async move {
            let mut all = Vec::new();
            while let Some(expired) = poll_fn(|cx| queue.borrow_mut().poll_expired(cx)).await {
                all.push((expired.into_inner(), start.elapsed()));
            }
            all
        }
    });
    yield_now().await;
    queue.borrow_mut().insert("early", millis(10));
    sleep(millis(20)).await;
    queue.borrow_mut().insert("at once", Duration::ZERO);
    sleep(millis(1)).await;
    queue.borrow_mut().reset(&late, millis(30));
    let expected = [("early", millis(10)), ("at once", millis(20)), ("late", millis(51))];
    assert_eq!(waiting.await.unwrap(), expected);
}

/// One that has found the queue empty is woken by the next entry, and one that waits learns that the queue is empty.
#[hanol::test(start_paused = true)]
async fn whoever_polled_is_woken_when_the_queue_fills_and_when_it_empties() {
    let mut queue = DelayQueue::new();
    let mut waiting = task::spawn(());
    assert!(assert_ready!(waiting.enter(|cx, _| queue.poll_expired(cx))).is_none());
    assert!(!waiting.is_woken());
    let first = queue.insert(1, HOUR);
    assert!(waiting.is_woken());
    assert_pending!(waiting.enter(|cx, _| queue.poll_expired(cx)));
    let second = queue.insert(2, HOUR * 2);
    queue.remove(&first);
    yield_now().await;
    assert!(!waiting.is_woken());
    queue.remove(&second);
    sleep(millis(1)).await;
    assert!(waiting.is_woken());
    assert!(assert_ready!(waiting.enter(|cx, _| queue.poll_expired(cx))).is_none());

    queue.insert(3, HOUR);
    assert_pending!(waiting.enter(|cx, _| queue.poll_expired(cx)));
    queue.clear();
    sleep(millis(1)).await;
    assert!(waiting.is_woken());
    assert!(assert_ready!(waiting.enter(|cx, _| queue.poll_expired(cx))).is_none());
    let last = queue.insert(4, HOUR);
    assert_pending!(waiting.enter(|cx, _| queue.poll_expired(cx)));
    sleep(millis(1)).await;
    assert!(!waiting.is_woken(), "the wait that was ended is over");
    queue.reset(&last, millis(1));
    assert_eq!(value(queue.expired().await), Some(4));
}

#[hanol::test(start_paused = true)]
async fn a_later_entry_does_not_keep_an_earlier_one_waiting() {
    let start = Instant::now();
    let mut queue = DelayQueue::new();
    let mut waiting = task::spawn(());
    queue.insert(1, millis(10));
    assert_pending!(waiting.enter(|cx, _| queue.poll_expired(cx)));
    let moved = queue.insert(2, millis(20));
    queue.reset(&moved, HOUR);
    sleep(millis(10)).await;
    assert!(waiting.is_woken());
    assert_eq!(value(assert_ready!(waiting.enter(|cx, _| queue.poll_expired(cx)))), Some(1));
    assert_eq!(start.elapsed(), millis(10));
}

#[hanol::test(start_paused = true)]
async fn polls_that_wait_cost_no_budget() {
    let (mut waiting, mut due) = (DelayQueue::new(), DelayQueue::new());
    waiting.insert((), HOUR);
    due.insert((), Duration::ZERO);
    poll_fn(|cx| {
        for _ in 0..OPERATIONS_PER_POLL * 2 {
            assert!(waiting.poll_expired(cx).is_pending());
        }
        assert!(due.poll_expired(cx).is_ready());
        Poll::Ready(())
    })
    .await;
}

#[test]
fn a_future_that_is_dropped_loses_no_entry_and_a_queue_no_timer() {
    let runtime = Builder::new().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let mut queue = DelayQueue::new();
        queue.insert("entry", millis(100));
        for _ in 0..9 {
            assert!(timeout(millis(10), queue.expired()).await.is_err());
        }
        assert_eq!(value(queue.expired().await), Some("entry"));
        assert_eq!(start.elapsed(), millis(100));

        queue.insert("left", HOUR);
        assert!(poll!(queue.expired()).is_pending());
        assert_eq!(runtime.metrics().timers, 1);
        drop(queue);
        assert_eq!(runtime.metrics().timers, 0);
    });
}

/// A value's drop is foreign code: it may panic, and it may use another queue.
#[hanol::test(start_paused = true)]
async fn a_drop_may_panic_while_the_queue_is_cleared() {
    struct Counts(Rc<Cell<u32>>, bool);

    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            let mut another = DelayQueue::new();
            another.insert((), HOUR);
            assert!(!self.1, "on purpose");
        }
    }

    let dropped = Rc::new(Cell::new(0));
    let mut queue = DelayQueue::new();
    for number in 0..10 {
        queue.insert(Counts(Rc::clone(&dropped), number == 4), millis(number));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| queue.clear())).is_err());
    assert_eq!(dropped.get(), 10);
    assert!(queue.is_empty());
    queue.insert(Counts(Rc::clone(&dropped), false), millis(1));
    drop(queue.expired().await);
    assert_eq!(dropped.get(), 11);
}

#[hanol::test(start_paused = true)]
async fn a_queue_that_is_always_due_gives_way() {
    let turns = Rc::new(Cell::new(0));
    let other = hanol::spawn({
        let turns = Rc::clone(&turns);
        async move {
            loop {
                turns.set(turns.get() + 1);
                yield_now().await;
            }
        }
    });
    let mut queue = DelayQueue::new();
    for _ in 0..OPERATIONS_PER_POLL * 10 {
        queue.insert((), Duration::ZERO);
    }
    while queue.expired().await.is_some() {}
    assert!(turns.get() >= 10, "{} turns", turns.get());
    other.abort();
}

#[hanol::test(start_paused = true)]
async fn the_task_list_shows_the_line_that_waits() {
    let line = line!() + 4;
    let waiting = hanol::spawn(async {
        let mut queue = DelayQueue::new();
        queue.insert((), HOUR);
        queue.expired().await.is_some()
    });
    yield_now().await;
    let tasks = Handle::current().tasks();
    let wait = tasks.iter().find(|task| task.id == waiting.id()).unwrap().waiting.clone().unwrap();
    assert_eq!((wait.operation, wait.resource), ("delay queue", None));
    assert_eq!(wait.location.line(), line);
    waiting.abort();
}

#[test]
fn outside_a_runtime_it_says_what_is_missing() {
    let mut queue = DelayQueue::new();
    let key = queue.insert("entry", HOUR);
    let mut waiting = task::spawn(());
    let message = panic_message(|| waiting.enter(|cx, _| queue.poll_expired(cx)));
    assert!(message.ends_with("was polled outside a hanol runtime: await it inside `hanol::block_on`"), "{message}");
    assert_eq!(queue.remove(&key).into_inner(), "entry");
    // What is due needs no runtime.
    queue.insert("due", Duration::ZERO);
    assert_eq!(value(assert_ready!(waiting.enter(|cx, _| queue.poll_expired(cx)))), Some("due"));
}

/// A queue that is made outside counts by the clock of the runtime that uses it.
#[test]
fn a_queue_that_is_made_elsewhere_goes_by_the_clock_it_finds() {
    let runtime = Builder::new().start_paused(true).build().unwrap();
    let before = Instant::now();
    while Instant::now() < before + millis(3) {}
    let mut queue = DelayQueue::new();
    runtime.block_on(async {
        let start = Instant::now();
        queue.insert((), millis(1));
        assert!(poll!(queue.expired()).is_pending(), "it came out early");
        queue.expired().await;
        assert_eq!(start.elapsed(), millis(1));
        resume();
        queue.insert((), millis(1));
        queue.expired().await;
        assert!(start.elapsed() >= millis(2));
    });
}

#[test]
fn a_queue_may_be_sent_if_its_values_may() {
    fn assert_send<T: Send>(_: &T) {}
    let mut queue = DelayQueue::<u32>::default();
    assert_send(&queue);
    assert_send(&queue.expired());
}
