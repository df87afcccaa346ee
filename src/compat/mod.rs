//! The traits of other crates for the types of this one, each behind a feature of that crate's name.

#[cfg(feature = "futures-io")]
mod futures_io;
