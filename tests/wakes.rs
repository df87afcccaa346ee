//! Rules 1 and 12 for a whole runtime: no wake from another thread is lost, and it costs at most one turn of the loop.

mod timing;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_util::task::AtomicWaker;
use hanol::runtime::Runtime;
use hanol::task::yield_now;
use hanol::time::sleep;
use tokio::sync::oneshot;

use self::timing::{ThreadNumber, millis, runtime, sized};

const THREADS: usize = 8;

/// A count that a thread raises and a task follows.
#[derive(Default)]
struct Follow {
    raised: AtomicUsize,
    waker: AtomicWaker,
}

impl Follow {
    /// Waits until the count is no longer the one that is known.
    async fn changed(&self, known: usize) -> usize {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            let raised = self.raised.load(Ordering::SeqCst);
            if raised == known { Poll::Pending } else { Poll::Ready(raised) }
        })
        .await
    }

    fn raise(&self) {
        self.raised.fetch_add(1, Ordering::SeqCst);
        self.waker.wake();
    }
}

/// Threads that each raise a count of their own, one at a time, and wait for a task's answer. A lost wake hangs. How often
/// the runtime has looked at the system meanwhile.
fn ping_pong(runtime: &Runtime, threads: usize, rounds: usize, before_each: fn(ThreadNumber)) -> u64 {
    let strand = ThreadNumber::current();
    let start = Arc::new(Barrier::new(threads));
    let before = runtime.metrics().polls;
    let mut joined = Vec::new();
    let mut tasks = Vec::new();
    for _ in 0..threads {
        let (follow, start) = (Arc::new(Follow::default()), Arc::clone(&start));
        let (answer, answers) = mpsc::channel();
        tasks.push(runtime.spawn({
            let follow = Arc::clone(&follow);
            async move {
                for known in 0..rounds {
                    assert_eq!(follow.changed(known).await, known + 1);
                    answer.send(()).unwrap();
                }
            }
        }));
        joined.push(thread::spawn(move || {
            start.wait();
            for _ in 0..rounds {
                before_each(strand);
                follow.raise();
                answers.recv().unwrap();
            }
        }));
    }
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    joined.into_iter().for_each(|thread| thread.join().unwrap());
    runtime.metrics().polls - before
}

#[test]
fn no_wake_of_many_threads_is_lost_and_each_costs_a_turn_at_most() {
    let runtime = runtime();
    let rounds = 10_000;
    let polls = ping_pong(&runtime, THREADS, rounds, |_| {});
    let wakes = (THREADS * rounds) as u64;
    assert!(polls <= wakes + 2, "{polls} looks at the system for {wakes} wakes");
}

#[test]
fn no_wake_is_lost_that_finds_the_runtime_asleep() {
    let runtime = runtime();
    let rounds = 5_000;
    let polls = ping_pong(&runtime, 1, rounds, ThreadNumber::wait_until_asleep);
    assert!(polls <= rounds as u64 + 2, "{polls} looks at the system for {rounds} wakes");
}

#[test]
fn no_wake_is_lost_beside_timers_and_sockets() {
    let runtime = runtime();
    let listener = runtime.block_on(hanol::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let beside = runtime.spawn(async move { listener.accept().await.map(drop) });
    let ticks = runtime.spawn(async {
        loop {
            sleep(millis(1)).await;
        }
    });
    ping_pong(&runtime, 2, 5_000, |_| {});
    assert!(!beside.is_finished() && !ticks.is_finished());
}

/// Lets the runtime sleep until a thread ends that, and asserts that nothing else did.
async fn assert_sleeps_once(runtime: &Runtime) {
    let strand = ThreadNumber::current();
    let before = runtime.metrics().polls;
    let (sender, receiver) = oneshot::channel();
    let thread = thread::spawn(move || {
        strand.wait_until_asleep();
        sender.send(()).unwrap();
    });
    receiver.await.unwrap();
    let polls = runtime.metrics().polls - before;
    assert!(polls <= 1, "{polls} looks at the system for one sleep");
    thread.join().unwrap();
}

#[test]
fn wakes_that_come_while_the_runtime_is_busy_are_collected() {
    let runtime = runtime();
    runtime.block_on(async {
        let wakers: Vec<Waker> = {
            let (sender, wakers) = mpsc::channel();
            for _ in 0..100 {
                let sender = sender.clone();
                drop(hanol::spawn(poll_fn(move |cx| {
                    sender.send(cx.waker().clone()).unwrap();
                    Poll::<()>::Pending
                })));
            }
            yield_now().await;
            wakers.try_iter().collect()
        };
        // This task holds the thread while others wake all tasks, thousands of times. No eventfd is written for that.
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| wakers.iter().cycle().take(10_000).for_each(Waker::wake_by_ref));
            }
        });
        assert_sleeps_once(&runtime).await;
        let tasks = hanol::runtime::Handle::current().tasks();
        assert!(tasks.iter().skip(1).all(|task| task.polls == 2), "all were polled once more, and only once");
    });
}

