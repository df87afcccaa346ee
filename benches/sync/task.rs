//! Sets of tasks and task-local values.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::case::Case;

/// How many tasks a set holds.
const MEMBERS: u64 = 1000;

/// How many times a value is read in one scope.
const READS: u64 = 1000;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "join_set_1000",
        target: Some(0.5),
        operations: MEMBERS,
        hanol: hanol::join_set,
        tokio: tokio::join_set,
    },
    Case {
        name: "task_local_with",
        target: None,
        operations: READS,
        hanol: hanol::task_local_with,
        tokio: tokio::task_local_with,
    },
    Case {
        name: "task_local_scope",
        target: None,
        operations: 1,
        hanol: hanol::task_local_scope,
        tokio: tokio::task_local_scope,
    },
];

/// The same cases over types of the same names.
macro_rules! cases {
    ($runtime:ident, $run:ident) => {
        mod $runtime {
            use super::*;
            use ::$runtime::task::{JoinSet, yield_now};

            ::$runtime::task_local! { static NUMBER: u64; }

            /// Spawns all members and joins them all.
            pub(super) fn join_set(iterations: u64) -> Duration {
                $run(async move {
                    let start = Instant::now();
                    for _ in 0..iterations {
                        let mut set = JoinSet::new();
                        for number in 0..MEMBERS {
                            set.spawn(async move { number });
                        }
                        let mut sum = 0;
                        while let Some(number) = set.join_next().await {
                            sum += number.expect("no member fails");
                        }
                        black_box(sum);
                    }
                    start.elapsed()
                })
            }

            /// Reads a value in one poll of its scope.
            pub(super) fn task_local_with(iterations: u64) -> Duration {
                $run(NUMBER.scope(1, async move {
                    let start = Instant::now();
                    for _ in 0..iterations * READS {
                        NUMBER.with(|number| black_box(*number));
                    }
                    start.elapsed()
                }))
            }

            /// Enters a scope, is suspended in it once, and leaves it.
            pub(super) fn task_local_scope(iterations: u64) -> Duration {
                $run(async move {
                    let start = Instant::now();
                    for number in 0..iterations {
                        NUMBER.scope(number, yield_now()).await;
                    }
                    start.elapsed()
                })
            }
        }
    };
}

cases!(hanol, run_on_hanol);
cases!(tokio, run_on_tokio);

/// Runs a future as a task of a runtime of its own.
fn run_on_hanol(future: impl Future<Output = Duration> + 'static) -> Duration {
    ::hanol::block_on(async { ::hanol::spawn(future).await.expect("the case does not fail") })
}

/// Runs a future as a task of a runtime of its own.
fn run_on_tokio(future: impl Future<Output = Duration> + Send + 'static) -> Duration {
    let runtime = ::tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    runtime.block_on(async { ::tokio::spawn(future).await.expect("the case does not fail") })
}
