//! Pinning values where they stand.

/// Pins the values of variables, where they stand. From then on each name stands for a [`Pin<&mut T>`](std::pin::Pin).
///
/// A future that is polled through a reference, as in several rounds of a [`select!`](crate::select), has to be pinned.
/// Unlike [`std::pin::pin!`], this takes variables, several at once, and not expressions:
///
/// ```
/// # hanol::block_on(async {
/// let first = async { 1 };
/// let second = async { 2 };
/// hanol::pin!(first, second);
/// assert_eq!((&mut first).await + second.await, 3);
/// # });
/// ```
///
/// In its other form it declares them, too:
///
/// ```
/// # hanol::block_on(async {
/// hanol::pin! {
///     let first = async { 1 };
///     let second = async { 2 };
/// }
/// assert_eq!(hanol::join!(first, second), (1, 2));
/// # });
/// ```
#[macro_export]
macro_rules! pin {
    ($($variable:ident),* $(,)?) => {
        $(
            // The value moves into a place that has no name, so that nobody can move it out again.
            #[allow(unused_mut)]
            let mut $variable = $crate::__private::pin!($variable);
        )*
    };
    ($(let $variable:ident = $value:expr;)*) => {
        $(
            #[allow(unused_mut)]
            let mut $variable = $crate::__private::pin!($value);
        )*
    };
}
