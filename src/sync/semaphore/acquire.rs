//! The futures that wait for permits of a semaphore.

use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use crate::sync::claim::Claim;
use crate::wait;

/// The future of [`Semaphore::acquire`] and [`Semaphore::acquire_many`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Acquire<'a> {
    claim: Claim<&'a Semaphore>,
    count: usize,
}

/// The future of [`Semaphore::acquire_owned`] and [`Semaphore::acquire_many_owned`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct AcquireOwned {
    claim: Claim<Rc<Semaphore>>,
    count: usize,
}

impl<'a> Acquire<'a> {
    pub(super) fn new(semaphore: &'a Semaphore, count: usize, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(semaphore, count, wait::PERMIT, location), count }
    }
}

impl AcquireOwned {
    pub(super) fn new(semaphore: Rc<Semaphore>, count: usize, location: &'static Location<'static>) -> Self {
        Self { claim: Claim::new(semaphore, count, wait::PERMIT, location), count }
    }
}

impl<'a> Future for Acquire<'a> {
    type Output = Result<SemaphorePermit<'a>, AcquireError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let count = self.count;
        self.claim.poll(cx).map_ok(|semaphore| SemaphorePermit::new(semaphore, count))
    }
}

impl Future for AcquireOwned {
    type Output = Result<OwnedSemaphorePermit, AcquireError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let count = self.count;
        self.claim.poll(cx).map_ok(|semaphore| OwnedSemaphorePermit::new(semaphore, count))
    }
}
