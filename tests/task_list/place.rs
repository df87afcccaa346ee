//! Lines of the tests' own sources.

use std::panic::Location;

/// A call in a source file, as `file:line:column`.
pub(crate) type Place = String;

/// Where `call` stands in the line below the one that calls this.
#[track_caller]
pub(crate) fn below(call: &str) -> Place {
    let here = Location::caller();
    let source = std::fs::read_to_string(here.file()).unwrap();
    let line = source.lines().nth(here.line() as usize).unwrap();
    let Some(column) = line.find(call) else { panic!("there is no {call:?} in {line:?}, below {here}") };
    format!("{}:{}:{}", here.file(), here.line() + 1, column + 1)
}
