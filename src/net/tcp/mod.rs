//! TCP listeners and streams.

pub(super) mod connect;
pub(super) mod listener;
mod options;
pub(super) mod stream;
mod transfer;
