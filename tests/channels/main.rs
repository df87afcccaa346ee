//! The channels between the tasks of one thread: for one value, with room for so many, and without a bound.

#[path = "../task_list/place.rs"]
mod place;
#[path = "../util/mod.rs"]
mod util;

mod against_tokio;
mod budget;
mod closing;
mod drops;
mod fairness;
mod foreign;
mod mpsc;
mod oneshot;
mod reserve;
mod senders;
mod task_list;
mod unbounded;
mod wakers;
