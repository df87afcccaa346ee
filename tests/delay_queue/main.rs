//! A queue of entries that come out when their time has come. The clock is paused, so that each does so exactly.

#[path = "../timing/mod.rs"]
mod timing;

mod entries;
mod waiting;

use hanol::time::delay_queue::Expired;

fn value<T>(expired: Option<Expired<T>>) -> Option<T> {
    expired.map(Expired::into_inner)
}
