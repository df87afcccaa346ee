//! Rules 1 and 12: a wake may come from any thread at any time, is never lost, and costs the sleeping owner one unpark.

#![allow(clippy::waker_clone_wake, reason = "clones are woken on purpose")]

mod util;

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};
use std::{mem, thread};

use hanol_executor::{Executor, Park, ThreadPark, Unpark, Wait, spawn, yield_now};

use self::util::{HandshakePark, Probe, ScriptPark, Seen, Stage, finishes_at, many, waits};

const THREADS: usize = 8;

/// Wakes on a thread of its own, and returns when that thread has ended.
fn wake_elsewhere(waker: Waker) {
    thread::spawn(move || waker.wake()).join().unwrap();
}

#[test]
fn a_wake_from_another_thread_polls_the_task_once_more() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    wake_elsewhere(stage.probe.waker());
    stage.expect(Seen { polls: 1, ..Seen::NOTHING });
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

#[test]
fn a_wake_from_another_thread_ends_the_sleep() {
    let stage = Stage::new();
    let task = stage.spawn(finishes_at(2));
    let probe = stage.probe.clone();
    let mut park = ScriptPark::new().then(move || wake_elsewhere(probe.waker()));
    stage.executor().block_on(&mut park, async { drop(task.await) });
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
    assert_eq!((park.blocks(), park.unparks()), (1, 1));
}

