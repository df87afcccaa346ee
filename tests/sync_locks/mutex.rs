//! `Mutex`: exclusion, order, guards of each kind, and who holds it.

use std::cell::Cell;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use hanol::runtime::OPERATIONS_PER_POLL;
use hanol::sync::{Lock, MappedMutexGuard, Mutex, MutexGuard, OwnedMutexGuard};
use hanol::task::{JoinHandle, yield_now};
use tokio_test::task::{Spawn, spawn};
use tokio_test::{assert_pending, assert_ready};

use crate::list::{info, wait_of};
use crate::place::below;
use crate::waker::{on_drop, on_wake, poll_in_wake, poll_with};

/// One that waits for the lock.
fn waiting<T: Debug>(mutex: &Mutex<T>) -> Spawn<Lock<'_, T>> {
    let mut lock = spawn(mutex.lock());
    assert_pending!(lock.poll());
    lock
}

#[test]
fn one_at_a_time_in_the_order_of_asking() {
    let mutex = Mutex::new(0);
    let mut held = assert_ready!(spawn(mutex.lock()).poll());
    *held += 1;
    let (mut first, mut second) = (waiting(&mutex), waiting(&mutex));
    assert!(mutex.try_lock().is_err());
    drop(held);
    assert!(first.is_woken() && !second.is_woken());
    // It is the first one's already, and nobody overtakes it.
    assert!(mutex.try_lock().is_err());
    assert_pending!(second.poll());
    let mut held = assert_ready!(first.poll());
    *held += 1;
    drop(held);
    *assert_ready!(second.poll()) += 1;
    assert_eq!(*mutex.try_lock().unwrap(), 3);
}

#[test]
fn one_that_gives_up_passes_the_lock_on() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let (first, mut second, third) = (waiting(&mutex), waiting(&mutex), waiting(&mutex));
    drop(third);
    drop(held);
    assert!(first.is_woken());
    drop(first);
    assert!(second.is_woken());
    drop(assert_ready!(second.poll()));
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn an_owned_guard_keeps_the_lock_and_the_value() {
    let mutex = Rc::new(Mutex::new(String::from("a")));
    let mut owned = Rc::clone(&mutex).try_lock_owned().unwrap();
    owned.push('b');
    assert!(Rc::ptr_eq(OwnedMutexGuard::mutex(&owned), &mutex));
    assert_eq!((format!("{owned}"), format!("{owned:?}")), ("ab".to_owned(), "\"ab\"".to_owned()));
    assert!(Rc::clone(&mutex).try_lock_owned().is_err());
    assert_eq!(format!("{mutex:?}"), "Mutex { value: <locked> }");
    let mut borrowed = waiting(&mutex);
    let mut next = spawn(Rc::clone(&mutex).lock_owned());
    assert_pending!(next.poll());
    drop(owned);
    assert_ready!(borrowed.poll()).push('c');
    assert_ready!(next.poll()).push('d');
    drop((borrowed, next));
    assert_eq!(Rc::into_inner(mutex).unwrap().into_inner(), "abcd");
}

#[test]
fn a_guard_is_mapped_to_a_part_of_the_value() {
    let mutex = Mutex::new((vec![1, 2, 3], "name"));
    let guard = mutex.try_lock().unwrap();
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &mutex));
    let numbers: MappedMutexGuard<'_, Vec<i32>> = MutexGuard::map(guard, |value| &mut value.0);
    let numbers = MappedMutexGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    let mut second = MappedMutexGuard::try_map(numbers, |numbers| numbers.get_mut(1)).unwrap();
    *second = 7;
    assert_eq!((format!("{second}"), format!("{second:?}")), ("7".to_owned(), "7".to_owned()));
    assert!(mutex.try_lock().is_err());
    drop(second);
    let whole = MutexGuard::try_map(mutex.try_lock().unwrap(), |value| value.0.get_mut(9)).unwrap_err();
    let slice = MutexGuard::try_map(whole, |value| value.0.get_mut(1..)).unwrap();
    let mut last = MappedMutexGuard::map(slice, |slice| &mut slice[1]);
    *last = 9;
    drop(last);
    assert_eq!(mutex.into_inner(), (vec![1, 7, 9], "name"));
}

#[test]
fn it_is_made_shown_and_taken_apart() {
    thread_local!(static MADE: Mutex<u8> = const { Mutex::new(1) });
    assert_eq!(MADE.with(|mutex| *mutex.try_lock().unwrap()), 1);
    let mut mutex = Mutex::new(1);
    assert_eq!(format!("{mutex:?}"), "Mutex { value: 1 }");
    *mutex.get_mut() += 1;
    let guard = mutex.try_lock().unwrap();
    assert_eq!(format!("{guard} {guard:?} {mutex:?}"), "2 2 Mutex { value: <locked> }");
    assert_eq!(mutex.try_lock().unwrap_err().to_string(), "the lock is held");
    drop(guard);
    assert_eq!(mutex.into_inner(), 2);
    assert_eq!((Mutex::<u8>::default().into_inner(), Mutex::from("a").into_inner()), (0, "a"));
}

