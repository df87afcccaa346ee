//! Who is at the other end.

use std::io;
use std::os::fd::AsFd;

/// The credentials of the process at the other end, as they were when the connection was made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct UCred {
    user: u32,
    group: u32,
    process: Option<i32>,
}

impl UCred {
    /// The number of its user.
    pub fn uid(&self) -> u32 {
        self.user
    }

    /// The number of its group.
    pub fn gid(&self) -> u32 {
        self.group
    }

    /// The number of the process, if it has one here.
    pub fn pid(&self) -> Option<i32> {
        self.process
    }

    pub(super) fn of_peer(socket: &impl AsFd) -> io::Result<Self> {
        let peer = rustix::net::sockopt::socket_peercred(socket)?;
        let process = peer.pid.as_raw_nonzero().get();
        Ok(Self {
            user: peer.uid.as_raw(),
            group: peer.gid.as_raw(),
            // One of a namespace that this process cannot see is 0.
            process: Some(process).filter(|&process| process > 0),
        })
    }
}
