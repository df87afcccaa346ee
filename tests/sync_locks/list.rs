//! What the task list says of a task.

use hanol::runtime::{Handle, TaskInfo};
use hanol::task::{Id, yield_now};

/// The line of one task.
#[track_caller]
pub(crate) fn info(id: Id) -> TaskInfo {
    let tasks = Handle::current().tasks();
    tasks.into_iter().find(|task| task.id == id).expect("the task is in the list")
}

/// What a task waits for, as `operation (resource) at place`.
#[track_caller]
pub(crate) fn wait_of(id: Id) -> String {
    info(id).waiting.expect("it says what it waits for").to_string()
}

/// Asserts that a future in a new task waits, and what the list says of it then. Its call stands at `place`.
pub(crate) async fn assert_waits(future: impl Future + 'static, operation: &str, place: String) {
    let task = hanol::spawn(async move { drop(future.await) });
    yield_now().await;
    assert_eq!(wait_of(task.id()), format!("{operation} at {place}"));
    task.abort();
}
