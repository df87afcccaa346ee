//! What `select!`, `join!` and `try_join!` expand to.

use std::panic::Location;
use std::task::Context;

use hanol_executor::{WaitKind, budget};

pub use std::future::{Future, IntoFuture};
pub use std::pin::{Pin, pin};
pub use std::result::Result;
pub use std::task::Poll;

use crate::runtime;
use crate::wait;

/// What a task waits for in a `select!` whose branches say nothing.
pub const SELECT: WaitKind = wait::SELECT;

/// What a task waits for in a `join!` or `try_join!` whose branches say nothing.
pub const JOIN: WaitKind = wait::JOIN;

/// Which of so many branches a `select!` polls first.
#[inline]
pub fn random_below(count: u32) -> u32 {
    runtime::random_below(count)
}

/// Gives way when the budget of this poll is used up. Other branches would give way one by one, and one that takes nothing
/// from the budget would win for ever.
#[inline]
#[track_caller]
pub fn poll_budget(cx: &mut Context<'_>) -> Poll<()> {
    budget::poll_has_left(cx, Location::caller())
}

/// Which branch a `join!` polls first: each in turn, so that one that uses up the budget does not keep the others from it.
#[derive(Debug, Default)]
pub struct Rotation {
    next: u32,
}

impl Rotation {
    /// Begins with the first branch.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// The branch to begin with, of so many.
    #[inline]
    pub fn next(&mut self, count: u32) -> u32 {
        let branch = self.next;
        self.next = if branch + 1 == count { 0 } else { branch + 1 };
        branch
    }
}

/// The end of a `select!` without `else`.
#[cold]
#[track_caller]
pub fn all_branches_are_disabled() -> ! {
    panic!("all branches of a `select!` are disabled, and it has no `else`");
}

/// The end of a `select!` whose pattern matches no longer. A pattern's own comparisons can be of such a kind.
#[cold]
#[track_caller]
pub fn pattern_no_longer_matches() -> ! {
    panic!("an output matched the pattern of its branch in `select!` once, and then did not");
}
