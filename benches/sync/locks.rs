//! Locks, free and fought for.
//!
//! The text of a case exists once and is compiled for both, so that neither gets a kinder version of it.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use crate::case::Case;

pub(crate) const CASES: &[Case] = &[
    case("mutex, free", 64, on_hanol::mutex_free, on_tokio::mutex_free),
    case("mutex, fought for by 2 tasks", 1, on_hanol::mutex_of_two, on_tokio::mutex_of_two),
    case("mutex, fought for by 100 tasks", 100, on_hanol::mutex_of_many, on_tokio::mutex_of_many),
    case("notify, ping-pong", 1, on_hanol::notify_ping_pong, on_tokio::notify_ping_pong),
    case("semaphore, free", 64, on_hanol::semaphore_free, on_tokio::semaphore_free),
    case("rwlock, free, read", 64, on_hanol::read_free, on_tokio::read_free),
    case("rwlock, free, write", 64, on_hanol::write_free, on_tokio::write_free),
];

type Run = fn(u64) -> Duration;

const fn case(name: &'static str, operations: u64, hanol: Run, tokio: Run) -> Case {
    Case { name, target: Some(0.4), operations, hanol, tokio }
}

/// Wakes its own task and waits, once. Tokio's `yield_now` asks the system for events before it goes on, which is not to be
/// measured here.
fn give_way() -> impl Future<Output = ()> + Send {
    let mut gave_way = false;
    poll_fn(move |cx| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Writes the cases for the runtime whose `spawn`, `run` and `Shared` are in scope, with its locks.
macro_rules! cases {
    () => {
        use std::hint::black_box;
        use std::time::{Duration, Instant};

        use super::give_way;

        /// Locks and frees it so often in each iteration, and then gives way: a task that does more than 128 operations
        /// without a pause is told to wait, and that would be measured too.
        const BEFORE_PAUSE: u64 = 64;

        pub(super) fn mutex_free(count: u64) -> Duration {
            run(async move {
                let mutex = Mutex::new(0_u64);
                let start = Instant::now();
                for _ in 0..count {
                    for _ in 0..BEFORE_PAUSE {
                        *black_box(&mutex).lock().await += 1;
                    }
                    give_way().await;
                }
                start.elapsed()
            })
        }

        pub(super) fn mutex_of_two(count: u64) -> Duration {
            fight_for_mutex(2, count / 2 + 1)
        }

        pub(super) fn mutex_of_many(count: u64) -> Duration {
            fight_for_mutex(100, count)
        }

        /// Tasks that hold the lock while they give way, so that each of them waits for it each time.
        fn fight_for_mutex(tasks: u64, times: u64) -> Duration {
            run(async move {
                let mutex = Shared::new(Mutex::new(0_u64));
                let start = Instant::now();
                let fight = || {
                    let mutex = Shared::clone(&mutex);
                    spawn(async move {
                        for _ in 0..times {
                            let mut value = mutex.lock().await;
                            *value += 1;
                            give_way().await;
                        }
                    })
                };
                let tasks: Vec<_> = (0..tasks).map(|_| fight()).collect();
                for task in tasks {
                    task.await.expect("the task does not panic");
                }
                start.elapsed()
            })
        }

        /// Two tasks that notify each other in turn. One operation is one notification.
        pub(super) fn notify_ping_pong(count: u64) -> Duration {
            run(async move {
                let (ping, pong) = (Shared::new(Notify::new()), Shared::new(Notify::new()));
                let other = {
                    let (ping, pong) = (Shared::clone(&ping), Shared::clone(&pong));
                    spawn(async move {
                        for _ in 0..count.div_ceil(2) {
                            ping.notified().await;
                            pong.notify_one();
                        }
                    })
                };
                let start = Instant::now();
                for _ in 0..count.div_ceil(2) {
                    ping.notify_one();
                    pong.notified().await;
                }
                let elapsed = start.elapsed();
                other.await.expect("the task does not panic");
                elapsed
            })
        }

        pub(super) fn semaphore_free(count: u64) -> Duration {
            run(async move {
                let semaphore = Semaphore::new(2);
                let start = Instant::now();
                for _ in 0..count {
                    for _ in 0..BEFORE_PAUSE {
                        let permit = black_box(&semaphore).acquire().await;
                        drop(permit.expect("the semaphore is open"));
                    }
                    give_way().await;
                }
                start.elapsed()
            })
        }

        pub(super) fn read_free(count: u64) -> Duration {
            run(async move {
                let lock = RwLock::new(0_u64);
                let start = Instant::now();
                for _ in 0..count {
                    for _ in 0..BEFORE_PAUSE {
                        black_box(*black_box(&lock).read().await);
                    }
                    give_way().await;
                }
                start.elapsed()
            })
        }

        pub(super) fn write_free(count: u64) -> Duration {
            run(async move {
                let lock = RwLock::new(0_u64);
                let start = Instant::now();
                for _ in 0..count {
                    for _ in 0..BEFORE_PAUSE {
                        *black_box(&lock).write().await += 1;
                    }
                    give_way().await;
                }
                start.elapsed()
            })
        }
    };
}

mod on_hanol {
    use std::rc::Rc as Shared;

    use hanol::spawn;
    use hanol::sync::{Mutex, Notify, RwLock, Semaphore};

    cases!();

    fn run(work: impl Future<Output = Duration> + 'static) -> Duration {
        let runtime = hanol::runtime::Runtime::new().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}

mod on_tokio {
    use std::sync::Arc as Shared;

    use tokio::spawn;
    use tokio::sync::{Mutex, Notify, RwLock, Semaphore};

    cases!();

    fn run(work: impl Future<Output = Duration> + Send + 'static) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}
