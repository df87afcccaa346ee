//! What a case of this comparison is.
use std::time::Duration;
/// The same work on Hanol and on tokio's current-thread runtime.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The share of tokio's time that Hanol aims to stay below, where it was given one.
    pub(crate) target: Option<f64>,
    /// How many operations one iteration has.
    pub(crate) operations: u64,
    /// Run so many iterations on a runtime of their own, and say how long they took, without making the runtime.
    pub(crate) hanol: fn(u64) -> Duration,
    pub(crate) tokio: fn(u64) -> Duration,
}
