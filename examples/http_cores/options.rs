//! The command line.

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) addr: String,
    /// One for each core, if it is not said.
    pub(crate) strands: Option<usize>,
    pub(crate) one_acceptor: bool,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { addr: "127.0.0.1:8080".to_owned(), strands: None, one_acceptor: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--one-acceptor" => options.one_acceptor = true,
                "--strands" => {
                    let count = arguments.next().ok_or("--strands needs a number")?;
                    let count = count.parse().ok().filter(|&count| count > 0);
                    options.strands = Some(count.ok_or("--strands needs a number from 1 on")?);
                }
                option if option.starts_with('-') => return Err(format!("there is no option {option}")),
                addr => options.addr = addr.to_owned(),
            }
        }
        Ok(options)
    }
}
