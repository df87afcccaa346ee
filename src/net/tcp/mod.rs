//! TCP listeners and streams.

pub(super) mod accept;
pub(super) mod async_io;
pub(super) mod connect;
pub(super) mod listener;
mod options;
pub(super) mod read;
pub(super) mod split;
pub(super) mod split_owned;
pub(super) mod stream;
pub(super) mod write;
