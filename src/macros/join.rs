//! Waiting for all of several futures.

/// Runs several futures in this task until all are done, and gives their outputs as a tuple.
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// let (slow, fast) = hanol::join!(
///     async {
///         hanol::time::sleep(Duration::from_millis(2)).await;
///         "slow"
///     },
///     async { "fast" },
/// );
/// assert_eq!((slow, fast), ("slow", "fast"));
/// # });
/// ```
///
/// Up to 64 expressions, each of which is [`IntoFuture`]. The futures may borrow from the code around and need not be
/// `'static`. Nothing is allocated. Each future is dropped as soon as it is done, and is not polled again.
///
/// The futures share one task: they take turns at each `.await`, and while one of them computes the others wait. A wake
/// polls all that are not done, so for many futures that are woken often [`JoinSet`](crate::task::JoinSet) costs less.
///
/// # Fairness
///
/// Each poll begins with another future, in turn. After `biased;`, as in `join!(biased; first, second)`, each poll begins
/// with the first.
///
/// # Task list
///
/// A task that waits here is listed with what the first of the futures, as they are written, waits for that is not done. If
/// none says what it waits for, it is listed with `join!` and the line of the macro.
///
/// # Cancel safety
///
/// Dropping it drops all its futures, and the outputs of those that are done.
#[macro_export]
macro_rules! join {
    ($($input:tt)*) => { $crate::__private::join! { ($crate) $($input)* } };
}
