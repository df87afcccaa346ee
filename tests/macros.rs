//! `#[hanol::main]` and `#[hanol::test]` where they are used as intended. `macro_errors.rs` has the other cases.

#![cfg(feature = "macros")]

use std::cell::Cell;
use std::error::Error;
use std::process::{Command, Output};
use std::rc::Rc;
use std::time::Duration;

#[hanol::main]
async fn six_times_seven() -> u32 {
    let seven = async { 7 };
    6 * seven.await
}

#[test]
fn main_hands_the_output_back() {
    assert_eq!(six_times_seven(), 42);
}

#[hanol::main]
async fn parsed_twice() -> Result<(u8, i32), Box<dyn Error>> {
    let small = "7".parse()?;
    if small == 8 {
        return Ok((small, 0));
    }
    Ok((small, "seven".parse()?))
}

#[test]
fn main_infers_types_from_the_output() {
    assert!(parsed_twice().is_err_and(|error| error.is::<std::num::ParseIntError>()));
}

#[hanol::main]
async fn numbers() -> impl Iterator<Item = u32> {
    std::future::ready(1..4).await
}

#[test]
fn main_may_return_what_implements_a_trait() {
    assert!(numbers().eq([1, 2, 3]));
}

mod elsewhere {
    /// Shadows a crate that the expansion must not take for the standard library.
    mod core {}
    /// As above.
    mod std {}
    /// As above.
    mod hanol {}

    mod reexport {
        pub(super) use ::hanol as runtime;
    }

    #[::hanol::main]
    pub(super) async fn visible() -> &'static str {
        "visible"
    }

    #[::hanol::main(crate = "crate::elsewhere::reexport::runtime")]
    pub(super) async fn through_a_reexport() -> &'static str {
        "re-exported"
    }

    #[::hanol::test]
    async fn a_test_needs_nothing_in_scope() {}

    #[::hanol::test(crate = "reexport::runtime", timeout = "30s")]
    async fn a_test_finds_a_reexported_runtime() -> Result<(), ::std::string::String> {
        ::core::result::Result::Ok(())
    }
}

#[test]
fn main_keeps_the_visibility() {
    assert_eq!(elsewhere::visible(), "visible");
}

#[test]
fn main_finds_a_reexported_runtime() {
    assert_eq!(elsewhere::through_a_reexport(), "re-exported");
}

#[hanol::main]
#[cfg(any())]
async fn switched_off() {
    compile_error!("the attribute `cfg` got lost");
}

#[hanol::test]
async fn a_test_runs_inside_a_runtime() {
    let count = Rc::new(Cell::new(0));
    let task = hanol::spawn({
        let count = Rc::clone(&count);
        async move { count.set(count.get() + 1) }
    });
    task.await.unwrap();
    assert_eq!(count.get(), 1);
}

#[hanol::test]
async fn a_test_may_return_a_result() -> Result<(), Box<dyn Error>> {
    let number: u32 = "42".parse()?;
    assert_eq!(std::future::ready(number).await, 42);
    Ok(())
}

#[hanol::test]
async fn a_test_may_return_nothing_in_so_many_words() -> () {}

#[hanol::test]
#[should_panic(expected = "as it should")]
async fn a_test_may_be_expected_to_panic() {
    std::future::ready(()).await;
    panic!("panics as it should");
}

#[hanol::test]
#[cfg_attr(all(), should_panic)]
async fn a_test_may_be_expected_to_panic_under_a_condition() {
    panic!("panics as it should");
}

/// The line of the attribute that follows.
const HANGS_AT: u32 = line!() + 2;

#[hanol::test(timeout = "50ms")]
async fn hangs_on_purpose() {
    if is_on_purpose() {
        // Not for ever, so that whoever waits for this test fails rather than hangs if nothing stops it.
        hanol::time::sleep(Duration::from_secs(20)).await;
    }
}

#[hanol::test]
async fn errs_on_purpose() -> Result<(), String> {
    if is_on_purpose() { Err("an error on purpose".to_owned()) } else { Ok(()) }
}

#[hanol::test]
async fn panics_on_purpose() {
    assert!(!is_on_purpose(), "a panic on purpose");
}

#[test]
fn a_test_that_hangs_fails_at_its_timeout() {
    let output = run_on_purpose("hangs_on_purpose");
    assert_failed(&output, "within 50ms");
    // Both the panic and the list name the test, not what runs it.
    let line = format!("{}:{HANGS_AT}:", file!());
    assert_failed(&output, &format!("panicked at {line}"));
    assert_failed(&output, &format!("spawned at {line}"));
}

#[test]
fn a_test_that_returns_an_error_fails_with_it() {
    let output = run_on_purpose("errs_on_purpose");
    assert_failed(&output, "an error on purpose");
}

#[test]
fn a_test_that_panics_fails_with_the_message() {
    let output = run_on_purpose("panics_on_purpose");
    assert_failed(&output, "a panic on purpose");
}

/// The variable by which a test process tells another to fail.
const ON_PURPOSE: &str = "HANOL_TEST_FAILS_ON_PURPOSE";

fn is_on_purpose() -> bool {
    std::env::var_os(ON_PURPOSE).is_some()
}

/// Runs one of these tests in a process of its own, where it fails.
fn run_on_purpose(test: &str) -> Output {
    this_program().args(["--exact", test]).env(ON_PURPOSE, "yes").output().unwrap()
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

#[track_caller]
fn assert_failed(output: &Output, message: &str) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(!output.status.success(), "it passed: {text}");
    assert!(text.contains(message), "nothing about {message:?} in: {text}");
}
