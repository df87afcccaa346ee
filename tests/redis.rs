//! The example `mini_redis` against Redis' own tools, and a client on this runtime against Redis' own server.
//!
//! The trials that need `redis-server` or `redis-benchmark` (7.0, as in Debian 12 and Ubuntu 24.04) are ignored where
//! they are not installed. With `HANOL_REQUIRE_TOOLS=1` in the environment they fail there instead.

#[path = "redis/behaviour.rs"]
mod behaviour;
#[path = "redis/benchmark.rs"]
mod benchmark;
#[path = "redis/cases.rs"]
mod cases;
#[path = "redis/comparison.rs"]
mod comparison;
#[path = "redis/hanol_client.rs"]
mod hanol_client;
#[path = "redis/malformed.rs"]
mod malformed;
#[path = "redis/random.rs"]
mod random;
#[path = "redis/servers.rs"]
mod servers;
#[path = "redis/unix_client.rs"]
mod unix_client;
#[path = "redis/wire.rs"]
mod wire;

use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let redis = Tool::find("redis-server");
    let trials = behaviour().into_iter().chain(comparison(&redis)).chain(benchmark()).chain(client(&redis));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// What needs nothing but mini_redis.
fn behaviour() -> Vec<Trial> {
    let tests: [(&str, Test); 11] = [
        ("a key expires", behaviour::a_key_expires),
        ("expired keys are removed unasked", behaviour::expired_keys_are_removed_unasked),
        ("time to live shrinks", behaviour::time_to_live_shrinks),
        ("publish and subscribe", behaviour::publish_and_subscribe),
        ("a slow subscriber is disconnected", behaviour::a_slow_subscriber_is_disconnected),
        ("QUIT closes the connection", behaviour::quit_closes_the_connection),
        ("connections are limited", behaviour::connections_are_limited),
        ("unanswered requests are limited", behaviour::unanswered_requests_are_limited),
        ("announcements take no memory", behaviour::announcements_take_no_memory),
        ("a thousand commands in one pipeline", behaviour::a_thousand_commands_in_one_pipeline),
        ("a split command is answered once", behaviour::a_split_command_is_answered_once),
    ];
    tests.into_iter().map(|(name, test)| Trial::test(format!("behaviour: {name}"), test)).collect()
}

/// mini_redis beside the real server.
fn comparison(redis: &Tool) -> Vec<Trial> {
    let tests: [(&str, Test); 6] = [
        ("malformed requests", comparison::malformed_requests),
        ("split frames", comparison::split_frames),
        ("random commands", comparison::random_commands),
        ("interleaved clients", comparison::interleaved_clients),
        ("one client too many", comparison::one_client_too_many),
        ("known differences", comparison::known_differences),
    ];
    let groups = cases::GROUPS
        .iter()
        .map(|&(name, lines)| redis.trial(format!("comparison: {name}"), move || comparison::group(lines)));
    let tests = tests.into_iter().map(|(name, test)| redis.trial(format!("comparison: {name}"), test));
    groups.chain(tests).collect()
}

/// mini_redis under load.
fn benchmark() -> Vec<Trial> {
    let tool = Tool::find("redis-benchmark");
    let depths = ["1", "16"].into_iter();
    depths.map(|depth| tool.trial(format!("benchmark: pipelines of {depth}"), move || benchmark::run(depth))).collect()
}

/// A client of ours and the real server.
fn client(redis: &Tool) -> Vec<Trial> {
    let tests: [(&str, Test); 5] = [
        ("commands", hanol_client::commands),
        ("a pipeline", hanol_client::pipeline),
        ("a megabyte", hanol_client::a_megabyte),
        ("commands over a path", unix_client::commands),
        ("a pipeline over a path", unix_client::pipeline),
    ];
    tests.into_iter().map(|(name, test)| redis.trial(format!("client: {name}"), test)).collect()
}

/// A program that some trials need.
struct Tool {
    skipped: bool,
}

impl Tool {
    /// Looks for the program, and says so if its trials are skipped for want of it.
    fn find(program: &str) -> Self {
        let version = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        let required = std::env::var_os("HANOL_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        let skipped = version.is_err() && !required;
        if skipped {
            eprintln!("SKIPPED: {program} is not installed");
        }
        Self { skipped }
    }

    /// A trial that is ignored when the program is missing. When it is required, the trial fails by itself.
    fn trial(&self, name: String, test: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
        Trial::test(name, test).with_ignored_flag(self.skipped)
    }
}
