//! Values that belong to a task.

mod timing;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use hanol::task::{JoinSet, LocalKey, TaskLocalFuture, yield_now};

use self::timing::{Random, panic_message};

hanol::task_local! {
    static NUMBER: u32;
    /// With a comment, and visible elsewhere.
    pub static NAME: String;
}

// Without a semicolon at the end, and none at all.
hanol::task_local! { static FLAG: Cell<bool> }
hanol::task_local! {}

#[hanol::test]
async fn a_value_is_there_in_its_scope_and_nowhere_else() {
    assert!(NUMBER.try_get().is_err());
    let inside = NUMBER.scope(1, async {
        yield_now().await;
        NUMBER.get()
    });
    assert_eq!(inside.await, 1);
    assert!(NUMBER.try_with(|_| unreachable!()).is_err());
    let message = panic_message(|| NUMBER.get());
    assert!(message.contains("inside a `scope` of its key"), "{message}");
    assert_eq!(message, NUMBER.try_get().unwrap_err().to_string());
}

#[hanol::test]
async fn scopes_nest_and_keys_do_not_touch_each_other() {
    NAME.scope("outer".into(), async {
        NUMBER
            .scope(1, async {
                let inner = NAME.scope("inner".into(), async {
                    yield_now().await;
                    assert_eq!(NUMBER.get(), 1);
                    NUMBER.sync_scope(2, || assert_eq!(NUMBER.get(), 2));
                    NAME.get()
                });
                assert_eq!(inner.await, "inner");
                assert_eq!((NAME.get().as_str(), NUMBER.get()), ("outer", 1));
            })
            .await;
        assert!(NUMBER.try_get().is_err());
    })
    .await;
}

#[hanol::test]
async fn a_task_that_is_spawned_does_not_inherit_and_tasks_keep_theirs_apart() {
    NUMBER
        .scope(7, async {
            let bare = hanol::spawn(async { NUMBER.try_get().is_err() });
            assert!(bare.await.unwrap());
            let mut random = Random(1);
            let mut set = JoinSet::new();
            for number in 0..100 {
                let yields = random.next() % 20;
                set.spawn(NUMBER.scope(number, async move {
                    for _ in 0..yields {
                        assert_eq!(NUMBER.get(), number);
                        yield_now().await;
                        let other = NUMBER.scope(number + 1000, async {
                            yield_now().await;
                            NUMBER.get()
                        });
                        assert_eq!(other.await, number + 1000);
                    }
                    NUMBER.get()
                }));
            }
            while let Some(number) = set.join_next().await {
                assert!(number.unwrap() < 100);
                assert_eq!(NUMBER.get(), 7);
            }
        })
        .await;
}

#[test]
fn a_value_can_be_changed_through_a_cell_and_lasts_from_poll_to_poll() {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut future = pin!(FLAG.scope(Cell::new(false), async {
        FLAG.with(|flag| flag.set(true));
        yield_now().await;
        FLAG.with(Cell::get)
    }));
    assert!(future.as_mut().poll(cx).is_pending());
    assert!(FLAG.try_with(Cell::get).is_err());
    assert_eq!(future.as_mut().poll(cx), Poll::Ready(true));
    assert_eq!(future.as_mut().take_value(), Some(Cell::new(true)));
    assert_eq!(future.as_mut().take_value(), None);
    let message = panic_message(|| future.as_mut().poll(cx));
    assert_eq!(message, "a TaskLocalFuture was polled after it had given its output");
    assert!(FLAG.try_with(Cell::get).is_err());
}

#[test]
fn a_value_that_was_taken_hides_that_of_the_scope_around() {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut future = pin!(NUMBER.scope(1, poll_fn(|_| Poll::Ready(NUMBER.try_get()))));
    assert_eq!(future.as_mut().take_value(), Some(1));
    NUMBER.sync_scope(2, || {
        let Poll::Ready(got) = future.as_mut().poll(cx) else { panic!("it is ready") };
        assert!(got.is_err());
        assert_eq!(NUMBER.get(), 2);
    });
}

#[test]
fn a_panic_leaves_the_scope() {
    let cx = &mut Context::from_waker(Waker::noop());
    NUMBER.sync_scope(1, || {
        let message = panic_message(|| NUMBER.sync_scope(2, || panic!("at {}", NUMBER.get())));
        assert_eq!(message, "at 2");
        assert_eq!(NUMBER.get(), 1);

        let mut future = Box::pin(NUMBER.scope(3, async { panic!("at {}", NUMBER.get()) }));
        let message = panic_message(|| future.as_mut().poll(cx).map(|(): ()| ()));
        assert_eq!(message, "at 3");
        assert_eq!(NUMBER.get(), 1);
        assert_eq!(future.as_mut().take_value(), Some(3));

        let message = panic_message(|| NUMBER.with(|number| panic!("with {number}")));
        assert_eq!(message, "with 1");
        NUMBER.sync_scope(4, || assert_eq!(NUMBER.get(), 4));
    });
    assert!(NUMBER.try_get().is_err());
}

