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
pub(crate) const RECV: WaitKind = WaitKind(27);
pub(crate) const SEND: WaitKind = WaitKind(28);
pub(crate) const CHANNEL_RECV: WaitKind = WaitKind(32);
pub(crate) const CHANNEL_SEND: WaitKind = WaitKind(33);
pub(crate) const CHANNEL_CLOSED: WaitKind = WaitKind(34);
pub(crate) const CHANGED: WaitKind = WaitKind(35);
pub(crate) const NOTIFIED: WaitKind = WaitKind(36);
pub(crate) const PERMIT: WaitKind = WaitKind(37);
pub(crate) const LOCK: WaitKind = WaitKind(38);
pub(crate) const READ_LOCK: WaitKind = WaitKind(39);
pub(crate) const WRITE_LOCK: WaitKind = WaitKind(40);
pub(crate) const BARRIER: WaitKind = WaitKind(41);
pub(crate) const INITIALIZED: WaitKind = WaitKind(42);
pub(crate) const CANCELLED: WaitKind = WaitKind(43);
pub(crate) const SIGNAL: WaitKind = WaitKind(44);
pub(crate) const BLOCKING: WaitKind = WaitKind(45);
pub(crate) const CHILDREN: WaitKind = WaitKind(46);
pub(crate) const EXPIRED: WaitKind = WaitKind(47);
pub(crate) const SELECT: WaitKind = WaitKind(56);
pub(crate) const JOIN: WaitKind = WaitKind(57);

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
        RECV => "recv",
        SEND => "send",
        CHANNEL_RECV => "channel recv",
        CHANNEL_SEND => "channel send",
        CHANNEL_CLOSED => "channel closed",
        CHANGED => "changed",
        NOTIFIED => "notified",
        PERMIT => "semaphore",
        LOCK => "lock",
        READ_LOCK => "read lock",
        WRITE_LOCK => "write lock",
        BARRIER => "barrier",
        INITIALIZED => "once cell",
        CANCELLED => "cancelled",
        SIGNAL => "signal",
        BLOCKING => "blocking work",
        CHILDREN => "child tasks",
        EXPIRED => "delay queue",
        SELECT => "select!",
        JOIN => "join!",
        _ => "other",
    }
}

/// What the resource of a kind of wait is, if it has one.
pub(crate) fn resource(kind: WaitKind) -> Option<&'static str> {
    match kind {
        READ | WRITE | PEEK | ACCEPT | FREE_DESCRIPTOR | CONNECT | READINESS | RECV | SEND => Some("fd"),
        WaitKind::JOIN => Some("task"),
        SIGNAL => Some("number"),
        LOCK | READ_LOCK | WRITE_LOCK => Some("held by task"),
        INITIALIZED => Some("initialized by task"),
        _ => None,
    }
}
