//! The load that `redis-benchmark` makes.

use std::process::Command;

use libtest_mimic::Failed;

use crate::servers::Server;

const TESTS: &str = "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset";
/// A line of the report that each of the tests leaves.
const REPORTED: &[&str] = &[
    "PING",
    "SET",
    "GET",
    "INCR",
    "LPUSH",
    "RPUSH",
    "LPOP",
    "RPOP",
    "SADD",
    "HSET",
    "SPOP",
    "ZADD",
    "ZPOPMIN",
    "LRANGE_600",
    "MSET",
];
/// What stands in the report when something went wrong.
const COMPLAINTS: &[&str] = &["ERR", "Error", "error", "WARNING", "WRONGTYPE"];

/// Runs all tests with pipelines of the given depth.
pub(crate) fn run(pipeline: &str) -> Result<(), Failed> {
    let server = Server::mini_redis(&[]);
    let requests = std::env::var("REDIS_BENCHMARK_N").unwrap_or_else(|_| "2000".to_owned());
    let port = server.address.port().to_string();
    let output = Command::new("redis-benchmark")
        .args(["-h", "127.0.0.1", "-p", &port, "-t", TESTS, "-n", &requests, "-c", "50", "-P", pipeline, "-q"])
        .output()?;
    let report = [output.stdout, output.stderr].concat();
    let report = String::from_utf8_lossy(&report);
    let complaint = COMPLAINTS.iter().find(|complaint| report.contains(**complaint));
    let missing = REPORTED.iter().find(|test| !report.contains(**test));
    if !output.status.success() || complaint.is_some() || missing.is_some() {
        let status = output.status;
        return Err(format!("{status}, complaint {complaint:?}, missing {missing:?}, report:\n{report}").into());
    }
    let answer = server.connect().ask("PING");
    if answer == "+PONG\r\n" { Ok(()) } else { Err(format!("afterwards, PING is answered with {answer:?}").into()) }
}
