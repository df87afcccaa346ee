//! Rule 11 and the faults E1 to E12: timers are never early, take any deadline, and leave nothing behind.

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
