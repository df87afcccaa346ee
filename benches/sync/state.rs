//! What tasks are told of: a watched value, a broadcast, and being cancelled.

use std::hint::black_box;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::poll;

use crate::case::Case;

/// How many receivers a broadcast has.
const RECEIVERS: u64 = 4;

/// How many children are cancelled with their parent.
const CHILDREN: u64 = 100;

pub(crate) const CASES: &[Case] = &[
    case("watch_ping_pong", 2, on_hanol::watch_ping_pong, on_tokio::watch_ping_pong),
    case("watch_send_seen", 1, on_hanol::watch_send_seen, on_tokio::watch_send_seen),
    case("broadcast_4_receivers", RECEIVERS, on_hanol::broadcast, on_tokio::broadcast),
    case("token_child_cancelled", 1, on_hanol::token_child_cancelled, on_tokio::token_child_cancelled),
    case("token_100_children", CHILDREN, on_hanol::token_children, on_tokio::token_children),
];

const fn case(name: &'static str, operations: u64, hanol: fn(u64) -> Duration, tokio: fn(u64) -> Duration) -> Case {
    Case { name, target: Some(0.4), operations, hanol, tokio }
}

/// The text of the cases, for either crate.
macro_rules! cases {
    () => {
        /// Two tasks, each of which answers a change with a change: an operation is a `send` and a `changed`.
        pub(super) fn watch_ping_pong(count: u64) -> Duration {
            run(async move {
                let (ping, mut pinged) = watch::channel(0);
                let (pong, mut ponged) = watch::channel(0);
                let answers = spawn(async move {
                    while pinged.changed().await.is_ok() {
                        let number = *pinged.borrow_and_update();
                        pong.send(number).expect("the other task watches");
                    }
                });
                let start = Instant::now();
                for number in 0..count {
                    ping.send(number).expect("the other task watches");
                    ponged.changed().await.expect("the other task sends");
                    black_box(*ponged.borrow_and_update());
                }
                let elapsed = start.elapsed();
                drop(ping);
                answers.await.expect("the task does not panic");
                elapsed
            })
        }

        /// A change that nobody has waited for yet.
        pub(super) fn watch_send_seen(count: u64) -> Duration {
            run(async move {
                let (sender, mut receiver) = watch::channel(0);
                let start = Instant::now();
                for number in 0..count {
                    sender.send(number).expect("there is a receiver");
                    receiver.changed().await.expect("there is a sender");
                    black_box(*receiver.borrow());
                }
                start.elapsed()
            })
        }

        /// Receivers that wait for every value: an operation is one receiver that gets one.
        pub(super) fn broadcast(count: u64) -> Duration {
            run(async move {
                let (sender, receiver) = broadcast::channel(16);
                let receivers: Vec<_> = (0..RECEIVERS)
                    .map(|_| {
                        let mut receiver = receiver.resubscribe();
                        spawn(async move {
                            while let Ok(number) = receiver.recv().await {
                                black_box::<u64>(number);
                            }
                        })
                    })
                    .collect();
                yield_now().await;
                let start = Instant::now();
                for number in 0..count {
                    sender.send(number).expect("there are receivers");
                    yield_now().await;
                }
                drop(sender);
                for receiver in receivers {
                    receiver.await.expect("the task does not panic");
                }
                start.elapsed()
            })
        }

        /// A child that is made, waited for, cancelled and dropped.
        pub(super) fn token_child_cancelled(count: u64) -> Duration {
            run(async move {
                let root = CancellationToken::new();
                let start = Instant::now();
                for _ in 0..count {
                    let child = root.child_token();
                    let mut cancelled = pin!(child.cancelled());
                    assert!(poll!(cancelled.as_mut()).is_pending());
                    child.cancel();
                    cancelled.await;
                }
                start.elapsed()
            })
        }

        /// Children that are made, and cancelled by their parent.
        pub(super) fn token_children(count: u64) -> Duration {
            run(async move {
                let start = Instant::now();
                for _ in 0..count {
                    let root = CancellationToken::new();
                    let children: Vec<_> = (0..CHILDREN).map(|_| root.child_token()).collect();
                    root.cancel();
                    assert!(children.iter().all(CancellationToken::is_cancelled));
                }
                start.elapsed()
            })
        }
    };
}

mod on_hanol {
    use hanol::spawn;
    use hanol::sync::{CancellationToken, broadcast, watch};
    use hanol::task::yield_now;

    use super::*;

    cases!();

    fn run<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
        let runtime = hanol::runtime::Runtime::new().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}

mod on_tokio {
    use tokio::spawn;
    use tokio::sync::{broadcast, watch};
    use tokio::task::yield_now;
    use tokio_util::sync::CancellationToken;

    use super::*;

    cases!();

    fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
        runtime.block_on(async { spawn(work).await.expect("the work does not panic") })
    }
}