#[test]
fn a_guard_that_is_forgotten_keeps_the_lock_and_leaves_the_value() {
    let mut mutex = Mutex::new(1);
    std::mem::forget(mutex.try_lock().unwrap());
    assert!(mutex.try_lock().is_err());
    assert_eq!((*mutex.get_mut(), mutex.into_inner()), (1, 1));
    let mutex = Rc::new(Mutex::new(1));
    std::mem::forget(Rc::clone(&mutex).try_lock_owned().unwrap());
    assert!(Rc::try_unwrap(mutex).is_err());
}

#[test]
fn a_panic_frees_the_lock_and_does_not_poison_it() {
    let mutex = Rc::new(Mutex::new(0));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        *mutex.try_lock().unwrap() = 1;
        let _guard = mutex.try_lock().unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut owned = Rc::clone(&mutex).try_lock_owned().unwrap();
        *owned += 1;
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        drop(MutexGuard::map(mutex.try_lock().unwrap(), |_| -> &mut u8 { panic!("on purpose") }));
    }));
    assert!(panicked.is_err());
    assert_eq!(*mutex.try_lock().unwrap(), 2);
}

#[test]
fn wakers_may_call_back() {
    let mutex = Rc::new(Mutex::new(0));
    let held = mutex.try_lock().unwrap();
    let given_up = Rc::new(Cell::new(Some(Rc::clone(&mutex).lock_owned())));
    let mut first = Rc::clone(&mutex).lock_owned();
    let (again, gives_up) = (Rc::clone(&mutex), Rc::clone(&given_up));
    let wake = on_wake(move || {
        assert!(again.try_lock().is_err());
        drop(gives_up.take());
    });
    assert!(poll_with(&mut first, wake).is_pending());
    let mut second = given_up.take().unwrap();
    assert!(poll_with(&mut second, on_drop(|| {})).is_pending());
    given_up.set(Some(second));
    drop(held);
    assert!(given_up.take().is_none());
    drop(first);
    assert!(mutex.try_lock().is_ok());
}

/// A guard gives up the value before the lock.
#[test]
fn one_that_takes_it_inside_its_wake_finds_the_value() {
    let mutex = Rc::new(Mutex::new(0));
    let add_in_wake = || poll_in_wake(Rc::clone(&mutex).lock_owned(), |mut value| *value += 1);

    let held = mutex.try_lock().unwrap();
    add_in_wake();
    drop(held);
    let held = MutexGuard::map(mutex.try_lock().unwrap(), |value| value);
    add_in_wake();
    drop(held);
    let held = Rc::clone(&mutex).try_lock_owned().unwrap();
    add_in_wake();
    drop(held);
    assert_eq!(*mutex.try_lock().unwrap(), 3);
}

#[test]
fn a_value_may_use_its_lock_when_it_is_dropped() {
    struct Uses(Rc<Cell<u32>>, Option<Rc<Mutex<Option<Uses>>>>);
    impl Drop for Uses {
        fn drop(&mut self) {
            let Some(mutex) = &self.1 else { return };
            assert!(mutex.try_lock().is_err());
            assert!(Rc::clone(mutex).try_lock_owned().is_err());
            self.0.set(self.0.get() + 1);
        }
    }
    let drops = Rc::new(Cell::new(0));
    let mutex = Rc::new(Mutex::new(None));
    let uses = || Some(Uses(Rc::clone(&drops), Some(Rc::clone(&mutex))));
    *mutex.try_lock().unwrap() = uses();
    *mutex.try_lock().unwrap() = uses();
    *Rc::clone(&mutex).try_lock_owned().unwrap() = None;
    assert_eq!(drops.get(), 2);
}

#[hanol::test]
async fn it_is_held_across_a_wait() {
    let mutex = Rc::new(Mutex::new((0, 0)));
    let add = |owned: bool| {
        let mutex = Rc::clone(&mutex);
        async move {
            if owned {
                add_to_each(&mut *mutex.lock_owned().await).await;
            } else {
                add_to_each(&mut *mutex.lock().await).await;
            }
        }
    };
    let wait = || {
        let mutex = Rc::clone(&mutex);
        async move {
            let _guard = mutex.lock().await;
            yield_now().await;
        }
    };
    let (mut adding, mut aborted) = (Vec::new(), Vec::new());
    for number in 0..100 {
        adding.push(hanol::spawn(add(number % 3 == 0)));
        aborted.push(hanol::spawn(wait()));
    }
    for (adding, aborted) in adding.into_iter().zip(aborted) {
        adding.await.unwrap();
        aborted.abort();
    }
    assert_eq!(*mutex.lock().await, (100, 100));
}

