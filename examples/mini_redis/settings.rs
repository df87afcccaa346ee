//! The limits of the server, as given on the command line.

use std::fmt;
use std::time::Duration;

/// How to start the program.
const USAGE: &str = "usage: mini_redis [ADDRESS] [--maxclients N] [--query-buffer BYTES] [--subscriber-backlog BYTES] \
                     [--shutdown-timeout SECONDS]";

/// Where the server listens, and what it grants its clients.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) address: String,
    /// The most connections at one time; the ones beyond are told so and closed.
    pub(crate) max_clients: usize,
    /// The most bytes of unanswered requests that one client may have here; it is disconnected beyond.
    pub(crate) query_buffer: usize,
    /// The most bytes of published messages that may wait for one subscriber; it is disconnected beyond.
    pub(crate) subscriber_backlog: usize,
    /// How long the clients may take for their last answers when the server is told to stop.
    pub(crate) shutdown_timeout: Duration,
}

impl Default for Settings {
    /// The limits with which Redis starts. Five seconds for the end are this server's own.
    fn default() -> Self {
        Self {
            address: "127.0.0.1:6380".to_owned(),
            max_clients: 10_000,
            query_buffer: 1024 * 1024 * 1024,
            subscriber_backlog: 32 * 1024 * 1024,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

impl Settings {
    /// Reads the arguments of the program, its own name left out.
    ///
    /// # Errors
    ///
    /// An option is unknown, or its number is missing or no number.
    pub(crate) fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, UsageError> {
        let mut settings = Self::default();
        while let Some(argument) = arguments.next() {
            let limit = match argument.as_str() {
                "--maxclients" => &mut settings.max_clients,
                "--query-buffer" => &mut settings.query_buffer,
                "--subscriber-backlog" => &mut settings.subscriber_backlog,
                "--shutdown-timeout" => {
                    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                    let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    settings.shutdown_timeout = timeout.ok_or(UsageError)?;
                    continue;
                }
                option if option.starts_with('-') => return Err(UsageError),
                _ => {
                    settings.address = argument;
                    continue;
                }
            };
            *limit = arguments.next().and_then(|number| number.parse().ok()).ok_or(UsageError)?;
        }
        Ok(settings)
    }
}

/// The arguments of the program cannot be understood.
#[derive(Debug)]
pub(crate) struct UsageError;

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(USAGE)
    }
}

impl std::error::Error for UsageError {}
