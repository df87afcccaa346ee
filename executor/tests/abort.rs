//! Rule 5: an abort takes effect at once for a task that is not being polled, and when the poll returns for one that is.

mod util;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;

use hanol_executor::{AbortHandle, Executor, JoinHandle, ThreadPark, spawn, yield_now};

use self::util::{HandshakePark, Output, Probe, ScriptPark, Seen, Stage, finishes, many, waits};

/// A stage, and the handle of a task that does `meanwhile` with its own abort handle in each poll and then waits.
fn aborts_itself(mut meanwhile: impl FnMut(&AbortHandle) + 'static) -> (Stage, JoinHandle<Output>) {
    let stage = Stage::new();
    let own = Rc::new(Cell::new(None));
    let of_task = Rc::clone(&own);
    let handle = stage.spawn(move |_| {
        let own: AbortHandle = of_task.take().unwrap();
        meanwhile(&own);
        of_task.set(Some(own));
        Poll::Pending
    });
    own.set(Some(handle.abort_handle()));
    (stage, handle)
}

#[test]
fn a_task_that_aborts_itself_ends_when_its_poll_returns() {
    let probe = Rc::new(Cell::new(None::<Probe>));
    let in_poll = Rc::clone(&probe);
    let (stage, mut handle) = aborts_itself(move |own| {
        own.abort();
        let probe = in_poll.take().unwrap();
        assert_eq!(probe.future_drops(), 0, "the future was dropped while it was polled");
    });
    probe.set(Some(stage.probe.clone()));
    assert!(stage.poll_join(&mut handle).is_pending());
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, joiner_wakes: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn a_task_that_aborts_itself_twice_ends_once() {
    let (stage, mut handle) = aborts_itself(|own| {
        own.abort();
        own.abort();
    });
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn a_task_that_aborts_and_wakes_itself_is_not_polled_again() {
    let stage = Stage::new();
    let own = Rc::new(Cell::new(None::<AbortHandle>));
    let of_task = Rc::clone(&own);
    let mut handle = stage.spawn(move |cx| {
        cx.waker().wake_by_ref();
        of_task.take().unwrap().abort();
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    own.set(Some(handle.abort_handle()));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert!(!stage.run_one());
    assert!(stage.join_error(&mut handle).is_cancelled());
}

#[test]
fn a_task_that_drops_its_handle_and_aborts_itself_leaves_nothing() {
    let stage = Stage::new();
    let own = Rc::new(Cell::new(None::<JoinHandle<Output>>));
    let of_task = Rc::clone(&own);
    own.set(Some(stage.spawn(move |_| {
        let handle = of_task.take().unwrap();
        let abort = handle.abort_handle();
        drop(handle);
        abort.abort();
        Poll::Pending
    })));
    assert!(stage.run_one());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn an_abort_by_another_task_takes_effect_at_once() {
    let stage = Stage::new();
    let probe = stage.probe.clone();
    let victim = stage.spawn(waits);
    let aborter = stage.executor().spawn(async move {
        assert_eq!((probe.polls(), probe.future_drops()), (1, 0));
        victim.abort();
        assert_eq!(probe.future_drops(), 1);
        assert!(victim.is_finished());
        victim.await.err().unwrap().is_cancelled()
    });
    assert!(stage.executor().block_on(&mut ThreadPark::new(), aborter).unwrap());
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_task_that_is_aborted_in_the_queue_is_not_polled() {
    let stage = Stage::new();
    let victims: Vec<_> = (0..100).map(|_| stage.spawn(finishes)).collect();
    victims.iter().for_each(JoinHandle::abort);
    stage.executor().run_until_stalled();
    stage.expect(Seen { future_drops: 100, ..Seen::NOTHING });
    drop(victims);
    assert_eq!(stage.executor().tasks().len(), 0);
}

#[test]
fn aborted_entries_in_the_queue_count_as_polls_of_a_turn() {
    // The bound of a turn holds whatever stands in the queue.
    let executor = Executor::new();
    (0..1000).for_each(|_| executor.spawn(pending::<()>()).abort());
    let mut park = ScriptPark::new();
    executor.block_on(&mut park, yield_now());
    assert!(park.polls() >= 1000 / 128, "{} looks for events", park.polls());
}

#[test]
fn slots_of_aborted_tasks_are_used_again() {
    let stage = Stage::new();
    let first = stage.spawn(waits);
    let slot = first.id().slot();
    first.abort();
    drop(first);
    stage.executor().run_until_stalled();

    let second = stage.spawn(waits);
    assert_eq!(second.id().slot(), slot, "the slot was lost");
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
    second.abort();
    stage.expect(Seen { polls: 1, future_drops: 2, ..Seen::NOTHING });
}

#[test]
fn a_slot_whose_entry_is_still_queued_is_not_used_before_its_turn() {
    let stage = Stage::new();
    let first = stage.spawn(waits);
    let slot = first.id().slot();
    first.abort();
    drop(first);
    let second = stage.spawn(waits);
    assert_ne!(second.id().slot(), slot);
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn spawning_and_aborting_without_end_takes_few_slots() {
    let executor = Executor::new();
    for _ in 0..many(100_000) {
        let task = executor.spawn(pending::<()>());
        executor.run_until_stalled();
        task.abort();
        assert!(task.id().slot() < 4);
    }
    assert_eq!(executor.tasks().len(), 0);
}

#[test]
fn an_abort_from_another_thread_ends_the_sleep_and_drops_at_home() {
    let stage = Stage::new();
    let mut handle = stage.spawn(waits);
    let abort = handle.abort_handle();
    let mut park = ScriptPark::new().then(move || thread::spawn(move || abort.abort()).join().unwrap());
    let error = stage.executor().block_on(&mut park, &mut handle).err().unwrap();
    assert!(error.is_cancelled());
    assert_eq!((park.blocks(), park.unparks()), (1, 1));
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn aborts_from_other_threads_at_any_time() {
    let stage = Stage::new();
    let (aborts, to_abort) = channel::<AbortHandle>();
    let aborting = thread::spawn(move || to_abort.into_iter().for_each(|abort| abort.abort()));
    let rounds = many(10_000);
    let probe = stage.probe.clone();
    let (cancelled, finished) = stage.executor().block_on(&mut HandshakePark::new(), async move {
        let (mut cancelled, mut finished) = (0, 0);
        for round in 0..rounds {
            // After some polls a task finishes or waits, so that the abort meets it in any state.
            let mut polls = 0;
            let task = spawn(probe.future(move |cx| {
                polls += 1;
                if polls <= round % 50 {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                if round % 2 == 0 { Poll::Ready(()) } else { Poll::Pending }
            }));
            aborts.send(task.abort_handle()).unwrap();
            match task.await {
                Ok(_) => finished += 1,
                Err(error) if error.is_cancelled() => cancelled += 1,
                Err(error) => panic!("{error}"),
            }
        }
        (cancelled, finished)
    });
    aborting.join().unwrap();
    assert_eq!(cancelled + finished, rounds);
    let Seen { polls, future_drops, output_drops, strays, .. } = stage.seen();
    assert!(polls > 0);
    assert_eq!((future_drops, output_drops, strays), (rounds, finished, 0));
}

#[test]
fn an_abort_from_another_thread_after_the_end_is_ignored() {
    let mut stage = Stage::new();
    let mut handle = stage.spawn(finishes);
    let abort = handle.abort_handle();
    assert!(stage.run_one());
    let elsewhere = abort.clone();
    thread::spawn(move || elsewhere.abort()).join().unwrap();
    stage.executor().run_until_stalled();
    drop(stage.join(&mut handle).unwrap());
    stage.drop_executor();
    thread::spawn(move || abort.abort()).join().unwrap();
    stage.expect(Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn an_aborted_task_is_dropped_before_its_joiner_runs() {
    let stage = Stage::new();
    let probe = stage.probe.clone();
    let victim = stage.spawn(waits);
    let abort = victim.abort_handle();
    let joiner = stage.executor().spawn(async move {
        let cancelled = victim.await.err().unwrap().is_cancelled();
        (cancelled, probe.future_drops())
    });
    stage.executor().run_until_stalled();
    abort.abort();
    assert_eq!(stage.executor().block_on(&mut ThreadPark::new(), joiner).unwrap(), (true, 1));
}

#[test]
fn aborting_the_head_of_a_chain_of_joins_ends_all_of_it() {
    let executor = Executor::new();
    let length = many(1000);
    let mut last = executor.spawn(pending::<usize>());
    let head = last.abort_handle();
    for _ in 0..length {
        let previous = last;
        last = executor.spawn(async move { previous.await.unwrap_or(0) + 1 });
    }
    executor.run_until_stalled();
    assert_eq!(executor.unfinished(), length + 1);
    head.abort();
    assert_eq!(executor.block_on(&mut ThreadPark::new(), last).unwrap(), length);
    assert_eq!(executor.tasks().len(), 0);
}
