//! The text of the cases.

/// Writes the cases for the runtime whose `spawn`, `timeout`, `yield_now` and `run` are in scope.
///
/// A macro and not a generic function, because only concrete types let the compiler see that the work is `Send` on a
/// runtime that wants it, while Hanol's join handles are not.
macro_rules! cases {
    () => {
        use std::future::{pending, ready};
        use std::hint::black_box;
        use std::io;
        use std::time::{Duration, Instant};

        use super::futures::{PingPong, SelfWake, Side, finish, poll_and_drop, poll_once, take_finished};
        use super::{Case, HELD_BYTES, Measure};

        pub(super) const CASES: &[Case] = &[
            Case { name: "switch", operations: 1, run: |count| run(switch(count)) },
            Case { name: "yield_100", operations: 100 * 100, run: |count| run(yield_100(count)) },
            Case { name: "wake_other", operations: 1, run: |count| run(wake_other(count)) },
            Case { name: "spawn_join", operations: 1, run: |count| run(spawn_join(count)) },
            Case { name: "spawn_1000_detached", operations: 1000, run: |count| run(spawn_1000_detached(count)) },
            Case { name: "timeout_ready", operations: 1, run: |count| run(timeout_ready(count)) },
            Case { name: "timeout_armed_dropped", operations: 1, run: |count| run(timeout_armed_dropped(count)) },
            Case {
                name: "timeout_armed_dropped_beside_10000",
                operations: 1,
                run: |count| run(timeout_armed_dropped_beside(10_000, count)),
            },
        ];

        /// The deadline of the measured timeouts, which none of them reaches.
        const TIMEOUT: Duration = Duration::from_secs(30);

        /// How many timeouts a task polls before it lets others run.
        ///
        /// A task that polls more than about 128 resources without a pause is told to wait although nothing is
        /// pending. A benchmark that runs into that measures the refusal and not the timer.
        const BEFORE_PAUSE: u64 = 64;

        /// One task that wakes itself and waits.
        async fn switch(count: u64) -> Duration {
            let start = Instant::now();
            SelfWake::times(count).await;
            start.elapsed()
        }

        /// A hundred tasks that give way a hundred times each.
        async fn yield_100(count: u64) -> Duration {
            let start = Instant::now();
            for _ in 0..count {
                let mut tasks = Vec::with_capacity(100);
                for _ in 0..100 {
                    tasks.push(spawn(async {
                        for _ in 0..100 {
                            yield_now().await;
                        }
                    }));
                }
                for task in tasks {
                    task.await.expect("the task does not panic");
                }
            }
            start.elapsed()
        }

        /// Two tasks that wake each other in turn.
        async fn wake_other(count: u64) -> Duration {
            let start = Instant::now();
            let left = spawn(PingPong::times(count.div_ceil(2), Side::Left));
            let right = spawn(PingPong::times(count.div_ceil(2), Side::Right));
            left.await.expect("the task does not panic");
            right.await.expect("the task does not panic");
            start.elapsed()
        }

        /// A task that is ready at once is spawned and awaited.
        async fn spawn_join(count: u64) -> Duration {
            let start = Instant::now();
            for number in 0..count {
                let output = spawn(async move { number }).await;
                black_box(output.expect("the task does not panic"));
            }
            start.elapsed()
        }

        /// A thousand tasks that nobody awaits, run to their end. The last one is awaited to see the end.
        async fn spawn_1000_detached(count: u64) -> Duration {
            take_finished();
            let start = Instant::now();
            for _ in 0..count {
                for _ in 1..1000 {
                    drop(spawn(async { finish() }));
                }
                spawn(async { finish() }).await.expect("the task does not panic");
            }
            let elapsed = start.elapsed();
            assert_eq!(take_finished(), count * 1000, "a task was overtaken by a later one");
            elapsed
        }

        /// A timeout around a future that is ready at once.
        async fn timeout_ready(count: u64) -> Duration {
            let start = Instant::now();
            for number in 0..count {
                let output = timeout(TIMEOUT, ready(number)).await;
                black_box(output.expect("the future is ready"));
                pause_sometimes(number).await;
            }
            start.elapsed()
        }

        /// A timeout that is polled once around a future that waits, and then dropped: the request was answered.
        async fn timeout_armed_dropped(count: u64) -> Duration {
            let start = Instant::now();
            for number in 0..count {
                poll_and_drop(timeout(TIMEOUT, pending::<()>())).await;
                pause_sometimes(number).await;
            }
            start.elapsed()
        }

        /// The same beside other timeouts that stay armed, with deadlines before and after the measured one.
        ///
        /// This is the more even comparison of the two: alone, a timeout is always the next to end, and tokio 1.54
        /// writes to its eventfd for each of those.
        async fn timeout_armed_dropped_beside(others: u64, count: u64) -> Duration {
            let mut armed = Vec::new();
            for number in 0..others {
                let deadline = TIMEOUT / 2 + TIMEOUT * number as u32 / others as u32;
                let mut other = Box::pin(timeout(deadline, pending::<()>()));
                poll_once(other.as_mut()).await;
                armed.push(other);
                pause_sometimes(number).await;
            }
            let elapsed = timeout_armed_dropped(count).await;
            drop(armed);
            elapsed
        }

        async fn pause_sometimes(number: u64) {
            if number % BEFORE_PAUSE == BEFORE_PAUSE - 1 {
                SelfWake::times(1).await;
            }
        }

        /// See [`Contender::while_suspended`](super::Contender::while_suspended).
        pub(super) fn while_suspended(count: usize, measure: Measure) -> io::Result<u64> {
            run(async move {
                for number in 0..count as u64 {
                    drop(spawn(async {
                        let held = black_box([0_u8; HELD_BYTES]);
                        pending::<()>().await;
                        black_box(&held);
                    }));
                    // The tasks start in small groups, so that the run queue stays as short as it is in a server.
                    pause_sometimes(number).await;
                }
                SelfWake::times(2).await;
                measure()
            })
        }
    };
}
