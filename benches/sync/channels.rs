//! Channels between tasks: `hanol::sync` beside `tokio::sync`, each on its own runtime, on one thread.

use crate::case::Case;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "mpsc_unbounded_64_at_once",
        target: Some(0.4),
        operations: AT_ONCE as u64,
        hanol: |count| on_hanol::run(on_hanol::unbounded(count, AT_ONCE)),
        tokio: |count| on_tokio::run(on_tokio::unbounded(count, AT_ONCE)),
    },
    Case {
        name: "mpsc_unbounded_one_by_one",
        target: Some(0.4),
        operations: 1,
        hanol: |count| on_hanol::run(on_hanol::unbounded(count, 1)),
        tokio: |count| on_tokio::run(on_tokio::unbounded(count, 1)),
    },
    Case {
        name: "mpsc_bounded_16",
        target: Some(0.4),
        operations: 1,
        hanol: |count| on_hanol::run(on_hanol::bounded(count, 16)),
        tokio: |count| on_tokio::run(on_tokio::bounded(count, 16)),
    },
    Case {
        name: "mpsc_bounded_1",
        target: Some(0.4),
        operations: 1,
        hanol: |count| on_hanol::run(on_hanol::bounded(count, 1)),
        tokio: |count| on_tokio::run(on_tokio::bounded(count, 1)),
    },
    Case {
        name: "oneshot_round_trip",
        target: Some(0.4),
        operations: 1,
        hanol: |count| on_hanol::run(on_hanol::oneshot_round_trip(count)),
        tokio: |count| on_tokio::run(on_tokio::oneshot_round_trip(count)),
    },
    Case {
        name: "mpsc_ring_of_300_tasks",
        target: Some(0.4),
        operations: RING as u64,
        hanol: |count| on_hanol::run(on_hanol::ring(count)),
        tokio: |count| on_tokio::run(on_tokio::ring(count)),
    },
];

/// How many values are sent before the sender waits for the receiver.
const AT_ONCE: u32 = 64;

/// How many tasks pass a value round.
const RING: usize = 300;

/// Writes the cases for the runtime whose `spawn`, `mpsc` and `oneshot` are in scope.
///
/// A macro and not a generic function, because the two have types and no traits in common.
macro_rules! cases {
    () => {
        use std::hint::black_box;
        use std::time::{Duration, Instant};

        use super::RING;

        /// One task sends so many values at once and waits until the other has received them.
        pub(super) async fn unbounded(rounds: u64, at_once: u32) -> Duration {
            let (sender, mut receiver) = mpsc::unbounded_channel::<u32>();
            let (done, mut is_done) = mpsc::unbounded_channel::<()>();
            let start = Instant::now();
            let receiving = spawn(async move {
                let mut received = 0;
                while let Some(value) = receiver.recv().await {
                    black_box(value);
                    received += 1;
                    if received == at_once {
                        received = 0;
                        done.send(()).expect("the sender waits for this");
                    }
                }
            });
            for _ in 0..rounds {
                for value in 0..at_once {
                    sender.send(value).expect("the receiver is there");
                }
                is_done.recv().await;
            }
            drop(sender);
            receiving.await.expect("the task does not panic");
            start.elapsed()
        }

        /// One task sends whenever there is room, the other receives.
        pub(super) async fn bounded(count: u64, capacity: usize) -> Duration {
            let (sender, mut receiver) = mpsc::channel::<u64>(capacity);
            let start = Instant::now();
            let receiving = spawn(async move {
                while let Some(value) = receiver.recv().await {
                    black_box(value);
                }
            });
            for value in 0..count {
                sender.send(value).await.expect("the receiver is there");
            }
            drop(sender);
            receiving.await.expect("the task does not panic");
            start.elapsed()
        }

        /// One task asks another, and each answer has a channel of its own.
        pub(super) async fn oneshot_round_trip(count: u64) -> Duration {
            let (requests, mut receiver) = mpsc::unbounded_channel::<(u64, oneshot::Sender<u64>)>();
            let start = Instant::now();
            let answering = spawn(async move {
                while let Some((value, answer)) = receiver.recv().await {
                    answer.send(value + 1).expect("the answer is waited for");
                }
            });
            for value in 0..count {
                let (sender, receiver) = oneshot::channel();
                requests.send((value, sender)).expect("the other task answers");
                black_box(receiver.await.expect("the other task answers"));
            }
            drop(requests);
            answering.await.expect("the task does not panic");
            start.elapsed()
        }

        /// A value goes round through so many tasks, so many times.
        pub(super) async fn ring(laps: u64) -> Duration {
            let (first, mut last) = mpsc::channel::<u64>(1);
            let mut tasks = Vec::with_capacity(RING);
            for _ in 0..RING - 1 {
                let (next, receiver) = mpsc::channel::<u64>(1);
                let mut receiver = std::mem::replace(&mut last, receiver);
                tasks.push(spawn(async move {
                    while let Some(value) = receiver.recv().await {
                        next.send(value).await.expect("the next task is there");
                    }
                }));
            }
            let start = Instant::now();
            for lap in 0..laps {
                first.send(lap).await.expect("the first task is there");
                assert_eq!(last.recv().await, Some(lap));
            }
            let elapsed = start.elapsed();
            drop(first);
            for task in tasks {
                task.await.expect("the task does not panic");
            }
            elapsed
        }
    };
}

mod on_hanol {
    use hanol::spawn;
    use hanol::sync::{mpsc, oneshot};

    cases!();

    pub(super) fn run(work: impl Future<Output = Duration> + 'static) -> Duration {
        let runtime = hanol::runtime::Runtime::new().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}

mod on_tokio {
    use tokio::spawn;
    use tokio::sync::{mpsc, oneshot};

    cases!();

    pub(super) fn run(work: impl Future<Output = Duration> + Send + 'static) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}
