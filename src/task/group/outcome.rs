//! What the children of a group return.

/// What a child of a [`TaskGroup`](super::TaskGroup) returns: whether it is a failure, and what a group gives in which nothing has failed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell a `TaskGroup` whether its child has failed",
    note = "children return `()` or `Result<(), E>`; if none ever returns, write `TaskGroup::<()>::new()`"
)]
pub trait Outcome: 'static {
    /// What the group gives when nothing has failed.
    fn success() -> Self;

    /// Whether this ends the group.
    fn is_failure(&self) -> bool;
}

/// Children that cannot fail but by a panic.
impl Outcome for () {
    fn success() {}

    fn is_failure(&self) -> bool {
        false
    }
}

/// Children that fail with an error.
impl<E: 'static> Outcome for Result<(), E> {
    fn success() -> Self {
        Ok(())
    }

    fn is_failure(&self) -> bool {
        self.is_err()
    }
}
