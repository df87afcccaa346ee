//! `SetOnce`: a value that is set once, for all who wait.

use std::cell::Cell;
use std::rc::Rc;

use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::sync::{Mutex, SetOnce};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::list::assert_waits;
use crate::place::below;
use crate::waker::{on_drop, on_wake, poll_with};

#[test]
fn all_who_wait_get_the_value() {
    let cell = SetOnce::new();
    let (mut first, mut second, mut dropped) = (spawn(cell.wait()), spawn(cell.wait()), spawn(cell.wait()));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    assert_pending!(dropped.poll());
    drop(dropped);
    assert_eq!((cell.initialized(), cell.get()), (false, None));
    cell.set(1).unwrap();
    assert!(first.is_woken() && second.is_woken());
    assert_eq!((assert_ready!(first.poll()), assert_ready!(second.poll())), (&1, &1));
    assert_eq!(assert_ready!(spawn(cell.wait()).poll()), &1);
    assert_eq!((cell.initialized(), cell.get()), (true, Some(&1)));
}

#[test]
fn a_second_value_comes_back() {
    let cell = SetOnce::from("a".to_owned());
    let error = cell.set("b".to_owned()).unwrap_err();
    assert_eq!((error.to_string(), error.0), ("the value has been set already".to_owned(), "b".to_owned()));
    assert_eq!(cell.into_inner().as_deref(), Some("a"));
}

#[test]
fn wakers_may_call_back() {
    let cell = Rc::new(SetOnce::new());
    let again = Rc::clone(&cell);
    let mut first = cell.wait();
    assert!(poll_with(&mut first, on_wake(move || assert!(again.set(2).is_err()))).is_pending());
    let mut second = spawn(cell.wait());
    assert_pending!(second.poll());
    cell.set(1).unwrap();
    assert!(second.is_woken());

    // The next poll replaces a waker, whose drop sets the value.
    let cell = Rc::new(SetOnce::new());
    let again = Rc::clone(&cell);
    let mut wait = cell.wait();
    assert!(poll_with(&mut wait, on_drop(move || again.set(3).unwrap())).is_pending());
    assert_eq!(assert_ready!(spawn(wait).poll()), &3);
}

#[test]
fn it_is_made_shown_and_taken_apart() {
    thread_local!(static NEW: SetOnce<u8> = const { SetOnce::new() });
    NEW.with(|cell| assert!(cell.set(1).is_ok() && cell.get() == Some(&1)));
    assert_eq!(
        format!("{:?} {:?}", SetOnce::<u8>::new(), SetOnce::from(1)),
        "SetOnce { value: None } SetOnce { value: Some(1) }"
    );
    assert_eq!(
        (SetOnce::new_with(Some(1)).clone(), SetOnce::<u8>::new_with(None)),
        (SetOnce::from(1), SetOnce::default())
    );
}

#[hanol::test]
async fn a_task_waits_for_what_another_sets() {
    let cell = Rc::new(SetOnce::new());
    let other = Rc::clone(&cell);
    let task = hanol::spawn(async move { other.set(1) });
    assert_eq!(*cell.wait().await, 1);
    task.await.unwrap().unwrap();
}

#[hanol::test]
async fn waiting_takes_nothing_from_the_budget() {
    let cell = SetOnce::new();
    let mut waits = cell.wait();
    for _ in 0..2 * OPERATIONS_PER_POLL {
        assert!(futures_util::poll!(&mut waits).is_pending());
    }
    cell.set(()).unwrap();
    assert!(futures_util::poll!(waits).is_ready());
}

#[hanol::test]
async fn a_loop_that_never_waits_gives_way() {
    let cell = SetOnce::from(());
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        cell.wait().await;
    }
}

#[hanol::test]
async fn the_list_names_the_wait_and_its_line() {
    let cell: &'static SetOnce<()> = Box::leak(Box::default());
    let place = below("wait()");
    let wait = async { cell.wait().await };
    assert_waits(wait, "once cell", place).await;

    // Nobody is at it, whatever locks there are.
    let mutex: &'static Mutex<()> = Box::leak(Box::default());
    let _held = mutex.lock().await;
    let place = below("lock()");
    let wait = async { drop(mutex.lock().await) };
    assert_waits(wait, "lock (held by task 0)", place).await;
    let place = below("wait()");
    let wait = async { cell.wait().await };
    assert_waits(wait, "once cell", place).await;
}
