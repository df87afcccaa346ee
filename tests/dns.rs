//! The example `dns_stub` against a real name server, beside `dig`, and against servers that misbehave.
//!
//! The trials that need `dnsmasq` and `dig` (2.90 and 9.18, as in Debian 12) are ignored where they are not installed. With
//! `HANOL_REQUIRE_TOOLS=1` in the environment they fail there instead.

#[path = "dns/behaviour.rs"]
mod behaviour;
#[path = "dns/comparison.rs"]
mod comparison;
#[path = "dns/dnsmasq.rs"]
mod dnsmasq;
#[path = "dns/fake.rs"]
mod fake;
#[path = "dns/stub.rs"]
mod stub;

use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = behaviour().into_iter().chain(comparison());
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// What needs nothing but the program.
fn behaviour() -> Vec<Trial> {
    let tests: [(&str, Test); 9] = [
        ("a question that is lost is asked again", behaviour::a_question_that_is_lost_is_asked_again),
        ("a late answer is an answer", behaviour::a_late_answer_is_an_answer),
        ("answers to something else are ignored", behaviour::answers_to_something_else_are_ignored),
        ("an answer from elsewhere is ignored", behaviour::an_answer_from_elsewhere_is_ignored),
        ("malformed answers are ignored", behaviour::malformed_answers_are_ignored),
        ("a truncated answer is fetched over TCP", behaviour::a_truncated_answer_is_fetched_over_tcp),
        ("a connection that ends early is an error", behaviour::a_connection_that_ends_early_is_an_error),
        ("nobody there is an error", behaviour::nobody_there_is_an_error),
        ("wrong arguments are told", behaviour::wrong_arguments_are_told),
    ];
    tests.into_iter().map(|(name, test)| Trial::test(format!("behaviour: {name}"), test)).collect()
}

/// The program beside `dig`, both asking the same server.
fn comparison() -> Vec<Trial> {
    let required = std::env::var_os("HANOL_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    let missing: Vec<&str> = ["dnsmasq", "dig"].into_iter().filter(|tool| !is_installed(tool)).collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED: {} not installed", missing.join(" and "));
    }
    let skipped = !missing.is_empty() && !required;
    let cases = comparison::CASES.iter().map(|&(name, record_type, lines)| {
        let test = move || comparison::compare(name, record_type, lines);
        Trial::test(format!("comparison: {record_type} {name}"), test).with_ignored_flag(skipped)
    });
    cases.collect()
}

fn is_installed(tool: &str) -> bool {
    // `dig` knows no other option that asks nobody anything.
    let option = if tool == "dig" { "-v" } else { "--version" };
    Command::new(tool).arg(option).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