/// Adds to the second some time after the first.
async fn add_to_each(pair: &mut (u32, u32)) {
    assert_eq!(pair.0, pair.1);
    pair.0 += 1;
    yield_now().await;
    pair.1 += 1;
}

#[hanol::test]
async fn an_abort_of_the_holder_frees_it() {
    let mutex = Rc::new(Mutex::new(()));
    let holder = holder_of(&mutex);
    yield_now().await;
    assert!(mutex.try_lock().is_err());
    holder.abort();
    assert!(mutex.try_lock().is_ok());
}

#[hanol::test]
async fn waiting_takes_nothing_from_the_budget() {
    let mutex = Mutex::new(());
    let held = mutex.lock().await;
    let mut waits = mutex.lock();
    for _ in 0..2 * OPERATIONS_PER_POLL {
        assert!(futures_util::poll!(&mut waits).is_pending());
    }
    drop(held);
    assert!(futures_util::poll!(waits).is_ready());
}

#[hanol::test]
async fn a_loop_that_always_gets_it_gives_way() {
    let mutex = Mutex::new(());
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        drop(mutex.lock().await);
    }
}

/// A task that locks it and keeps it.
fn holder_of(mutex: &Rc<Mutex<()>>) -> JoinHandle<()> {
    let mutex = Rc::clone(mutex);
    hanol::spawn(async move {
        let _guard = mutex.lock().await;
        std::future::pending::<()>().await;
    })
}

#[hanol::test]
async fn the_list_names_the_task_that_holds_it_now() {
    let mutex = Rc::new(Mutex::new(()));
    let first = holder_of(&mutex);
    let second = holder_of(&mutex);
    let place = below("lock_owned()");
    let waits = hanol::spawn(Rc::clone(&mutex).lock_owned());
    yield_now().await;
    assert_eq!(wait_of(waits.id()), format!("lock (held by task {}) at {place}", first.id()));
    first.abort();
    // The lock is the second one's, who has not been polled since, and the third one's record is as old as it was.
    assert_eq!(wait_of(waits.id()), format!("lock (held by task {}) at {place}", second.id()));
    yield_now().await;
    assert_eq!(wait_of(waits.id()), format!("lock (held by task {}) at {place}", second.id()));
    let resource = info(waits.id()).waiting.unwrap().resource;
    assert_eq!(resource, Some(format!("held by task {}", second.id())));
    second.abort();
    drop(waits.await.unwrap());

    // It is free, and then it is the caller's.
    let mine = mutex.lock().await;
    let waits = holder_of(&mutex);
    yield_now().await;
    assert!(wait_of(waits.id()).starts_with("lock (held by task 0) at "));
    drop(mine);
}

#[hanol::test]
async fn a_task_that_locks_twice_is_shown_to_wait_for_itself() {
    let mutex = Rc::new(Mutex::new(()));
    let task = hanol::spawn({
        let mutex = Rc::clone(&mutex);
        async move {
            let _first = mutex.lock().await;
            let _second = mutex.lock().await;
        }
    });
    yield_now().await;
    assert!(wait_of(task.id()).starts_with(&format!("lock (held by task {}) at ", task.id())));
    task.abort();
    assert!(mutex.try_lock().is_ok());
}

/// A future that has got the lock but is not polled, since its task waits for another one, holds it all the same.
#[hanol::test]
async fn a_task_that_got_it_and_does_not_look_is_shown_to_hold_it() {
    let mutex = Rc::new(Mutex::new(()));
    let held = Rc::clone(&mutex).lock_owned().await;
    let task = hanol::spawn({
        let mutex = Rc::clone(&mutex);
        async move {
            let mut unpolled = Box::pin(mutex.lock());
            assert!(futures_util::poll!(&mut unpolled).is_pending());
            drop(mutex.lock().await);
        }
    });
    yield_now().await;
    drop(held);
    yield_now().await;
    assert!(wait_of(task.id()).starts_with(&format!("lock (held by task {}) at ", task.id())));
    task.abort();
}

#[test]
fn outside_a_task_it_is_held_by_nobody_in_the_list() {
    let mutex = Rc::new(Mutex::new(()));
    let _held = mutex.try_lock().unwrap();
    let waits = Rc::clone(&mutex);
    hanol::block_on(async {
        let place = below("lock_owned()");
        let waits = hanol::spawn(waits.lock_owned());
        yield_now().await;
        assert_eq!(wait_of(waits.id()), format!("lock at {place}"));
    });
}

#[hanol::test]
async fn locks_are_told_apart_in_the_list() {
    let locks: Vec<_> = (0..3).map(|_| Rc::new(Mutex::new(()))).collect();
    let holders: Vec<_> = locks.iter().map(holder_of).collect();
    let waiting: Vec<_> = locks.iter().map(holder_of).collect();
    yield_now().await;
    for (holder, waiting) in holders.iter().zip(&waiting) {
        assert!(wait_of(waiting.id()).starts_with(&format!("lock (held by task {}) at ", holder.id())));
    }
}
