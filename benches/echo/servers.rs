//! Being one of the servers.

use std::io;

use super::server_process::end_with_the_input;
use super::{Contender, Processors, Reading, processors, server_hanol, server_mio, server_tokio};

/// The arguments of the process that is this server.
pub(crate) fn arguments(processors: &Processors, contender: Contender, reading: Reading) -> [String; 3] {
    [contender.name().to_owned(), reading.name().to_owned(), processors.server.to_string()]
}

/// Is the server that the arguments ask for, until the input ends.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let wrong = || io::Error::other("usage: --server CONTENDER READING PROCESSOR");
    let [contender, reading, processor] = arguments else { return Err(wrong()) };
    let contender = Contender::named(contender).ok_or_else(wrong)?;
    let reading = Reading::named(reading).ok_or_else(wrong)?;
    processors::pin_this_thread(processor.parse().map_err(|_| wrong())?)?;
    end_with_the_input();
    match contender {
        Contender::Mio => server_mio::serve(),
        Contender::Tokio => server_tokio::serve(reading),
        Contender::TokioLocal => server_tokio::serve_local(reading),
        Contender::Hanol => server_hanol::serve(reading),
        Contender::HanolBusy => server_hanol::serve_busily(reading),
    }
}
