//! The kinds of wait that the operations of this crate record.

use hanol_executor::WaitKind;

pub(crate) const READ: WaitKind = WaitKind(16);
pub(crate) const WRITE: WaitKind = WaitKind(17);
pub(crate) const PEEK: WaitKind = WaitKind(18);
pub(crate) const ACCEPT: WaitKind = WaitKind(19);
pub(crate) const FREE_DESCRIPTOR: WaitKind = WaitKind(20);
pub(crate) const CONNECT: WaitKind = WaitKind(21);
pub(crate) const READINESS: WaitKind = WaitKind(22);
pub(crate) const RESOLVE: WaitKind = WaitKind(23);
pub(crate) const SLEEP: WaitKind = WaitKind(24);
pub(crate) const TIMEOUT: WaitKind = WaitKind(25);
pub(crate) const INTERVAL: WaitKind = WaitKind(26);

/// What a kind of wait is called in a task list.
pub(crate) fn name(kind: WaitKind) -> &'static str {
    match kind {
        WaitKind::JOIN => "join",
        WaitKind::YIELD => "yield",
        WaitKind::BUDGET => "budget",
        READ => "read",
        WRITE => "write",
        PEEK => "peek",
        ACCEPT => "accept",
        FREE_DESCRIPTOR => "accept, out of descriptors",
        CONNECT => "connect",
        READINESS => "readiness",
        RESOLVE => "resolve",
        SLEEP => "sleep",
        TIMEOUT => "timeout",
        INTERVAL => "interval",
        _ => "other",
    }
}

/// What the resource of a kind of wait is, if it has one.
pub(crate) fn resource(kind: WaitKind) -> Option<&'static str> {
    match kind {
        READ | WRITE | PEEK | ACCEPT | FREE_DESCRIPTOR | CONNECT | READINESS => Some("fd"),
        WaitKind::JOIN => Some("task"),
        _ => None,
    }
}
