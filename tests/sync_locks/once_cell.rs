//! `OnceCell`: one makes the value, the others wait, and the next one tries when that fails.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use hanol::sync::{Notify, OnceCell, SetError};
use hanol::task::yield_now;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok};

use crate::list::wait_of;
use crate::place::below;

#[hanol::test]
async fn the_value_is_made_once() {
    let cell = OnceCell::new();
    assert_eq!((cell.initialized(), cell.get()), (false, None));
    let made = Cell::new(0);
    let make = || async {
        made.set(made.get() + 1);
        made.get()
    };
    assert_eq!(*cell.get_or_init(make).await, 1);
    assert_eq!(*cell.get_or_init(make).await, 1);
    assert_eq!(cell.get_or_try_init(|| async { Err("not called") }).await, Ok(&1));
    assert_eq!((cell.initialized(), cell.get(), made.get()), (true, Some(&1), 1));
}

#[test]
fn the_others_wait_for_the_one_that_makes_it() {
    let (cell, go) = (OnceCell::new(), Notify::new());
    let mut first = spawn(cell.get_or_init(|| async {
        go.notified().await;
        1
    }));
    let (mut second, mut third) = (spawn(cell.get_or_init(async || 2)), spawn(cell.get_or_init(async || 3)));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    assert_eq!(cell.set(4), Err(SetError::InitializingError(4)));
    go.notify_one();
    assert_eq!(*assert_ready!(first.poll()), 1);
    assert!(second.is_woken() && third.is_woken());
    assert_eq!((*assert_ready!(second.poll()), *assert_ready!(third.poll())), (1, 1));
}

#[test]
fn the_next_one_tries_when_one_fails_or_is_dropped_or_panics() {
    let (cell, go) = (OnceCell::<u32>::new(), Notify::new());
    let mut fails = spawn(cell.get_or_try_init(|| async {
        go.notified().await;
        Err("on purpose")
    }));
    let mut dropped = spawn(cell.get_or_init(pending));
    let mut panics = spawn(cell.get_or_init(async || panic!("on purpose")));
    let mut makes = spawn(cell.get_or_try_init(async || Ok::<_, ()>(4)));
    assert_pending!(fails.poll());
    assert_pending!(dropped.poll());
    assert_pending!(panics.poll());
    assert_pending!(makes.poll());
    go.notify_one();
    assert_eq!(assert_ready_err!(fails.poll()), "on purpose");
    assert!(dropped.is_woken() && !panics.is_woken());
    assert_pending!(dropped.poll());
    drop(dropped);
    assert!(panics.is_woken() && !makes.is_woken());
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panics.poll())).is_err());
    assert!(makes.is_woken());
    assert_eq!(*assert_ready_ok!(makes.poll()), 4);
}

#[test]
fn one_that_may_make_it_and_is_dropped_before_lets_the_next_one() {
    let cell = OnceCell::<u32>::new();
    let mut first = spawn(cell.get_or_init(pending));
    let (mut second, mut third) = (spawn(cell.get_or_init(pending)), spawn(cell.get_or_init(async || 3)));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    assert_pending!(third.poll());
    drop(first);
    assert!(second.is_woken());
    drop(second);
    assert_eq!(*assert_ready!(third.poll()), 3);
}

#[test]
fn a_value_is_set_where_there_is_none() {
    let cell = OnceCell::new();
    assert_eq!(cell.set(1), Ok(()));
    let error = cell.set(2).unwrap_err();
    assert!(error.is_already_init_err() && !error.is_initializing_err());
    assert_eq!(error.to_string(), "the cell has a value already");
    assert_eq!(*assert_ready!(spawn(cell.get_or_init(async || 3)).poll()), 1);
    assert_eq!(OnceCell::from(1).set(2), Err(SetError::AlreadyInitializedError(2)));
    let error = SetError::InitializingError(());
    assert!(error.is_initializing_err() && !error.is_already_init_err());
    assert_eq!(error.to_string(), "the value of the cell is being made");
}

#[test]
fn a_maker_may_ask_its_own_cell() {
    let cell = OnceCell::new();
    let mut makes = spawn(cell.get_or_init(async || {
        assert_eq!((cell.get(), cell.set(1)), (None, Err(SetError::InitializingError(1))));
        2
    }));
    assert_eq!(*assert_ready!(makes.poll()), 2);
}

#[test]
fn it_is_made_shown_and_taken_apart() {
    thread_local!(static NEW: OnceCell<u8> = const { OnceCell::new() });
    NEW.with(|cell| assert!(cell.set(1).is_ok() && cell.get() == Some(&1)));
    assert_eq!(
        format!("{:?} {:?}", OnceCell::<u8>::new(), OnceCell::from(1)),
        "OnceCell { value: None } OnceCell { value: Some(1) }"
    );
    let mut cell = OnceCell::new_with(Some(1));
    *cell.get_mut().unwrap() += 1;
    assert_eq!((cell.clone(), cell.clone().into_inner()), (OnceCell::from(2), Some(2)));
    assert_ne!(cell, OnceCell::default());
    assert_eq!((cell.take(), cell.get()), (Some(2), None));
    assert_eq!(cell.set(3), Ok(()), "it is as good as new");
    assert_eq!(OnceCell::<u8>::new_with(None).into_inner(), None);
}

#[hanol::test]
async fn tasks_share_what_one_of_them_makes() {
    let (cell, made) = (Rc::new(OnceCell::new()), Rc::new(Cell::new(0)));
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let (cell, made) = (Rc::clone(&cell), Rc::clone(&made));
            hanol::spawn(async move {
                let make = async || {
                    yield_now().await;
                    made.set(made.get() + 1);
                    number
                };
                *cell.get_or_init(make).await
            })
        })
        .collect();
    yield_now().await;
    tasks[0].abort();
    for (number, task) in tasks.into_iter().enumerate() {
        match number {
            0 => assert!(task.await.unwrap_err().is_cancelled()),
            _ => assert_eq!(task.await.unwrap(), 1),
        }
    }
    assert_eq!(made.get(), 1);
}

#[hanol::test]
async fn the_list_names_the_task_that_makes_it() {
    let cell = Rc::new(OnceCell::<u32>::new());
    let spawn = || {
        let cell = Rc::clone(&cell);
        let place = below("get_or_init(");
        let task = hanol::spawn(async move { *cell.get_or_init(pending).await });
        (task, place)
    };
    let (makes, _) = spawn();
    let (waits, place) = spawn();
    yield_now().await;
    assert_eq!(wait_of(waits.id()), format!("once cell (initialized by task {}) at {place}", makes.id()));
}
