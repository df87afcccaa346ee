//! How strands have ended.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::runtime::TaskList;

/// How a strand has ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Its future is done.
    Finished,
    /// Its future has given an error.
    Failed(Box<dyn Error + Send + Sync>),
    /// Its future has panicked; or one of its tasks, if the runtime is to propagate that.
    Panicked(StrandPanic),
    /// It was not done in time: its future and these tasks were dropped.
    CutShort(TaskList),
    /// It was not done in time, and its thread hangs in a poll.
    Stuck,
}

/// The panic that ended a strand.
pub struct StrandPanic {
    /// A payload need not be `Sync`, but what is part of an error should be. Nobody ever waits for this lock.
    payload: Mutex<Box<dyn Any + Send>>,
    message: Option<Box<str>>,
}

impl StrandPanic {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let message = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).map(Box::from);
        Self { payload: Mutex::new(payload), message }
    }

    /// The message, if there is one: `panic!` leaves a text.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What the panic was raised with, to go on with by [`resume_unwind`](std::panic::resume_unwind).
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for StrandPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StrandPanic").field(&self.message).finish()
    }
}

/// The end of a strand.
#[derive(Debug)]
pub struct StrandEnd {
    strand: usize,
    outcome: Outcome,
}

impl StrandEnd {
    pub(super) fn new(strand: usize, outcome: Outcome) -> Self {
        Self { strand, outcome }
    }

    /// Which strand it was, from 0.
    pub fn strand(&self) -> usize {
        self.strand
    }

    /// How it went.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The same, to be taken apart.
    pub fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Whether it ended for another reason than that its future was done.
    pub fn is_failure(&self) -> bool {
        !matches!(self.outcome, Outcome::Finished)
    }
}

impl fmt::Display for StrandEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "strand {} ", self.strand)?;
        match &self.outcome {
            Outcome::Finished => f.write_str("has finished"),
            Outcome::Failed(error) => write!(f, "has failed: {error}"),
            Outcome::Panicked(panic) => match panic.message() {
                Some(message) => write!(f, "has panicked: {message}"),
                None => f.write_str("has panicked"),
            },
            Outcome::CutShort(tasks) => {
                f.write_str("was not done in time, and these tasks with it:")?;
                tasks.iter().try_for_each(|task| write!(f, "\n  {task}"))
            }
            Outcome::Stuck => f.write_str("was not done in time, and hangs in a poll"),
        }
    }
}

/// The ends of all strands, in their order.
#[derive(Debug)]
#[must_use = "it says which strands have failed"]
pub struct Report(Vec<StrandEnd>);

impl Report {
    pub(super) fn new(ends: Vec<StrandEnd>) -> Self {
        Self(ends)
    }

    /// The ends, in the order of the strands.
    pub fn ends(&self) -> &[StrandEnd] {
        &self.0
    }

    /// The same, to be taken apart.
    pub fn into_ends(self) -> Vec<StrandEnd> {
        self.0
    }

    /// Whether every strand has finished.
    pub fn is_success(&self) -> bool {
        !self.0.iter().any(StrandEnd::is_failure)
    }

    /// The report as a result, for `?`.
    ///
    /// # Errors
    ///
    /// When a strand has not finished. The error's text is the report's.
    pub fn into_result(self) -> Result<(), Failure> {
        if self.is_success() { Ok(()) } else { Err(Failure(self)) }
    }
}

/// A line for each strand that has failed; none if all have finished.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for end in self.0.iter().filter(|end| end.is_failure()) {
            write!(f, "{separator}{end}")?;
            separator = "\n";
        }
        Ok(())
    }
}

/// At least one strand has not finished.
#[derive(Debug)]
pub struct Failure(pub Report);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.0.iter().find_map(|end| match &end.outcome {
            Outcome::Failed(error) => Some(&**error as &(dyn Error + 'static)),
            _ => None,
        })
    }
}
