//! Time: sleeping, limits, intervals, queues of what expires.
//!
//! The resolution is 1 ms. A timer never fires early. It fires at the first tick of 1 ms that begins after its deadline,
//! once the loop comes round: usually within 2 ms, later when a task holds the thread. Any [`Duration`] and any
//! [`Instant`] is accepted; [`Duration::MAX`] never fires. Timers with equal deadlines fire in the order in which they
//! were armed.
//!
//! Arming, cancelling and moving a timer costs constant time and no system call, however many there are: timers live in
//! a hierarchical wheel (Varghese and Lauck, 1987).
//!
//! A test need not wait: the clock of a runtime can be [paused](pause), and then jumps from deadline to deadline.

mod clock;
pub mod delay_queue;
mod hold;
mod instant;
mod interval;
mod sleep;
mod timeout;

/// The errors of this module, at the path that they have in tokio.
pub mod error {
    #[doc(no_inline)]
    pub use super::Elapsed;
}

#[doc(no_inline)]
pub use std::time::Duration;

pub use self::clock::{Advance, advance, pause, resume};
pub use self::delay_queue::DelayQueue;
pub use self::instant::Instant;
pub use self::interval::{Interval, MissedTickBehavior, Tick, interval, interval_at};
pub use self::sleep::{Sleep, sleep, sleep_until};
pub use self::timeout::{Elapsed, Timeout, timeout, timeout_at};

pub(crate) use self::hold::ClockHold;
