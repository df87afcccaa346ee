//! The values that the options of a socket take.
//!
//! Some that are too large the system cuts off in silence, and of others it says only that an argument is invalid. So they
//! are checked here, and the error says what would do.

use std::io;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The longest keepalive time and interval of Linux, in seconds (`MAX_TCP_KEEPIDLE`), and the most probes
/// (`MAX_TCP_KEEPCNT`).
const MAX_KEEPALIVE_SECONDS: u64 = 32_767;
const MAX_KEEPALIVE_RETRIES: u64 = 127;

/// The longest name of a network interface, in bytes (`IFNAMSIZ`, less the zero at the end).
const MAX_DEVICE_NAME: u64 = 15;

const NANOSECONDS_PER_MILLISECOND: u128 = 1_000_000;

/// What the system takes as a C `int` that is not negative.
const INT: RangeInclusive<u64> = 0..=i32::MAX as u64;

/// A time to live, in hops.
pub(crate) fn hops(hops: u32) -> io::Result<u32> {
    check("a time to live, in hops,", hops.into(), 1..=255).map(|_| hops)
}

/// A time to live of multicast packets, in hops. With 0 they stay on this machine.
pub(crate) fn multicast_hops(hops: u32) -> io::Result<u32> {
    check("a time to live of multicast packets, in hops,", hops.into(), 0..=255).map(|_| hops)
}

/// A type of service of IPv4, or a traffic class of IPv6.
pub(crate) fn class(class: u32) -> io::Result<u32> {
    check("a type of service or traffic class", class.into(), 0..=255).map(|_| class)
}

/// The size of a buffer, in bytes.
pub(crate) fn buffer_size(bytes: u32) -> io::Result<usize> {
    check("the size of a socket's buffer, in bytes,", bytes.into(), INT).map(|_| bytes as usize)
}

/// A time to linger. A part of a second counts as a whole one: cut off, it could become zero, which resets the connection.
pub(crate) fn linger(linger: Option<Duration>) -> io::Result<Option<Duration>> {
    linger.map(|linger| check_seconds("a time to linger, in seconds,", linger, INT)).transpose()
}

/// A keepalive time or interval. A part of a second counts as a whole one.
pub(crate) fn keepalive_time(time: Duration) -> io::Result<Duration> {
    check_seconds("a keepalive time, in seconds,", time, 1..=MAX_KEEPALIVE_SECONDS)
}

/// How many keepalive probes go unanswered before the connection is lost.
pub(crate) fn keepalive_retries(retries: u32) -> io::Result<u32> {
    check("the number of keepalive probes", retries.into(), 1..=MAX_KEEPALIVE_RETRIES).map(|_| retries)
}

/// A time after which unacknowledged data ends a connection. A part of a millisecond counts as a whole one.
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(crate) fn user_timeout(timeout: Option<Duration>) -> io::Result<Option<Duration>> {
    let Some(timeout) = timeout else { return Ok(None) };
    let milliseconds = timeout.as_nanos().div_ceil(NANOSECONDS_PER_MILLISECOND);
    let milliseconds = u64::try_from(milliseconds).unwrap_or(u64::MAX);
    let milliseconds = check("a user timeout, in milliseconds,", milliseconds, 1..=i32::MAX as u64)?;
    Ok(Some(Duration::from_millis(milliseconds)))
}

/// The name of a network interface. A longer one would be cut off, and might name another interface then.
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(crate) fn device(name: Option<&[u8]>) -> io::Result<Option<&[u8]>> {
    if let Some(name) = name {
        check("the length of an interface's name, in bytes,", name.len() as u64, 1..=MAX_DEVICE_NAME)?;
        if name.contains(&0) {
            return Err(invalid("the name of an interface has no zero byte".to_owned()));
        }
    }
    Ok(name)
}

/// How many connections may wait to be accepted. The system lowers it anyway.
pub(crate) fn backlog(connections: u32) -> i32 {
    i32::try_from(connections).unwrap_or(i32::MAX)
}

fn check_seconds(what: &str, duration: Duration, range: RangeInclusive<u64>) -> io::Result<Duration> {
    let seconds = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
    check(what, seconds, range).map(Duration::from_secs)
}

fn check(what: &str, value: u64, range: RangeInclusive<u64>) -> io::Result<u64> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(invalid(format!("{what} is from {} to {}, not {value}", range.start(), range.end())))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
