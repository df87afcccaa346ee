//! Rule 2: a wake during a poll of the same task gives exactly one more poll, and waking twice before the poll gives one.

#![allow(clippy::waker_clone_wake, reason = "clones are woken on purpose")]

mod util;

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;

use hanol_executor::{Executor, spawn, yield_now};

use self::util::{Probe, ScriptPark, Seen, Stage, finishes_at, waits};

/// A stage with a task that calls `wake` at its first poll and then waits for ever.
fn wakes_in_first_poll(wake: fn(&Waker)) -> Stage {
    let stage = Stage::new();
    let mut first = true;
    drop(stage.spawn(move |cx| {
        if std::mem::take(&mut first) {
            wake(cx.waker());
        }
        Poll::Pending
    }));
    stage
}

#[test]
fn a_wake_during_the_poll_gives_one_more_poll() {
    let stage = wakes_in_first_poll(Waker::wake_by_ref);
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn many_wakes_during_the_poll_give_one_more_poll() {
    let stage = wakes_in_first_poll(|waker| (0..100).for_each(|_| waker.clone().wake()));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, ready: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn wakes_of_other_threads_during_the_poll_give_one_more_poll() {
    let stage = wakes_in_first_poll(|waker| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| waker.wake_by_ref());
            }
        });
    });
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn wakes_from_here_and_from_elsewhere_before_the_poll_give_one_poll() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    let elsewhere = waker.clone();
    thread::spawn(move || elsewhere.wake()).join().unwrap();
    {
        let _context = stage.executor().enter();
        waker.wake();
    }
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn the_future_of_block_on_counts_like_a_task() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    let mut polls = 0;
    let future = probe.future(move |cx| {
        polls += 1;
        match polls {
            1 => (0..10).for_each(|_| cx.waker().wake_by_ref()),
            2 => {}
            _ => return Poll::Ready(()),
        }
        Poll::Pending
    });
    let waker = probe.clone();
    let mut park = ScriptPark::new().then(move || (0..10).for_each(|_| waker.waker().wake()));
    drop(executor.block_on(&mut park, future).fetched());
    assert_eq!((probe.polls(), park.blocks()), (3, 1));
}

#[test]
fn a_wake_of_the_waker_of_an_earlier_block_on_is_ignored() {
    let executor = Executor::new();
    let probe = Probe::new(&executor);
    drop(executor.block_on(&mut ScriptPark::new(), probe.future(|_| Poll::Ready(()))).fetched());
    let outdated = probe.waker();
    let next = Probe::new(&executor);
    let waker = next.clone();
    let mut park = ScriptPark::new().then(move || outdated.wake()).then(move || waker.waker().wake());
    drop(executor.block_on(&mut park, next.future(finishes_at(2))).fetched());
    assert_eq!((next.polls(), park.blocks()), (2, 2));
}

#[test]
fn a_wake_in_the_last_poll_of_block_on_leaves_nothing_for_the_next() {
    let executor = Executor::new();
    executor.block_on(
        &mut ScriptPark::new(),
        std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(())
        }),
    );
    let probe = Probe::new(&executor);
    let waker = probe.clone();
    let mut park = ScriptPark::new().then(move || waker.waker().wake());
    drop(executor.block_on(&mut park, probe.future(finishes_at(2))).fetched());
    assert_eq!(probe.polls(), 2);
}

#[test]
fn tasks_that_wake_each_other_are_polled_once_for_each_wake() {
    let executor = Executor::new();
    let probes = [Probe::new(&executor), Probe::new(&executor)];
    for (index, probe) in probes.iter().enumerate() {
        let mut polls = 0;
        let other = probes[1 - index].clone();
        drop(executor.spawn(probe.future(move |_| {
            polls += 1;
            if polls > 1 && polls <= 100 {
                other.waker().wake();
            }
            Poll::Pending
        })));
    }
    executor.run_until_stalled();
    probes[0].waker().wake();
    executor.run_until_stalled();
    assert_eq!(probes.map(|probe| probe.polls()), [101, 100]);
}

#[test]
fn a_yield_costs_one_poll() {
    let executor = Executor::new();
    let polls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&polls);
    executor.block_on(&mut ScriptPark::new(), async move {
        let task = spawn(async move {
            for _ in 0..10 {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        task.await.unwrap();
    });
    assert_eq!(polls.get(), 10);
    assert_eq!(executor.unfinished(), 0);
}
