//! Rule 11: timers are never early, take any deadline, and leave nothing behind.

#[path = "../timing/mod.rs"]
mod timing;

mod elsewhere;
mod far;
mod instant;
mod interval;
mod many;
mod outside;
mod reset;
mod sleep;
mod timeout;
mod wakers;
