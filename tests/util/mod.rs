//! What the network tests share: connected pairs, a runtime whose metrics a test can see, and processes of their own for
//! tests that change or count what belongs to the process.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod directory;
mod pair;
mod process;
mod runtime;

pub(crate) use self::directory::TemporaryDirectory;
pub(crate) use self::pair::{fill, pair, refusing, settle, shrink_buffers, std_pair};
pub(crate) use self::process::{in_own_process, open_descriptors};
pub(crate) use self::runtime::{polls_of, until_waiting, with_builder, with_runtime};

use std::any::Any;

/// The message of a panic's payload.
#[track_caller]
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("the payload is no message")
}
