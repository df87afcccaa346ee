//! Waiting for each other.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hanol_executor::{budget, waits_for, wake};

use super::wait_list::{Key, WaitList};
use crate::wait;

/// A place where a number of tasks wait until all of them have arrived.
///
/// Then it can be used again, by the same tasks or by others.
///
/// ```
/// use std::rc::Rc;
/// use hanol::sync::Barrier;
///
/// # hanol::block_on(async {
/// let barrier = Rc::new(Barrier::new(3));
/// let tasks: Vec<_> = (0..3)
///     .map(|_| {
///         let barrier = Rc::clone(&barrier);
///         hanol::spawn(async move { barrier.wait().await.is_leader() })
///     })
///     .collect();
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += u32::from(task.await?);
/// }
/// assert_eq!(leaders, 1);
/// # Ok::<(), hanol::task::JoinError>(()) }).unwrap();
/// ```
pub struct Barrier {
    size: usize,
    /// How many wait. The one that completes them does not.
    arrived: Cell<usize>,
    waiting: RefCell<WaitList<()>>,
}

/// The future of [`Barrier::wait`].
#[must_use = "futures do nothing unless awaited"]
pub struct BarrierWait<'a> {
    barrier: &'a Barrier,
    state: State,
    location: &'static Location<'static>,
}

/// What [`Barrier::wait`] says to each of those who have waited for each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BarrierWaitResult {
    is_leader: bool,
}

#[derive(Debug)]
enum State {
    Before,
    Arrived(Key),
    After,
}

impl Barrier {
    /// Makes a barrier for so many tasks. With 0 it does what it does with 1: nobody waits.
    pub const fn new(size: usize) -> Self {
        Self { size, arrived: Cell::new(0), waiting: RefCell::new(WaitList::new()) }
    }

    /// Waits until as many as the barrier is for are waiting. A task arrives with its first poll.
    ///
    /// One of them is the leader: the last to arrive.
    ///
    /// # Cancel safety
    ///
    /// One that is dropped while it waits leaves, and the barrier waits for another one in its place. When all have
    /// arrived, dropping one changes nothing for the others.
    #[track_caller]
    pub fn wait(&self) -> BarrierWait<'_> {
        BarrierWait { barrier: self, state: State::Before, location: Location::caller() }
    }

    /// Whether one more completes those who wait.
    fn is_last(&self) -> bool {
        self.arrived.get() + 1 >= self.size
    }

    /// Lets all who wait go on.
    fn complete(&self) {
        self.arrived.set(0);
        let mut woken = Vec::new();
        self.waiting.borrow_mut().grant_all(&mut woken);
        woken.into_iter().for_each(wake);
    }
}

impl BarrierWaitResult {
    /// Whether this one was the last to arrive. That is so for exactly one.
    pub fn is_leader(&self) -> bool {
        self.is_leader
    }
}

impl BarrierWait<'_> {
    fn poll_complete(&mut self, cx: &Context<'_>) -> Poll<BarrierWaitResult> {
        match &self.state {
            State::Before => {}
            State::Arrived(key) => {
                if !WaitList::poll_granted(&self.barrier.waiting, key, cx) {
                    return Poll::Pending;
                }
                self.leave();
                return Poll::Ready(BarrierWaitResult { is_leader: false });
            }
            State::After => panic!("a future is not polled again after its end"),
        }
        while !self.barrier.is_last() {
            let waker = cx.waker().clone();
            // The clone may have brought others. Then its drop, which may do as much, comes first.
            if !self.barrier.is_last() {
                self.barrier.arrived.set(self.barrier.arrived.get() + 1);
                self.state = State::Arrived(self.barrier.waiting.borrow_mut().push((), waker));
                return Poll::Pending;
            }
        }
        self.state = State::After;
        self.barrier.complete();
        Poll::Ready(BarrierWaitResult { is_leader: true })
    }

    fn leave(&mut self) {
        let State::Arrived(key) = mem::replace(&mut self.state, State::After) else { return };
        let removed = self.barrier.waiting.borrow_mut().remove(key);
        if removed.waker.is_some() {
            self.barrier.arrived.set(self.barrier.arrived.get() - 1);
        }
        // The waker of one that still waited is dropped here: with no borrow, and when all is done.
    }
}

impl Future for BarrierWait<'_> {
    type Output = BarrierWaitResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<BarrierWaitResult> {
        ready!(budget::poll_proceed(cx, self.location));
        let polled = self.poll_complete(cx);
        if polled.is_pending() {
            budget::give_back();
            waits_for(wait::BARRIER, 0, self.location);
        }
        polled
    }
}

impl Drop for BarrierWait<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").field("size", &self.size).field("arrived", &self.arrived.get()).finish()
    }
}

impl fmt::Debug for BarrierWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWait").field("barrier", self.barrier).field("state", &self.state).finish()
    }
}
