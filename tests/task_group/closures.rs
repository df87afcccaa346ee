//! A group for the time of a closure.

use std::cell::RefCell;
use std::rc::Rc;

use hanol::task::{self, GroupHandle, yield_now};
use hanol::time::sleep;

use crate::timing::millis;
use crate::{Alive, panic_of};

#[hanol::test]
async fn a_closure_ends_after_all_the_children_it_has_spawned() {
    let alive = Alive::default();
    let held = alive.clone();
    task::group(async |children| {
        for delay in [3, 1, 2] {
            let (alive, handle) = (held.clone(), children.clone());
            children.spawn(async move {
                sleep(millis(delay)).await;
                handle.spawn(async move {
                    yield_now().await;
                    drop(alive);
                });
            });
        }
    })
    .await;
    // That of `held` is left.
    assert_eq!(alive.count(), 1);
}

#[hanol::test]
async fn an_error_of_the_closure_cancels_the_children() {
    let alive = Alive::default();
    let result = task::group(async |children| {
        children.spawn(alive.stuck());
        yield_now().await;
        Err("of the closure")
    });
    assert_eq!(result.await, Err("of the closure"));
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn an_error_of_a_child_ends_the_closure_where_it_waits() {
    let alive = Alive::default();
    let result = task::group(async |children| {
        children.spawn(async {
            yield_now().await;
            Err("of a child")
        });
        children.spawn(alive.stuck());
        alive.stuck::<()>().await;
        unreachable!()
    });
    assert_eq!(result.await, Err("of a child"));
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_panic_of_a_child_or_of_the_closure_goes_on() {
    let alive = Alive::default();
    let of_child = task::group(async |children| {
        children.spawn(async { panic!("of a child") });
        alive.stuck::<()>().await
    });
    assert_eq!(panic_of(of_child).await, "of a child");
    let of_closure = task::group(async |children: GroupHandle| {
        children.spawn(alive.stuck());
        yield_now().await;
        panic!("of the closure")
    });
    assert_eq!(panic_of(of_closure).await, "of the closure");
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_closure_may_cancel_its_group_and_anybody_else_too() {
    let alive = Alive::default();
    task::group(async |children: GroupHandle| {
        children.spawn(alive.stuck());
        children.cancel();
        alive.stuck::<()>().await
    })
    .await;
    assert_eq!(alive.count(), 0);

    // From outside, in a group that has no children whose end would be noticed.
    let canceller = Rc::new(RefCell::new(None::<GroupHandle>));
    let given = Rc::clone(&canceller);
    let held = alive.clone();
    let waits = hanol::spawn(task::group(async move |children| {
        given.replace(Some(children));
        held.stuck::<()>().await
    }));
    yield_now().await;
    canceller.take().unwrap().cancel();
    waits.await.unwrap();
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn dropping_the_future_of_a_closure_aborts_the_children() {
    let alive = Alive::default();
    let body = alive.clone();
    let task = hanol::spawn(task::group(async move |children| {
        children.spawn(body.stuck());
        body.stuck::<()>().await
    }));
    yield_now().await;
    yield_now().await;
    assert_eq!(alive.count(), 3);
    task.abort();
    assert_eq!(alive.count(), 0);
}

#[hanol::test]
async fn a_closure_may_borrow() {
    let mut count = 0;
    let name = String::from("borrowed");
    let length = &mut count;
    task::group(async |_: GroupHandle| {
        yield_now().await;
        *length = name.len();
    })
    .await;
    assert_eq!(count, 8);
}
