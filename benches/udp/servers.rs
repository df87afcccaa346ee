//! Being one of the servers.

use std::io;

use super::server_process::end_with_the_input;
use super::{Contender, Processors, processors, server_hanol, server_mio, server_tokio};

/// Room for a datagram, in every server.
pub(crate) const BUFFER_BYTES: usize = 2048;

/// The arguments of the process that is this server.
pub(crate) fn arguments(processors: &Processors, contender: Contender) -> [String; 2] {
    [contender.name().to_owned(), processors.server.to_string()]
}

/// Is the server that the arguments ask for, until the input ends.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let wrong = || io::Error::other("usage: --server CONTENDER PROCESSOR");
    let [contender, processor] = arguments else { return Err(wrong()) };
    let contender = Contender::named(contender).ok_or_else(wrong)?;
    processors::pin_this_thread(processor.parse().map_err(|_| wrong())?)?;
    end_with_the_input();
    match contender {
        Contender::Mio => server_mio::serve(),
        Contender::Tokio => server_tokio::serve(),
        Contender::Hanol => server_hanol::serve(),
    }
}
