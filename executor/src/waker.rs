//! Wakers that are numbers.
//!
//! A [`TaskRef`] packs `runtime index | generation | slot` into the 64 bits of a waker's data word:
//!
//! ```text
//!   63            48 47                    24 23                     0
//!  ┌────────────────┬────────────────────────┬────────────────────────┐
//!  │ runtime index  │ generation             │ slot                   │
//!  └────────────────┴────────────────────────┴────────────────────────┘
//! ```
//!
//! The generation is the low part of the task's spawn number. Cloning a waker copies the word and dropping it does
//! nothing: a waker owns nothing and points to nothing, so it can neither leak nor dangle. A word that outlives its task
//! finds another generation in the slot and is ignored; one that matches by coincidence, after 2²⁴ spawns, polls a task
//! once too often, which the contract of [`Waker`] allows.

#![allow(unsafe_code)]

use std::ptr;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::{context, inbox};

const SLOT_BITS: u32 = 24;
const GENERATION_BITS: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;
const GENERATION_MASK: u32 = (1 << GENERATION_BITS) - 1;

/// How many slots a table can have. The largest index stands for none.
pub(crate) const MAX_SLOTS: usize = (1 << SLOT_BITS) - 1;

/// A task, named by numbers that fit into one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TaskRef(u64);

impl TaskRef {
    pub(crate) fn new(runtime_index: u16, number: u32, slot: u32) -> Self {
        debug_assert!((slot as usize) < MAX_SLOTS);
        let generation = u64::from(number & GENERATION_MASK);
        Self(u64::from(runtime_index) << (SLOT_BITS + GENERATION_BITS) | generation << SLOT_BITS | u64::from(slot))
    }

    pub(crate) fn runtime_index(self) -> u16 {
        (self.0 >> (SLOT_BITS + GENERATION_BITS)) as u16
    }

    pub(crate) fn slot(self) -> u32 {
        (self.0 & SLOT_MASK) as u32
    }

    /// Whether this names the task with this spawn number, as far as the generation can tell.
    pub(crate) fn fits(self, number: u32) -> bool {
        (self.0 >> SLOT_BITS) as u32 & GENERATION_MASK == number & GENERATION_MASK
    }

    /// The task that a waker stands for, if it is one of ours.
    #[inline]
    pub(crate) fn of(waker: &Waker) -> Option<Self> {
        ptr::eq(waker.vtable(), &VTABLE).then(|| from_word(waker.data()))
    }

    /// A waker that wakes the task.
    #[inline]
    pub(crate) fn waker(self) -> Waker {
        // SAFETY: The contract of `RawWaker` asks that the functions of the vtable are thread-safe and that the data
        // stays valid until `drop`. The data is a number and is never dereferenced; the functions only copy it, or look
        // it up in tables that are thread-local or behind a mutex.
        unsafe { Waker::from_raw(self.into_raw()) }
    }

    #[inline]
    fn into_raw(self) -> RawWaker {
        RawWaker::new(ptr::without_provenance(self.0 as usize), &VTABLE)
    }

    /// Makes the task ready: on its own thread by the run queue, from anywhere else through its runtime's inbox.
    #[inline]
    pub(crate) fn wake(self) {
        if !context::wake_local(self) {
            inbox::at(self.runtime_index()).push_wake(self);
        }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |word| from_word(word).into_raw(),
    |word| from_word(word).wake(),
    |word| from_word(word).wake(),
    |_| {},
);

#[inline]
fn from_word(word: *const ()) -> TaskRef {
    TaskRef(word.addr() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_unpacks_the_largest_numbers() {
        for (index, number, slot) in [(0, 0, 0), (u16::MAX, u32::MAX, (1 << 24) - 2), (1, 1 << 24, 2), (7, 99, 1000)] {
            let task = TaskRef::new(index, number, slot);
            assert_eq!(task.runtime_index(), index);
            assert_eq!(task.slot(), slot);
            assert!(task.fits(number));
            assert!(!task.fits(number.wrapping_add(1)));
            assert!(task.fits(number.wrapping_add(1 << 24)), "generations repeat after 2^24 spawns");
        }
    }
}
