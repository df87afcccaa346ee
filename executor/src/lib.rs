//! The executor of the hanol runtime: tasks, wakers and the run queue of one thread.
//!
//! It knows neither I/O nor a clock. It polls futures and, when none can run, calls a [`Park`] that waits for the world;
//! the `hanol` crate gives it a reactor, a test gives it whatever it likes.
//!
//! The way of a task through the files:
//!
//! ```text
//!   spawn            slot in `table`, box from `cell`        spawn.rs → table.rs
//!     │
//!     ▼
//!   run queue ─────► box taken out, future polled            executor.rs → cell.rs
//!     ▲                  │            │
//!     │              Pending        Ready: output stays in the box,
//!     │                  │            the join handle is woken      join.rs
//!     │                  ▼
//!   wake ◄──────── a waker, which is a number                waker.rs
//!     ▲
//!     └── from other threads: the runtime's inbox            inbox.rs
//! ```
//!
//! What must always hold:
//!
//! - Futures, outputs and wakers are foreign code. They are polled, woken and dropped with no borrow of this crate held
//!   and with its state complete, so they may spawn, wake, abort or drop anything.
//! - A future is polled and dropped only on the thread of its executor, inside the executor's context.
//! - A waker reaches nothing but a number. It is looked up; what it no longer fits is ignored.

// `waker.rs` alone may: the one block is there.
#![deny(unsafe_code)]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("hanol packs a runtime, a generation and a slot into a waker's data word, which takes 64 bits");

mod abort;
#[cfg(feature = "blocking")]
mod blocking;
pub mod budget;
mod cell;
mod config;
mod contain;
mod context;
mod core;
mod executor;
mod futures_task;
mod id;
mod inbox;
mod join;
mod join_error;
pub mod join_set;
mod park;
mod remote;
mod remote_join;
mod snapshot;
mod spawn;
mod state;
mod table;
mod wait;
mod waker;
mod watched;
mod yield_now;

pub use crate::abort::AbortHandle;
#[cfg(feature = "blocking")]
pub use crate::blocking::{Unblock, spawn_blocking, unblock};
pub use crate::config::{Config, TaskPanic};
pub use crate::contain::{contain, wake};
pub use crate::context::{EnterGuard, try_task_id};
pub use crate::executor::Executor;
pub use crate::id::{Id, RuntimeId};
pub use crate::join::JoinHandle;
pub use crate::join_error::JoinError;
pub use crate::join_set::{JoinNext, JoinNextWithId, JoinSet};
pub use crate::park::{Park, ThreadPark, Unpark, Wait};
pub use crate::remote::{Closed, Remote};
pub use crate::remote_join::RemoteJoinHandle;
pub use crate::snapshot::{TaskInfo, TaskState};
pub use crate::spawn::{Builder, spawn};
pub use crate::wait::{WaitKind, WaitRecord, has_noted_wait, note_wait, take_noted_wait, waits_for};
pub use crate::watched::{Ended, Watch, Watched};
pub use crate::yield_now::{YieldNow, yield_now};
