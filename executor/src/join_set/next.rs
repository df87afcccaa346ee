//! Waiting for the next task of a set.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{JoinSet, with_id};
use crate::id::Id;
use crate::join_error::JoinError;

/// The future of [`JoinSet::join_next`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct JoinNext<'a, T> {
    pub(super) set: &'a mut JoinSet<T>,
    pub(super) location: &'static Location<'static>,
}

impl<T: 'static> Future for JoinNext<'_, T> {
    type Output = Option<Result<T, JoinError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let location = self.location;
        self.set.poll_next(cx, location).map(|next| next.map(|(_, result)| result))
    }
}

/// The future of [`JoinSet::join_next_with_id`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct JoinNextWithId<'a, T> {
    pub(super) set: &'a mut JoinSet<T>,
    pub(super) location: &'static Location<'static>,
}

impl<T: 'static> Future for JoinNextWithId<'_, T> {
    type Output = Option<Result<(Id, T), JoinError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let location = self.location;
        self.set.poll_next(cx, location).map(|next| next.map(with_id))
    }
}
