//! Macros for several futures in one task.
//!
//! What they are made of is in `hanol-macros`, and what they expand to in `__private`. Here they only add the path of this
//! crate, `$crate`, which holds however the crate is named where they are used.

mod join;
mod pin;
mod select;
mod try_join;
