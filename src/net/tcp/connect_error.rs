//! Why none of several addresses could be connected to.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// What [`TcpStream::connect_with`](super::stream::TcpStream::connect_with) met at each address, when none has answered.
///
/// It is inside the [`io::Error`], whose kind is that of the last failure:
///
/// ```
/// # #[hanol::main]
/// # async fn main() {
/// use hanol::net::{ConnectError, ConnectOptions, TcpStream};
///
/// let addrs = ["127.0.0.1:1".parse().unwrap(), "127.0.0.2:1".parse().unwrap()];
/// let error = TcpStream::connect_with(&addrs[..], ConnectOptions::new()).await.unwrap_err();
/// let each = error.get_ref().and_then(|inside| inside.downcast_ref::<ConnectError>()).unwrap();
/// for (addr, failure) in each.failures() {
///     println!("{addr}: {failure}");
/// }
/// # assert_eq!(each.failures().count(), 2);
/// # }
/// ```
#[derive(Debug)]
pub struct ConnectError {
    /// In the order in which they failed: at least one.
    failures: Vec<(SocketAddr, io::Error)>,
}

impl ConnectError {
    /// Each address with its error, in the order in which they failed.
    pub fn failures(&self) -> impl Iterator<Item = (SocketAddr, &io::Error)> {
        self.failures.iter().map(|(addr, error)| (*addr, error))
    }

    /// All failures as one error, of the last one's kind. Without any there was no address to try.
    pub(super) fn of(failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
        let kind = failures.last().map_or(io::ErrorKind::InvalidInput, |(_, error)| error.kind());
        io::Error::new(kind, Self { failures })
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not connect")?;
        for (index, (addr, error)) in self.failures().enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            write!(f, "{addr}: {error}")?;
        }
        Ok(())
    }
}

impl Error for ConnectError {
    /// The last failure.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures.last().map(|(_, error)| error as &(dyn Error + 'static))
    }
}