#[test]
fn many_wakes_during_one_sleep_unpark_once() {
    let stage = Stage::new();
    let tasks: Vec<_> = (0..10).map(|_| stage.spawn(finishes_at(2))).collect();
    let wakers = Arc::new(std::sync::Mutex::new(Vec::new()));
    let collected = Arc::clone(&wakers);
    let collect = move |waker: &Waker| collected.lock().unwrap().push(waker.clone());
    let mut park = ScriptPark::new().then(move || {
        let wakers = wakers.lock().unwrap();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| wakers.iter().cycle().take(1000).for_each(Waker::wake_by_ref));
            }
        });
    });
    stage.executor().block_on(&mut park, async {
        let mut second = false;
        poll_fn(|cx| {
            collect(cx.waker());
            if mem::replace(&mut second, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    });
    assert_eq!((park.blocks(), park.unparks()), (1, 1));
    drop(tasks);
}

#[test]
fn a_wake_while_the_owner_is_awake_unparks_nobody() {
    let executor = Executor::new();
    let mut park = ScriptPark::new();
    let mut polls = 0;
    executor.block_on(
        &mut park,
        poll_fn(|cx| {
            polls += 1;
            if polls == 10 {
                return Poll::Ready(());
            }
            wake_elsewhere(cx.waker().clone());
            Poll::Pending
        }),
    );
    assert_eq!((polls, park.blocks(), park.unparks()), (10, 0, 0));
}

#[test]
fn the_owner_never_unparks_itself() {
    let executor = Executor::new();
    let other = Executor::new();
    let probe = Probe::new(&executor);
    let in_park = probe.clone();
    let task = executor.spawn(probe.future(finishes_at(4)));
    executor.run_until_stalled();

    // Outside of any executor, and inside another one.
    probe.waker().wake();
    executor.run_until_stalled();
    let in_other = probe.clone();
    drop(other.spawn(async move { in_other.waker().wake() }));
    other.run_until_stalled();

    // By the park, as a reactor does it, while the owner counts as asleep.
    let mut park = ScriptPark::new().then(move || in_park.waker().wake());
    executor.block_on(&mut park, async { drop(task.await) });
    assert_eq!((probe.polls(), park.blocks(), park.unparks()), (4, 1, 0));
}

#[test]
fn a_wake_after_the_task_ended_is_ignored() {
    let stage = Stage::new();
    let finished = stage.spawn(finishes_at(1));
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    wake_elsewhere(waker.clone());
    drop(finished);
    wake_elsewhere(waker);
    let aborted = stage.spawn(waits);
    assert!(stage.run_one());
    aborted.abort();
    wake_elsewhere(stage.probe.waker());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_wake_after_the_executor_was_dropped_is_ignored() {
    let mut stage = Stage::new();
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    stage.drop_executor();
    wake_elsewhere(waker.clone());
    waker.wake();
    stage.expect(Seen { polls: 1, future_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_wake_after_the_thread_of_the_executor_has_ended_is_ignored() {
    let of_dropped = thread::spawn(|| {
        let stage = Stage::new();
        drop(stage.spawn(waits));
        assert!(stage.run_one());
        stage.probe.waker()
    });
    let waker = of_dropped.join().unwrap();
    waker.wake_by_ref();
    waker.clone().wake();
}

thread_local! {
    static AT_EXIT: RefCell<Vec<WakesInDrop>> = const { RefCell::new(Vec::new()) };
}

struct WakesInDrop(Waker);

impl Drop for WakesInDrop {
    fn drop(&mut self) {
        self.0.wake_by_ref();
    }
}

#[test]
fn a_wake_in_the_destructor_of_a_thread_local_arrives() {
    let stage = Stage::new();
    let task = stage.spawn(finishes_at(2));
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    let thread = thread::spawn(move || {
        // The thread's locals of the executor stand before and after ours.
        AT_EXIT.with_borrow_mut(|at_exit| at_exit.push(WakesInDrop(waker.clone())));
        drop(Executor::new());
    });
    let mut park = HandshakePark::new();
    stage.executor().block_on(&mut park, async { drop(task.await) });
    thread.join().unwrap();
    stage.expect(Seen { polls: 2, future_drops: 1, output_drops: 1, ..Seen::NOTHING });
}

#[test]
fn a_wake_in_the_destructor_of_a_thread_local_of_the_owner_is_harmless() {
    thread::spawn(|| {
        AT_EXIT.with_borrow(Vec::len);
        let executor = Executor::new();
        let probe = Probe::new(&executor);
        drop(executor.spawn(probe.future(waits)));
        executor.run_until_stalled();
        AT_EXIT.with_borrow_mut(|at_exit| at_exit.push(WakesInDrop(probe.waker())));
    })
    .join()
    .unwrap();
}

#[test]
fn the_last_waker_dropped_on_another_thread_does_not_drop_the_future_there() {
    let mut stage = Stage::new();
    let handle = stage.spawn(waits);
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    handle.abort_handle().abort();
    drop(handle);
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    let second = stage.probe.waker();
    thread::spawn(move || drop((waker, second))).join().unwrap();
    stage.expect(Seen { polls: 2, future_drops: 1, ..Seen::NOTHING });
    stage.drop_executor();
    stage.expect(Seen { polls: 2, future_drops: 2, ..Seen::NOTHING });
}

#[test]
fn forty_thousand_clones_of_one_waker_wake_it_once() {
    let stage = Stage::new();
    drop(stage.spawn(waits));
    assert!(stage.run_one());
    let waker = stage.probe.waker();
    let clones: Vec<Waker> = (0..40_000).map(|_| waker.clone()).collect();
    thread::spawn(move || clones.into_iter().for_each(Waker::wake)).join().unwrap();
    assert!(stage.run_one());
    assert!(!stage.run_one());
    stage.expect(Seen { polls: 2, ..Seen::NOTHING });
}

/// The memory of this process in KiB, where the system tells.
fn resident_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn millions_of_wakes_of_few_tasks_while_the_owner_is_busy_take_no_memory() {
    let stage = Stage::new();
    let probes: Vec<Probe> = (0..3).map(|_| Probe::new(stage.executor())).collect();
    for probe in &probes {
        drop(stage.executor().spawn(probe.future(waits)));
    }
    stage.executor().run_until_stalled();
    // Each differs from the one before it, so only a look at more than the last wake finds the duplicates.
    let wakers: Vec<Waker> = probes.iter().map(Probe::waker).collect();
    let wakes = many(8_000_000);
    let before = resident_memory();
    let wake = move || wakers.iter().cycle().take(wakes).for_each(Waker::wake_by_ref);
    thread::spawn(wake).join().unwrap();
    if let (Some(before), Some(after)) = (before, resident_memory()) {
        // Unbounded it would be 64 MB at least.
        assert!(after < before + 32 * 1024, "{} KiB for three tasks", after - before);
    }
    stage.executor().run_until_stalled();
    assert_eq!(probes.iter().map(Probe::polls).collect::<Vec<_>>(), [2, 2, 2]);
}

/// A task's side of a ping-pong with a thread: it answers each ping, and the thread waits for the answer.
struct Ball {
    pings: AtomicUsize,
    rounds: usize,
    answers: Sender<()>,
}

async fn answer(ball: Arc<Ball>, wakers: Sender<Waker>) {
    let mut answered = 0;
    poll_fn(|cx| {
        if answered == 0 {
            // The thread starts once it has the waker. Later polls wake by the same number.
            let _ = wakers.send(cx.waker().clone());
        }
        let pings = ball.pings.load(SeqCst);
        while answered < pings {
            answered += 1;
            ball.answers.send(()).unwrap();
        }
        if answered == ball.rounds { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn ping(ball: &Ball, wakers: &Receiver<Waker>, answers: &Receiver<()>, start: &Barrier) {
    let waker = wakers.recv().unwrap();
    start.wait();
    for _ in 0..ball.rounds {
        ball.pings.fetch_add(1, SeqCst);
        waker.wake_by_ref();
        answers.recv().unwrap();
    }
}

/// Has threads ping tasks, each as fast as it is answered. A wake that is lost leaves a thread, and with it the task,
/// waiting for ever.
fn ping_pong<P: Park>(park: &mut P, threads: usize, rounds: usize) {
    let executor = Executor::new();
    let start = Arc::new(Barrier::new(threads));
    let mut pingers = Vec::new();
    for _ in 0..threads {
        let (answers, answered) = channel();
        let (wakers, waker) = channel();
        let ball = Arc::new(Ball { pings: AtomicUsize::new(0), rounds, answers });
        drop(executor.spawn(answer(Arc::clone(&ball), wakers)));
        let start = Arc::clone(&start);
        pingers.push(thread::spawn(move || ping(&ball, &waker, &answered, &start)));
    }
    executor.run(park);
    pingers.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn no_wake_is_lost_and_each_sleep_is_ended_by_one_unpark() {
    let mut park = HandshakePark::new();
    ping_pong(&mut park, THREADS, many(20_000));
    assert!(park.unparks() <= park.sleeps(), "{} unparks for {} sleeps", park.unparks(), park.sleeps());
    assert_eq!(park.unparks_by_owner(), 0);
}

#[test]
fn no_wake_is_lost_when_every_one_meets_the_owner_on_its_way_to_sleep() {
    let mut park = HandshakePark::new();
    ping_pong(&mut park, 1, many(100_000));
    assert!(park.unparks() <= park.sleeps(), "{} unparks for {} sleeps", park.unparks(), park.sleeps());
    assert_eq!(park.unparks_by_owner(), 0);
}

/// A park that always returns early, so that the owner looks into its inbox as often as it can.
struct RestlessPark {
    deadline: Instant,
}

impl Park for RestlessPark {
    fn park(&mut self, _wait: Wait) {
        thread::yield_now();
        assert!(Instant::now() < self.deadline, "a wake was lost");
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        ThreadPark::new().unparker()
    }
}

#[test]
fn no_wake_is_lost_when_the_park_returns_early() {
    let deadline = Instant::now() + Duration::from_secs(120);
    ping_pong(&mut RestlessPark { deadline }, THREADS, many(20_000));
}

#[test]
fn no_wake_is_lost_with_the_parking_of_threads() {
    ping_pong(&mut ThreadPark::new(), THREADS, many(20_000));
}

#[test]
fn no_wake_is_lost_among_tasks_that_keep_the_owner_awake() {
    let executor = Executor::new();
    let done = Arc::new(AtomicBool::new(false));
    let (wakers, waker) = channel::<Waker>();
    let set = Arc::clone(&done);
    let thread = thread::spawn(move || {
        let waker = waker.recv().unwrap();
        set.store(true, SeqCst);
        waker.wake();
    });
    let mut park = ScriptPark::new();
    executor.block_on(&mut park, async {
        let busy = spawn(async {
            loop {
                yield_now().await;
            }
        });
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            wakers.send(cx.waker().clone()).ok();
            if done.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert!(polls <= 2, "polled {polls} times for one wake");
        busy.abort();
    });
    thread.join().unwrap();
    assert_eq!(park.blocks(), 0);
}
