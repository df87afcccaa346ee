//! TCP listeners and streams.

mod attempt;
pub(super) mod connect;
pub(super) mod connect_error;
pub(super) mod connect_options;
pub(super) mod connect_with;
#[cfg(all(feature = "tcp-fastopen", target_os = "linux"))]
mod fastopen;
pub(super) mod keepalive;
pub(super) mod listener;
mod options;
pub(super) mod socket;
mod socket_options;
pub(super) mod stream;
mod transfer;
