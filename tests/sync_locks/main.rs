//! Locks between tasks: order, cancellation, wakers that call back, and what the task list says of those who wait.

#[path = "../task_list/place.rs"]
mod place;
#[path = "../timing/mod.rs"]
mod timing;

mod barrier;
mod list;
mod model;
mod mutex;
mod notify;
mod once_cell;
mod rw_lock;
mod semaphore;
mod set_once;
mod waker;
