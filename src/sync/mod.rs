//! Channels and locks between the tasks of one thread.
//!
//! They use no atomics and no operating system locks, and are `!Send` or `!Sync` where that is what makes them cheap.
//!
//! # Other threads
//!
//! A value that comes from another thread, or goes to one, takes a channel that is made for it. Those of the
//! [`async-channel`](https://docs.rs/async-channel) crate and of
//! [`tokio::sync`](https://docs.rs/tokio/latest/tokio/sync/) depend on no runtime and work here: whoever sends wakes the
//! task through its runtime's inbox.

pub mod mpsc;
pub mod oneshot;

mod wait_list;
mod waker_cell;
