//! `select!` and `join!` over futures that cost next to nothing, so that what is measured is the macros.

use std::future::{pending, ready};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::case::Case;

pub(crate) const CASES: &[Case] = &[
    case("select_2_ready", Some(0.5), on_hanol::select_2_ready, on_tokio::select_2_ready),
    case("select_2_ready_biased", None, on_hanol::select_2_ready_biased, on_tokio::select_2_ready_biased),
    case("select_1_pending", None, on_hanol::select_1_pending, on_tokio::select_1_pending),
    case("select_1_waiting", None, on_hanol::select_1_waiting, on_tokio::select_1_waiting),
    case("select_8_suspended", None, on_hanol::select_8_suspended, on_tokio::select_8_suspended),
    case("join_3_ready", None, on_hanol::join_3_ready, on_tokio::join_3_ready),
    case("join_3_suspended", None, on_hanol::join_3_suspended, on_tokio::join_3_suspended),
];

const fn case(name: &'static str, target: Option<f64>, hanol: fn(u64) -> Duration, tokio: fn(u64) -> Duration) -> Case {
    Case { name, target, operations: 1, hanol, tokio }
}

/// Waits for ever, which the compiler does not know. It knows it of [`pending`], whose branch it may leave out.
struct Never;

impl Future for Never {
    type Output = ();

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        black_box(Poll::Pending)
    }
}

/// Wakes its own task and waits, once.
struct Suspend {
    done: bool,
}

impl Suspend {
    fn once() -> Self {
        Self { done: false }
    }
}

impl Future for Suspend {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.done {
            return Poll::Ready(());
        }
        self.done = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Evaluates an expression with each number below `$count` and keeps the sum, so that none of it can be left out.
macro_rules! measure {
    ($count:expr, $number:ident => $operation:expr) => {
        run(async move {
            let start = Instant::now();
            let mut sum = 0_u64;
            for number in 0..$count {
                let $number = black_box(number);
                sum = sum.wrapping_add($operation);
            }
            black_box(sum);
            start.elapsed()
        })
    };
}

/// The text of the cases, for either crate.
macro_rules! cases {
    ($runtime:ident) => {
        use super::*;
        use $runtime::{join, select};

        pub(super) fn select_2_ready(count: u64) -> Duration {
            measure!(count, number => select! {
                    first = ready(number) => first,
                    second = ready(number + 1) => second + 1,
                })
        }

        pub(super) fn select_2_ready_biased(count: u64) -> Duration {
            measure!(count, number => select! {
                    biased;
                    first = ready(number) => first,
                    second = ready(number + 1) => second + 1,
                })
        }

        pub(super) fn select_1_pending(count: u64) -> Duration {
            measure!(count, number => select! {
                    () = pending() => 0,
                    second = ready(number) => second + 1,
                })
        }

        pub(super) fn select_1_waiting(count: u64) -> Duration {
            measure!(count, number => select! {
                    () = Never => 0,
                    second = ready(number) => second + 1,
                })
        }

        pub(super) fn select_8_suspended(count: u64) -> Duration {
            measure!(count, number => select! {
                    () = Never => 0,
                    () = Never => 1,
                    () = Never => 2,
                    () = Never => 3,
                    () = Never => 4,
                    () = Never => 5,
                    () = Never => 6,
                    () = Suspend::once() => number,
                })
        }

        pub(super) fn join_3_ready(count: u64) -> Duration {
            measure!(count, number => {
                let (first, second, third) = join!(ready(number), ready(number + 1), ready(number + 2));
                first + second + third
            })
        }

        pub(super) fn join_3_suspended(count: u64) -> Duration {
            measure!(count, number => {
                join!(Suspend::once(), Suspend::once(), Suspend::once());
                number
            })
        }
    };
}

mod on_hanol {
    cases!(hanol);

    fn run<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
        let runtime = hanol::runtime::Runtime::new().expect("the runtime starts");
        runtime.block_on(async { hanol::spawn(work).await.expect("the work does not panic") })
    }
}

mod on_tokio {
    cases!(tokio);

    fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
        runtime.block_on(async { tokio::spawn(work).await.expect("the work does not panic") })
    }
}