#[test]
fn wakes_on_the_runtimes_own_thread_do_not_end_its_sleep() {
    let runtime = runtime();
    runtime.block_on(async {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        for _ in 0..1000 {
            waker.wake_by_ref();
            yield_now().await;
        }
        assert_sleeps_once(&runtime).await;
    });
}

#[test]
fn a_wake_between_two_block_ons_is_seen_by_the_next() {
    let runtime = runtime();
    for _ in 0..100 {
        let (sender, receiver) = oneshot::channel();
        let task = runtime.spawn(receiver);
        runtime.block_on(yield_now());
        thread::spawn(move || sender.send(7).unwrap()).join().unwrap();
        assert_eq!(runtime.block_on(task).unwrap(), Ok(7));
    }
}

#[test]
fn wakes_after_the_end_of_task_runtime_and_thread_do_nothing() {
    fn waker_of_a_task(runtime: &Runtime) -> Waker {
        let task = runtime.spawn(poll_fn(|cx| Poll::Ready(cx.waker().clone())));
        runtime.block_on(task).unwrap()
    }
    let runtime = runtime();
    let ended = waker_of_a_task(&runtime);
    let of_runtime = {
        let gone = timing::runtime();
        waker_of_a_task(&gone)
    };
    let of_thread = thread::spawn(|| waker_of_a_task(&timing::runtime())).join().unwrap();
    let wake_all = move || {
        for waker in [&ended, &of_runtime, &of_thread] {
            waker.wake_by_ref();
        }
        ended.will_wake(&ended.clone())
    };
    let again = wake_all.clone();
    assert!(thread::spawn(again).join().unwrap());
    runtime.block_on(async {
        wake_all();
        yield_now().await;
    });
}

/// Threads wake while the runtime is dropped.
#[test]
fn wakes_while_a_runtime_is_dropped_are_harmless() {
    for _ in 0..sized(300, 3000) {
        let runtime = runtime();
        let (sender, wakers) = mpsc::channel();
        drop(runtime.spawn(poll_fn(move |cx| {
            sender.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        })));
        runtime.block_on(yield_now());
        let waker = wakers.recv().unwrap();
        let (begun, go) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let waking = thread::spawn(move || {
            waker.wake_by_ref();
            begun.send(()).unwrap();
            while !stopped.load(Ordering::Relaxed) {
                waker.wake_by_ref();
            }
        });
        go.recv().unwrap();
        drop(runtime);
        stop.store(true, Ordering::Relaxed);
        waking.join().unwrap();
    }
}

#[hanol::test]
async fn a_oneshot_channel_is_completed_by_a_thread_while_the_runtime_sleeps() {
    let strand = ThreadNumber::current();
    for number in 0..sized(200, 1000) {
        let (sender, receiver) = oneshot::channel();
        let thread = thread::spawn(move || {
            strand.wait_until_asleep();
            sender.send(number).unwrap();
        });
        assert_eq!(receiver.await, Ok(number));
        thread.join().unwrap();
    }
}

#[hanol::test]
async fn a_channel_of_messages_is_filled_by_threads_while_the_runtime_sleeps() {
    let strand = ThreadNumber::current();
    // A small one, so that the threads wait for the runtime as well.
    let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
    let count = sized(500, 5000);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let sender = sender.clone();
            thread::spawn(move || {
                for number in 0..count {
                    if number % 50 == 0 {
                        strand.wait_until_asleep();
                    }
                    sender.blocking_send((thread, number)).unwrap();
                }
            })
        })
        .collect();
    drop(sender);
    let mut next = [0; THREADS];
    while let Some((thread, number)) = receiver.recv().await {
        assert_eq!(number, next[thread], "a message was lost");
        next[thread] += 1;
    }
    assert_eq!(next, [count; THREADS]);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[hanol::test]
async fn two_runtimes_talk_through_channels() {
    let (request, mut requests) = tokio::sync::mpsc::unbounded_channel::<(u32, oneshot::Sender<u32>)>();
    let other = thread::spawn(move || {
        hanol::block_on(async {
            while let Some((number, reply)) = requests.recv().await {
                reply.send(number * 2).unwrap();
            }
        });
    });
    for number in 0..sized(1_000, 10_000) as u32 {
        let (reply, answer) = oneshot::channel();
        request.send((number, reply)).unwrap();
        assert_eq!(answer.await, Ok(number * 2));
    }
    drop(request);
    other.join().unwrap();
}

#[hanol::test]
async fn a_wake_from_another_thread_before_the_poll_returns_is_not_lost() {
    for _ in 0..sized(200, 2000) {
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake()).join().unwrap();
            Poll::Pending
        })
        .await;
    }
}

#[hanol::test]
async fn a_task_that_is_polled_by_hand_uses_the_waker_of_its_poller() {
    let woken = timing::CountingWaker::new();
    let mut task = hanol::spawn(sleep(millis(1)));
    let waker = Waker::from(woken.clone());
    assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_pending());
    sleep(millis(2)).await;
    yield_now().await;
    assert_eq!(woken.count(), 1);
    assert!(Pin::new(&mut task).poll(&mut Context::from_waker(&waker)).is_ready());
}
