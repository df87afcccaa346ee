//! Waiting for all of several futures, unless one fails.

/// Runs several futures in this task until all are done or one has failed. Gives the values of all as a tuple, or the first
/// error.
///
/// ```
/// # hanol::block_on(async {
/// async fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// assert_eq!(hanol::try_join!(parse("6"), parse("7")), Ok((6, 7)));
/// assert!(hanol::try_join!(parse("6"), parse("seven"), std::future::pending::<Result<(), _>>()).is_err());
/// # });
/// ```
///
/// At the first error the other futures are dropped. All errors have one type. In all else it is like
/// [`join!`](crate::join), also in what it says of fairness, the task list and cancel safety.
///
/// # Errors
///
/// The error of the future that fails first. If several fail in the same poll, that of the one that is polled first.
#[macro_export]
macro_rules! try_join {
    ($($input:tt)*) => { $crate::__private::try_join! { ($crate) $($input)* } };
}
