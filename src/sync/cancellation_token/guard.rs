//! Cancelling a token when a scope is left.

use std::mem;

use super::CancellationToken;

/// Cancels a token when it is dropped. [`CancellationToken::drop_guard`] makes it.
///
/// ```
/// use hanol::sync::CancellationToken;
///
/// let token = CancellationToken::new();
/// let helpers = token.child_token();
/// {
///     let _guard = token.drop_guard();
/// }
/// assert!(helpers.is_cancelled());
/// ```
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels its token"]
pub struct DropGuard {
    token: CancellationToken,
    is_armed: bool,
}

/// Cancels a token when it is dropped. [`CancellationToken::drop_guard_ref`] makes it.
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels its token"]
pub struct DropGuardRef<'a> {
    token: &'a CancellationToken,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { token, is_armed: true }
    }

    /// The token, which the guard goes on guarding.
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Gives the token back, which is not cancelled then.
    pub fn disarm(mut self) -> CancellationToken {
        self.is_armed = false;
        self.token.clone()
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if self.is_armed {
            self.token.cancel();
        }
    }
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { token }
    }

    /// The token, which the guard goes on guarding.
    pub fn token(&self) -> &CancellationToken {
        self.token
    }

    /// Gives the token back, which is not cancelled then.
    pub fn disarm(self) -> &'a CancellationToken {
        let token = self.token;
        mem::forget(self);
        token
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        self.token.cancel();
    }
}
