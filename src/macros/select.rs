//! Waiting for the first of several futures.

/// Waits for the first of several futures, and drops the others.
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// let winner = hanol::select! {
///     _ = hanol::time::sleep(Duration::from_millis(1)) => "the short sleep",
///     _ = hanol::time::sleep(Duration::from_secs(60)) => "the long sleep",
/// };
/// assert_eq!(winner, "the short sleep");
/// # });
/// ```
///
/// # Syntax
///
/// Up to 64 branches, and at the end an `else`:
///
/// ```text
/// select! {
///     biased;                                                    // optional
///     <pattern> = <future> => <handler>,
///     <pattern> = <future>, if <precondition> => <handler>,
///     else => <expression>                                       // optional
/// }
/// ```
///
/// A handler that is a block in braces needs no comma. `else` comes last, and is also allowed alone. What stands for the
/// future may be any expression that is [`IntoFuture`].
///
/// 1. The preconditions are evaluated. A branch whose precondition is false is disabled.
/// 2. The expressions of the futures are evaluated, also those of disabled branches. Their temporaries live until one of
///    the futures is selected.
/// 3. The futures that are not disabled are polled. When one is done and its output matches the pattern, it is selected. An
///    output that does not match is dropped, and its branch is disabled.
/// 4. All futures are dropped, in the order in which they are written.
/// 5. The pattern binds the output, and the handler is evaluated; or the `else`, when all branches are disabled.
///
/// All of this happens where the macro stands: `?`, `return`, `break` and `.await` in an expression or a handler belong to
/// the code around it. The futures may borrow from there and need not be `'static`. A handler may use again what a future
/// has borrowed, since no future is left. Nothing is allocated.
///
/// ```
/// # hanol::block_on(async {
/// let mut numbers = [1, 2, 3].into_iter();
/// let mut words = ["one", "two"].into_iter();
/// let mut count = 0;
/// loop {
///     hanol::select! {
///         Some(_number) = async { numbers.next() } => count += 1,
///         Some(_word) = async { words.next() }, if count > 1 => count += 1,
///         else => break,
///     }
/// }
/// assert_eq!(count, 5);
/// # });
/// ```
///
/// A future that is to go on in a later `select!` is pinned and passed by reference:
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// let work = async {
///     hanol::time::sleep(Duration::from_millis(5)).await;
///     "done"
/// };
/// hanol::pin!(work);
/// let mut tick = hanol::time::interval(Duration::from_millis(1));
/// let done = loop {
///     hanol::select! {
///         done = &mut work => break done,
///         _ = tick.tick() => {}
///     }
/// };
/// assert_eq!(done, "done");
/// # });
/// ```
///
/// # Fairness
///
/// Each poll begins with a random branch and goes on in the order in which they are written, so that a branch that is
/// always ready does not win every time. [`Builder::rng_seed`](crate::runtime::Builder::rng_seed) makes the choices
/// repeatable. With `biased;` each poll begins with the first branch. That costs less and can be relied on, but whoever
/// writes it sees to it that no branch starves those below it.
///
/// The macro takes nothing from the budget of [128 operations](crate::runtime::OPERATIONS_PER_POLL), since its futures do.
/// It gives way as soon as the budget is used up, before it polls any of them.
///
/// # Task list
///
/// A task that waits here is listed with what the first of the branches, as they are written, waits for. If no branch says
/// what it waits for, it is listed with `select!` and the line of the macro.
///
/// # Panics
///
/// When all branches are disabled and there is no `else`.
///
/// # Cancel safety
///
/// The futures that are not selected are dropped at whatever point they have reached. Each operation of this crate says
/// under "Cancel safety" what that loses. In a loop it must lose nothing; else pin the future outside the loop. Dropping
/// the whole `select!` drops all its futures.
#[macro_export]
macro_rules! select {
    ($($input:tt)*) => { $crate::__private::select! { ($crate) $($input)* } };
}
