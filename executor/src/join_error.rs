//! Why a task gave no output.

use std::any::Any;
use std::fmt;
use std::io;

use crate::cell::Failure;
use crate::id::Id;

/// A task gave no output: it was cancelled, or it panicked.
pub struct JoinError {
    id: Id,
    failure: Failure,
}

impl JoinError {
    pub(crate) fn new(id: Id, failure: Failure) -> Self {
        Self { id, failure }
    }

    /// The identity of the task.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Whether the task was aborted, or dropped with its runtime.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.failure, Failure::Cancelled)
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.failure, Failure::Panicked(_))
    }

    /// The payload of the task's panic, to look at or to go on with by
    /// [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Panics
    ///
    /// When the task did not panic. [`try_into_panic`](Self::try_into_panic) does not.
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(_) => panic!("the task was cancelled and holds no panic"),
        }
    }

    /// The payload of the task's panic, or the error itself when it is no panic.
    ///
    /// # Errors
    ///
    /// When the task was cancelled.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, Self> {
        match self.failure {
            Failure::Panicked(payload) => Ok(payload),
            failure => Err(Self { failure, ..self }),
        }
    }

    /// The panic's message, if it has one: the payload of `panic!` is a string.
    fn message(&self) -> Option<&str> {
        let Failure::Panicked(payload) = &self.failure else { return None };
        let message = payload.downcast_ref::<&'static str>().copied();
        message.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failure, self.message()) {
            (Failure::Cancelled, _) => write!(f, "task {} was cancelled", self.id),
            (Failure::Panicked(_), Some(message)) => write!(f, "task {} panicked: {message}", self.id),
            (Failure::Panicked(_), None) => write!(f, "task {} panicked", self.id),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failure, self.message()) {
            (Failure::Cancelled, _) => write!(f, "JoinError::Cancelled({:?})", self.id),
            (Failure::Panicked(_), message) => write!(f, "JoinError::Panicked({:?}, {message:?})", self.id),
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> Self {
        let message = error.to_string();
        io::Error::other(message)
    }
}
