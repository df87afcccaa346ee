//! Rule 4 for foreign wakers: what a joiner's waker does wrong harms neither the task nor the executor.

mod util;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_executor::{Executor, JoinHandle, JoinSet};

use self::util::{Fault, Foreign, Output, Seen, Stage, expect_usable, finishes, panic_message, waits};

/// Registers a foreign waker with a join handle, and leaves its last clone to the executor.
fn join_with(handle: &mut JoinHandle<Output>, fault: Fault) -> Foreign {
    let (foreign, waker) = Foreign::new(fault);
    assert!(Pin::new(handle).poll(&mut Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert_eq!(foreign.drops(), 0, "the executor holds a clone");
    foreign
}

#[test]
fn a_joiner_that_panics_in_wake() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let foreign = join_with(&mut handle, Fault::PanicsInWake);
    assert!(stage.run_one());
    assert_eq!((foreign.wakes(), foreign.drops()), (1, 1));
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    drop(stage.join(&mut handle).unwrap());

    let mut handle = stage.spawn(waits);
    let foreign = join_with(&mut handle, Fault::PanicsInWake);
    handle.abort();
    assert_eq!((foreign.wakes(), foreign.drops()), (1, 1));
    assert!(stage.join_error(&mut handle).is_cancelled());
    expect_usable(stage.executor());
}

#[test]
fn a_joiner_that_panics_in_drop_after_its_wake() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let foreign = join_with(&mut handle, Fault::PanicsInDrop);
    assert!(stage.run_one());
    assert_eq!((foreign.wakes(), foreign.drops()), (1, 1));
    drop(stage.join(&mut handle).unwrap());
    expect_usable(stage.executor());
}

#[test]
fn a_joiner_that_panics_in_drop_when_another_takes_its_place() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let foreign = join_with(&mut handle, Fault::PanicsInDrop);
    let message = panic_message(|| stage.poll_join(&mut handle).is_pending());
    assert!(message.contains("in drop"), "{message}");
    assert_eq!((foreign.wakes(), foreign.drops()), (0, 1));

    // The new joiner is in place all the same.
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    drop(stage.join(&mut handle).unwrap());
    expect_usable(stage.executor());
}

#[test]
fn a_joiner_that_panics_in_drop_when_its_handle_is_dropped() {
    let stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let foreign = join_with(&mut handle, Fault::PanicsInDrop);
    drop(handle);
    assert_eq!((foreign.wakes(), foreign.drops()), (0, 1));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    expect_usable(stage.executor());
}

#[test]
fn joiners_that_panic_while_the_executor_is_dropped() {
    let mut stage = Stage::new();
    let mut handles: Vec<_> = (0..4).map(|_| stage.spawn(waits)).collect();
    let faults = [Fault::PanicsInWake, Fault::PanicsInDrop, Fault::PanicsInWake, Fault::Nothing];
    let foreign: Vec<_> = handles.iter_mut().zip(faults).map(|(handle, fault)| join_with(handle, fault)).collect();
    stage.drop_executor();
    assert!(foreign.iter().all(|foreign| (foreign.wakes(), foreign.drops()) == (1, 1)));
    stage.expect(Seen { future_drops: 4, ..Seen::NOTHING });
}

#[test]
fn a_set_whose_joiner_panics_in_wake() {
    let stage = Stage::new();
    let mut set = JoinSet::new();
    set.insert(stage.spawn(finishes));
    set.insert(stage.spawn(finishes));
    let (foreign, waker) = Foreign::new(Fault::PanicsInWake);
    assert!(set.poll_join_next(&mut Context::from_waker(&waker)).is_pending());
    stage.executor().run_until_stalled();
    assert_eq!(foreign.wakes(), 1);
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    assert!(set.try_join_next().unwrap().map(Output::fetched).is_ok());
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
    expect_usable(stage.executor());
}

#[test]
fn a_panic_inside_a_combinator_with_foreign_wakers_drops_its_joiners() {
    let executor = Executor::new();
    let handle = executor.spawn(pending::<()>());
    let (foreign, waker) = Foreign::new(Fault::Nothing);
    let mut held = (handle, Some(waker));
    let joining = executor.spawn(async move {
        poll_fn(|_| -> Poll<()> {
            let waker = held.1.take().unwrap();
            assert!(Pin::new(&mut held.0).poll(&mut Context::from_waker(&waker)).is_pending());
            drop(waker);
            panic!("after the joiner was registered")
        })
        .await
    });
    executor.run_until_stalled();
    assert!(joining.is_finished());
    assert_eq!((foreign.wakes(), foreign.drops()), (0, 1));
    assert_eq!(executor.unfinished(), 1, "the detached task goes on");
    drop(joining);
    expect_usable(&executor);
}
