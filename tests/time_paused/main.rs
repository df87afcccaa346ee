//! A clock that is paused: it stands still, is advanced, and jumps to the next deadline when nobody can run.

#[path = "../timing/mod.rs"]
mod timing;
#[path = "../util/mod.rs"]
mod util;

mod advance;
mod control;
mod intervals;
mod jumps;
mod other_threads;
mod sockets;
