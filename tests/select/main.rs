//! `hanol::select!`: what may be written in it, which branch it selects, and what becomes of the others.

#![cfg(feature = "macros")]
// What the macro expands to must not warn, whatever it is given, and is free of `unsafe`.
#![deny(warnings)]
#![forbid(unsafe_code)]

#[path = "../task_list/place.rs"]
mod place;

mod choice;
mod drops;
mod futures;
mod listed;
mod patterns;
mod syntax;
