//! `RwLock`: readers together, writers alone, nobody overtaken, guards of each kind.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use hanol::sync::{
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
use hanol::task::yield_now;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use crate::list::wait_of;
use crate::place::below;
use crate::waker::{on_wake, poll_in_wake, poll_with};

#[test]
fn readers_are_let_in_together_and_writers_alone() {
    let lock = RwLock::new(1);
    let readers = [lock.try_read().unwrap(), assert_ready!(spawn(lock.read()).poll())];
    assert_eq!(*readers[0] + *readers[1], 2);
    assert!(lock.try_write().is_err());
    drop(readers);
    let mut writer = lock.try_write().unwrap();
    *writer = 2;
    assert!(lock.try_write().is_err() && lock.try_read().is_err());
    assert_pending!(spawn(lock.read()).poll());
    drop(writer);
    assert_eq!(*lock.try_read().unwrap(), 2);
}

#[test]
fn a_writer_that_waits_is_not_overtaken_by_readers() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let mut writer = spawn(lock.write());
    assert_pending!(writer.poll());
    assert!(lock.try_read().is_err(), "one waits to write");
    let (mut first, mut second) = (spawn(lock.read()), spawn(lock.read()));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(reader);
    assert!(writer.is_woken() && !first.is_woken() && !second.is_woken());
    *assert_ready!(writer.poll()) = 1;
    assert!(first.is_woken() && second.is_woken());
    assert_eq!(*assert_ready!(first.poll()) + *assert_ready!(second.poll()), 2);
}

#[test]
fn a_writer_that_gives_up_lets_the_readers_in() {
    let lock = RwLock::new(0);
    let _reader = lock.try_read().unwrap();
    let mut writer = spawn(lock.write());
    assert_pending!(writer.poll());
    let mut reader = spawn(lock.read());
    assert_pending!(reader.poll());
    drop(writer);
    assert!(reader.is_woken());
    let _second = assert_ready!(reader.poll());
    assert!(lock.try_read().is_ok());
}

#[test]
fn one_that_got_it_and_is_dropped_passes_it_on() {
    let lock = RwLock::new(0);
    let held = lock.try_write().unwrap();
    let (mut writer, mut reader) = (spawn(lock.write()), spawn(lock.read()));
    assert_pending!(writer.poll());
    assert_pending!(reader.poll());
    drop(held);
    assert!(writer.is_woken() && !reader.is_woken());
    drop(writer);
    assert!(reader.is_woken());
    drop(reader);
    assert!(lock.try_write().is_ok());
}

#[test]
fn so_many_readers_and_no_more() {
    let lock = RwLock::with_max_readers((), 2);
    let first = lock.try_read().unwrap();
    let _second = lock.try_read().unwrap();
    assert!(lock.try_read().is_err());
    drop(first);
    assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    for wrong in [0, u32::MAX >> 2] {
        assert!(catch_unwind(|| RwLock::with_max_readers((), wrong)).is_err());
    }
    let alone = RwLock::with_max_readers((), 1);
    let reader = alone.try_read().unwrap();
    assert!(alone.try_read().is_err());
    drop(reader);
    drop(alone.try_write().unwrap().downgrade());
    assert!(alone.try_write().is_ok());
}

#[test]
fn a_writer_goes_on_to_read_and_lets_readers_in_before_the_next_writer() {
    let lock = RwLock::new(1);
    let held = lock.try_write().unwrap();
    let (mut reader, mut writer) = (spawn(lock.read()), spawn(lock.write()));
    assert_pending!(reader.poll());
    assert_pending!(writer.poll());
    let held = held.downgrade();
    assert!(reader.is_woken() && !writer.is_woken());
    assert_eq!(*assert_ready!(reader.poll()), *held);
    drop(reader);
    assert_pending!(writer.poll());
    drop(held);
    assert!(writer.is_woken());
    *assert_ready!(writer.poll()) = 2;
    assert_eq!(*lock.try_read().unwrap(), 2);
}

#[test]
fn a_guard_is_mapped_to_a_part_of_the_value() {
    let lock = RwLock::new((vec![1, 2, 3], "name"));
    let numbers = RwLockReadGuard::map(lock.try_read().unwrap(), |value| &value.0);
    let numbers = RwLockReadGuard::try_map(numbers, |numbers| numbers.get(7)).unwrap_err();
    let second = RwLockReadGuard::try_map(numbers, |numbers| numbers.get(1)).unwrap();
    assert_eq!(format!("{second} {second:?}"), "2 2");
    drop(second);

    let numbers = RwLockWriteGuard::map(lock.try_write().unwrap(), |value| &mut value.0);
    let numbers = RwLockMappedWriteGuard::try_map(numbers, |numbers| numbers.get_mut(7)).unwrap_err();
    let slice: RwLockMappedWriteGuard<'_, [i32]> = RwLockMappedWriteGuard::map(numbers, |numbers| &mut numbers[1..]);
    let mut second = RwLockMappedWriteGuard::try_map(slice, |slice| slice.first_mut()).unwrap();
    *second = 7;
    assert_eq!(format!("{second} {second:?}"), "7 7");
    assert!(lock.try_read().is_err());
    drop(second);
    let whole = RwLockWriteGuard::try_map(lock.try_write().unwrap(), |value| value.0.get_mut(7)).unwrap_err();
    drop(RwLockWriteGuard::try_map(whole, |value| Some(&mut value.1)).unwrap());
    RwLockWriteGuard::into_mapped(lock.try_write().unwrap()).0.push(9);
    assert_eq!(lock.into_inner(), (vec![1, 7, 3, 9], "name"));
}

