//! Names of Unix sockets.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::net::{SocketAddrAny, SocketAddrUnix};

/// The name that a path stands for. A path that begins with a zero byte is an abstract name, as for tokio.
///
/// # Errors
///
/// When the path is too long, or has a zero byte in it.
pub(crate) fn from_path(path: &Path) -> io::Result<SocketAddr> {
    match path.as_os_str().as_bytes() {
        #[cfg(any(target_os = "android", target_os = "linux"))]
        [0, name @ ..] => abstract_name(name),
        _ => SocketAddr::from_pathname(path),
    }
}

/// # Errors
///
/// When there is no name to give to the system.
pub(super) fn to_system(addr: &SocketAddr) -> io::Result<SocketAddrUnix> {
    if let Some(path) = addr.as_pathname() {
        return Ok(SocketAddrUnix::new(path)?);
    }
    #[cfg(any(target_os = "android", target_os = "linux"))]
    if let Some(name) = std::os::linux::net::SocketAddrExt::as_abstract_name(addr) {
        return Ok(SocketAddrUnix::new_abstract_name(name)?);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "an address without a name cannot be bound or connected to"))
}

/// The address without a name, which the standard library makes of the path without a byte.
pub(super) fn unnamed() -> io::Result<SocketAddr> {
    SocketAddr::from_pathname("")
}

/// Whether the system says of an address that it has no name: then there is nothing but the family.
pub(super) fn is_unnamed(addr: &SocketAddrAny) -> bool {
    const FAMILY_BYTES: u32 = 2;
    addr.addr_len() <= FAMILY_BYTES
}

#[cfg(any(target_os = "android", target_os = "linux"))]
fn abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_given_the_name() {
        for path in ["/tmp/x", "relative"] {
            let addr = to_system(&from_path(Path::new(path)).unwrap()).unwrap();
            assert_eq!(addr.path_bytes(), Some(path.as_bytes()));
        }
        let addr = to_system(&from_path(Path::new("\0abstract")).unwrap()).unwrap();
        assert_eq!(addr.abstract_name(), Some(b"abstract".as_slice()));
    }

    #[test]
    fn no_name_is_no_name() {
        assert!(unnamed().unwrap().is_unnamed());
        assert_eq!(to_system(&unnamed().unwrap()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_path_that_is_no_name_is_an_error() {
        for path in ["x".repeat(200), "in\0between".to_owned(), format!("\0{}", "x".repeat(200))] {
            assert_eq!(from_path(Path::new(&path)).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{path:?}");
        }
    }
}
