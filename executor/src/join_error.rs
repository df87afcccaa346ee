//! Why a task gave no output.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::cell::Failure;
use crate::id::Id;

/// A task gave no output: it was cancelled, or it panicked.
pub struct JoinError {
    id: Id,
    reason: Reason,
}

/// Boxed where it is large, so that the results of tasks stay small.
enum Reason {
    Cancelled,
    Panicked(Box<Panic>),
}

struct Panic {
    /// A payload need not be `Sync`, but an error should be. Nobody ever waits for this lock.
    payload: Mutex<Box<dyn Any + Send + 'static>>,
    /// The panic's message, if it has one: the payload of `panic!` is a string.
    message: Option<Box<str>>,
}

impl JoinError {
    pub(crate) fn new(id: Id, failure: Failure) -> Self {
        let reason = match failure {
            Failure::Cancelled => Reason::Cancelled,
            Failure::Panicked(payload) => {
                let text = payload.downcast_ref::<&'static str>().copied();
                let message = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).map(Box::from);
                Reason::Panicked(Box::new(Panic { payload: Mutex::new(payload), message }))
            }
        };
        Self { id, reason }
    }

    /// The identity of the task. That of a task that was sent to a runtime, which then went before it took the task in, is
    /// shown as 0.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Whether the task was aborted, or dropped with its runtime.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.reason, Reason::Cancelled)
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.reason, Reason::Panicked(_))
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
        match self.reason {
            Reason::Panicked(panic) => Ok(panic.payload.into_inner().unwrap_or_else(PoisonError::into_inner)),
            Reason::Cancelled => Err(self),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Cancelled => write!(f, "task {} was cancelled", self.id),
            Reason::Panicked(panic) => match &panic.message {
                Some(message) => write!(f, "task {} panicked: {message}", self.id),
                None => write!(f, "task {} panicked", self.id),
            },
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Cancelled => write!(f, "JoinError::Cancelled({:?})", self.id),
            Reason::Panicked(panic) => write!(f, "JoinError::Panicked({:?}, {:?})", self.id, panic.message),
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> Self {
        io::Error::other(error)
    }
}