#[test]
fn a_writer_goes_on_to_read_a_part() {
    let lock = RwLock::new(vec![1, 2]);
    let second = RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |value| &value[1]);
    assert_eq!((*second, lock.try_read().unwrap()[0]), (2, 1));
    drop(second);
    let mut whole = RwLockWriteGuard::try_downgrade_map(lock.try_write().unwrap(), |value| value.get(7)).unwrap_err();
    assert!(lock.try_read().is_err());
    whole.push(3);
    let third = RwLockWriteGuard::try_downgrade_map(whole, |value| value.get(2)).unwrap();
    assert_eq!((*third, lock.try_read().unwrap().len()), (3, 3));
    assert!(lock.try_write().is_err());
    drop(third);
    assert!(lock.try_write().is_ok());
}

#[test]
fn owned_guards_keep_the_lock_and_share_the_value() {
    let lock = Rc::new(RwLock::new(String::from("a")));
    let mut writer = Rc::clone(&lock).try_write_owned().unwrap();
    writer.push('b');
    assert!(Rc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&writer), &lock));
    assert_eq!(format!("{writer} {writer:?} {lock:?}"), "ab \"ab\" RwLock { value: <locked> }");
    assert!(Rc::clone(&lock).try_read_owned().is_err() && Rc::clone(&lock).try_write_owned().is_err());
    let (mut reads, mut writes) = (spawn(Rc::clone(&lock).read_owned()), spawn(Rc::clone(&lock).write_owned()));
    assert_pending!(reads.poll());
    assert_pending!(writes.poll());

    let reader = writer.downgrade();
    assert!(Rc::ptr_eq(OwnedRwLockReadGuard::rwlock(&reader), &lock));
    let second = assert_ready!(reads.poll());
    assert_eq!((format!("{reader} {reader:?}"), second.as_str()), ("ab \"ab\"".to_owned(), "ab"));
    drop((reader, second));
    assert_ready!(writes.poll()).push('c');
    lock.try_write().unwrap().push('d');
    let (one, other) = (lock.try_read().unwrap(), Rc::clone(&lock).try_read_owned().unwrap());
    assert_eq!(*one, *other);
    drop((one, other, reads, writes));
    assert_eq!(Rc::into_inner(lock).unwrap().into_inner(), "abcd");
}

#[test]
fn it_is_made_shown_and_taken_apart() {
    let mut lock = RwLock::from(1);
    *lock.get_mut() += 1;
    assert_eq!(format!("{lock:?}"), "RwLock { value: 2 }");
    let guard = lock.try_write().unwrap();
    assert_eq!(format!("{guard} {guard:?} {lock:?}"), "2 2 RwLock { value: <locked> }");
    assert!(lock.try_read().is_err());
    drop(guard);
    assert_eq!((lock.into_inner(), RwLock::<u8>::default().into_inner()), (2, 0));
}

#[test]
fn a_panic_frees_the_lock_and_does_not_poison_it() {
    let lock = Rc::new(RwLock::new(0));
    let panics: [&dyn Fn(); 5] = [
        &|| {
            let _guard = lock.try_read().unwrap();
            panic!("on purpose");
        },
        &|| {
            *lock.try_write().unwrap() += 1;
            let _guard = lock.try_write().unwrap();
            panic!("on purpose");
        },
        &|| {
            let mut guard = Rc::clone(&lock).try_write_owned().unwrap();
            *guard += 1;
            panic!("on purpose");
        },
        &|| drop(RwLockReadGuard::map(lock.try_read().unwrap(), |_| -> &u8 { panic!("on purpose") })),
        &|| drop(RwLockWriteGuard::downgrade_map(lock.try_write().unwrap(), |_| -> &u8 { panic!("on purpose") })),
    ];
    for panics in panics {
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(lock.try_write().is_ok());
    }
    assert_eq!(*lock.try_read().unwrap(), 2);
}

#[test]
fn wakers_may_call_back() {
    let lock = Rc::new(RwLock::new(0));
    let held = lock.try_write().unwrap();
    let mut first = Rc::clone(&lock).read_owned();
    let again = Rc::clone(&lock);
    let wake = on_wake(move || {
        assert!(again.try_write().is_err());
        drop(again.try_read().unwrap());
    });
    assert!(poll_with(&mut first, wake).is_pending());
    let mut second = spawn(lock.read());
    assert_pending!(second.poll());
    drop(held);
    assert!(second.is_woken());
    drop((first, second));
    assert!(lock.try_write().is_ok());
}

