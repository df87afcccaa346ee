//! TCP listeners and streams.

pub(super) mod accept;
pub(super) mod async_io;
mod attempt;
pub(super) mod connect;
pub(super) mod connect_error;
pub(super) mod connect_options;
pub(super) mod connect_with;
pub(super) mod keepalive;
pub(super) mod listener;
mod options;
pub(super) mod read;
pub(super) mod socket;
mod socket_options;
pub(super) mod split;
pub(super) mod split_owned;
pub(super) mod stream;
pub(super) mod write;
