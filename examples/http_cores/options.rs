//! The command line.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) addr: String,
    /// One for each core, if it is not said.
    pub(crate) strands: Option<usize>,
    pub(crate) one_acceptor: bool,
    /// How long requests in flight may take once the server is told to stop.
    pub(crate) deadline: Duration,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options {
            addr: "127.0.0.1:8080".to_owned(),
            strands: None,
            one_acceptor: false,
            deadline: Duration::from_secs(5),
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--one-acceptor" => options.one_acceptor = true,
                "--strands" => {
                    let count = arguments.next().ok_or("--strands needs a number")?;
                    let count = count.parse().ok().filter(|&count| count > 0);
                    options.strands = Some(count.ok_or("--strands needs a number from 1 on")?);
                }
                "--deadline" => {
                    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                    let deadline = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                    options.deadline = deadline.ok_or("--deadline needs a number of seconds")?;
                }
                option if option.starts_with('-') => return Err(format!("there is no option {option}")),
                addr => options.addr = addr.to_owned(),
            }
        }
        Ok(options)
    }
}