/// A guard gives up the value before the lock.
#[test]
fn one_that_takes_it_inside_its_wake_finds_the_value() {
    let lock = Rc::new(RwLock::new(0));
    let add_in_wake = || poll_in_wake(Rc::clone(&lock).write_owned(), |mut value| *value += 1);

    let held = lock.try_read().unwrap();
    add_in_wake();
    drop(held);
    let held = lock.try_write().unwrap();
    add_in_wake();
    drop(held);
    let held = RwLockWriteGuard::into_mapped(lock.try_write().unwrap());
    add_in_wake();
    drop(held);
    let held = Rc::clone(&lock).try_read_owned().unwrap();
    add_in_wake();
    drop(held);
    let held = Rc::clone(&lock).try_write_owned().unwrap();
    add_in_wake();
    drop(held);
    assert_eq!(*lock.try_read().unwrap(), 5);

    // And so does one that goes on to read.
    let seen = Rc::new(Cell::new(0));
    let read_in_wake = || {
        let seen = Rc::clone(&seen);
        poll_in_wake(Rc::clone(&lock).read_owned(), move |value| seen.set(seen.get() + *value));
    };
    let held = lock.try_write().unwrap();
    read_in_wake();
    drop(held.downgrade());
    let held = Rc::clone(&lock).try_write_owned().unwrap();
    read_in_wake();
    drop(held.downgrade());
    assert_eq!(seen.get(), 10);
}

#[hanol::test]
async fn readers_see_what_a_writer_has_finished() {
    let lock = Rc::new(RwLock::new((0, 0)));
    let write = || {
        let lock = Rc::clone(&lock);
        async move {
            let mut pair = lock.write().await;
            pair.0 += 1;
            yield_now().await;
            pair.1 += 1;
        }
    };
    let read = |owned: bool| {
        let lock = Rc::clone(&lock);
        async move {
            if owned {
                let pair = lock.read_owned().await;
                yield_now().await;
                assert_eq!(pair.0, pair.1);
            } else {
                let pair = lock.read().await;
                yield_now().await;
                assert_eq!(pair.0, pair.1);
            }
        }
    };
    let (mut tasks, mut aborted) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        aborted.push(hanol::spawn(read(true)));
        tasks.extend([hanol::spawn(write()), hanol::spawn(read(false)), hanol::spawn(read(true))]);
        aborted.push(hanol::spawn(read(false)));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        task.await.unwrap();
        if let Some(aborted) = aborted.get(number) {
            aborted.abort();
        }
    }
    assert_eq!(*lock.read().await, (30, 30));
}

#[hanol::test]
async fn a_loop_that_always_gets_it_gives_way() {
    let lock = RwLock::new(());
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    hanol::spawn(async move { stopped.set(true) });
    while !stop.get() {
        drop(lock.read().await);
        drop(lock.write().await);
    }
}

#[hanol::test]
async fn the_list_names_the_task_that_writes() {
    let lock = Rc::new(RwLock::new(()));
    let writer = hanol::spawn({
        let lock = Rc::clone(&lock);
        async move {
            let guard = lock.write().await;
            yield_now().await;
            yield_now().await;
            let _reads = guard.downgrade();
            std::future::pending::<()>().await;
        }
    });
    yield_now().await;
    let (read, write) = (below("read_owned()"), below("write_owned()"));
    let (reads, writes) = (hanol::spawn(Rc::clone(&lock).read_owned()), hanol::spawn(Rc::clone(&lock).write_owned()));
    yield_now().await;
    assert_eq!(wait_of(reads.id()), format!("read lock (held by task {}) at {read}", writer.id()));
    assert_eq!(wait_of(writes.id()), format!("write lock (held by task {}) at {write}", writer.id()));
    drop(reads.await.unwrap());
    // It is held to read now, which any number of tasks may do.
    assert_eq!(wait_of(writes.id()), format!("write lock at {write}"));
    writer.abort();
    drop(writes.await.unwrap());

    // One that wrote and left holds it no longer.
    let held = lock.write().await;
    let (reads, writes) = (hanol::spawn(Rc::clone(&lock).read_owned()), hanol::spawn(Rc::clone(&lock).write_owned()));
    yield_now().await;
    drop(held);
    let reader = reads.await.unwrap();
    let waiting = wait_of(writes.id());
    assert!(waiting.starts_with("write lock at "), "{waiting}");
    drop(reader);
    drop(writes.await.unwrap());

    // The lines of the two that borrow.
    let _writer = lock.write().await;
    let (one, other) = (Rc::clone(&lock), Rc::clone(&lock));
    let read = below("read()");
    let reads = hanol::spawn(async move { drop(one.read().await) });
    let write = below("write()");
    let writes = hanol::spawn(async move { drop(other.write().await) });
    yield_now().await;
    assert_eq!(wait_of(reads.id()), format!("read lock (held by task 0) at {read}"));
    assert_eq!(wait_of(writes.id()), format!("write lock (held by task 0) at {write}"));
}
