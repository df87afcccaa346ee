//! The reactor of the hanol runtime: readiness of descriptors, and timers.
//!
//! It knows no tasks. Whoever waits leaves a [`Waker`](std::task::Waker); the reactor hands it back when its event or its
//! deadline has come, and the caller of [`Reactor::park`] wakes it.
//!
//! The way of an event through the files:
//!
//! ```text
//!   epoll ──► selector.rs ──► direction.rs ──► waiters.rs ──► the caller of park
//!             token → key     readiness        wakers
//!
//!   clock.rs ──► wheel.rs ───────────────────────────────────► the caller of park
//! ```
//!
//! What must always hold:
//!
//! - A descriptor is registered once, edge-triggered, for both directions. No event is lost: readiness is cleared only by
//!   an operation that found nothing more to do, and events are taken in only by `park`.
//! - A token is a slot and a generation, so an event for a descriptor that is gone finds nothing.
//! - Wakers are foreign code: none is cloned, woken or dropped while anything of the reactor is borrowed.
//! - The clock is read at most once for each look at the system, and not at all while no timer is armed.

#![forbid(unsafe_code)]

mod clock;
mod context;
mod direction;
mod reactor;
mod selector;
mod slots;
mod sources;
mod timers;
mod waiters;
mod wheel;

pub use crate::clock::now;
pub use crate::context::{EnterGuard, current, get, with};
pub use crate::direction::{Carries, Direction, Readiness};
pub use crate::reactor::{Config, Metrics, Reactor};
pub use crate::selector::Unparker;
pub use crate::slots::Key;
pub use crate::sources::WaitFor;
pub use crate::timers::Timer;