#[test]
fn a_value_may_be_used_again_while_it_is_used() {
    NUMBER.sync_scope(1, || {
        NUMBER.with(|outer| NUMBER.with(|inner| assert_eq!(outer, inner)));
        // Entering another scope would change what is being looked at.
        NUMBER.with(|number| {
            let message = panic_message(|| NUMBER.sync_scope(2, || unreachable!()));
            assert_eq!(message, "a scope of a task-local key cannot be entered inside a `with` of the same key");
            let cx = &mut Context::from_waker(Waker::noop());
            let mut future = Box::pin(NUMBER.scope(2, ready(())));
            let message = panic_message(|| future.as_mut().poll(cx));
            assert!(message.contains("inside a `with`"), "{message}");
            // It has kept its value, and can be polled later.
            assert_eq!(format!("{future:?}"), "TaskLocalFuture { value: Some(2), .. }");
            drop(future);
            assert_eq!(*number, 1);
        });
        assert_eq!(NUMBER.get(), 1);
    });
}

/// Notes the value that it sees when it is dropped.
struct Sees(Rc<RefCell<Vec<Option<u32>>>>);

impl Drop for Sees {
    fn drop(&mut self) {
        self.0.borrow_mut().push(NUMBER.try_get().ok());
    }
}

#[hanol::test]
async fn the_future_is_dropped_in_its_scope() {
    let seen = Rc::default();
    // Done, aborted, dropped before its first poll, and inside another scope.
    let sees = Sees(Rc::clone(&seen));
    NUMBER.scope(1, async move { drop(async { sees }.await) }).await;
    let sees = Sees(Rc::clone(&seen));
    let waits = hanol::spawn(NUMBER.scope(2, async move {
        let _sees = sees;
        pending::<()>().await;
    }));
    yield_now().await;
    waits.abort();
    let sees = Sees(Rc::clone(&seen));
    let unpolled = NUMBER.scope(3, async move {
        let _sees = sees;
    });
    NUMBER.sync_scope(4, || drop(unpolled));
    // What a future gives as its output is seen outside.
    let sees = Sees(Rc::clone(&seen));
    drop(NUMBER.scope(5, async move { sees }).await);
    // Inside a `with` no scope can be entered, so it sees the one that is there.
    let sees = Sees(Rc::clone(&seen));
    let unpolled = NUMBER.scope(6, async move {
        let _sees = sees;
    });
    NUMBER.sync_scope(7, || NUMBER.with(|_| drop(unpolled)));
    assert_eq!(*seen.borrow(), [Some(1), Some(2), Some(3), None, Some(7)]);
}

#[hanol::test]
async fn a_future_that_is_dropped_in_a_panic_of_its_own_drop_leaves_the_scope() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("the drop sees {}", NUMBER.get());
        }
    }
    let panics = Panics;
    let future = NUMBER.scope(1, async move { drop(panics) });
    let message = panic_message(|| drop(future));
    assert_eq!(message, "the drop sees 1");
    assert!(NUMBER.try_get().is_err());
}

/// A value whose drop uses its own key, and counts that.
enum Value {
    Uses(Rc<Cell<u32>>),
    Plain,
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Self::Uses(count) = self {
            assert!(VALUE.try_with(|_| ()).is_err());
            VALUE.sync_scope(Self::Plain, || count.set(count.get() + 1));
        }
    }
}

hanol::task_local! { static VALUE: Value; }

#[hanol::test]
async fn a_value_may_use_its_own_key_when_it_is_dropped() {
    let count = Rc::new(Cell::new(0));
    VALUE.scope(Value::Uses(Rc::clone(&count)), yield_now()).await;
    assert_eq!(count.get(), 1);
    VALUE.sync_scope(Value::Uses(Rc::clone(&count)), || ());
    assert_eq!(count.get(), 2);
    let result = catch_unwind(AssertUnwindSafe(|| {
        VALUE.sync_scope(Value::Uses(Rc::clone(&count)), || panic!("while it is set"));
    }));
    assert!(result.is_err());
    assert_eq!(count.get(), 3);
}

#[test]
fn a_scope_goes_to_another_thread_with_its_future() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let future: TaskLocalFuture<String, _> = send(NAME.scope("sent".into(), async { NAME.get() }));
    let name = thread::spawn(|| hanol::block_on(future)).join().unwrap();
    assert_eq!(name, "sent");
}

#[test]
fn a_key_is_a_static_of_any_type() {
    fn name_of(key: &'static LocalKey<String>) -> String {
        key.get()
    }
    assert_eq!(NAME.sync_scope("a".into(), || name_of(&NAME)), "a");
    assert_eq!(format!("{NAME:?}"), "LocalKey { .. }");
}
