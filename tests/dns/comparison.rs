//! The program beside `dig`.

use std::process::Command;

use libtest_mimic::Failed;

use crate::dnsmasq::{Dnsmasq, MANY};
use crate::stub::{ask, said};

/// A name, a type, and how many lines the answer has.
pub(crate) const CASES: &[(&str, &str, usize)] = &[
    ("one.test", "A", 1),
    ("one.test.", "A", 1),
    ("ONE.Test", "A", 1),
    ("one.test", "AAAA", 0),
    ("six.test", "AAAA", 1),
    ("both.test", "A", 1),
    ("both.test", "AAAA", 1),
    ("both.test", "CNAME", 0),
    ("alias.test", "A", 2),
    ("alias.test", "AAAA", 2),
    ("alias.test", "CNAME", 1),
    ("alias-of-alias.test", "A", 3),
    ("anything.wild.test", "A", 1),
    // Over TCP.
    ("many.test", "A", MANY as usize),
    ("does-not-exist.test", "A", 0),
    // A name of which the server knows nothing, and nobody to ask.
    ("www.example", "A", 0),
    (".", "A", 0),
];

pub(crate) fn compare(name: &str, record_type: &str, lines: usize) -> Result<(), Failed> {
    let server = Dnsmasq::start();
    let arguments = ["+short", "+tries=1", "@127.0.0.1", "-p", &server.address.port().to_string(), name, record_type];
    let dig = said(Command::new("dig").args(arguments).output()?);
    let stub = ask(server.address, name, record_type);
    assert_eq!((dig.code, stub.code), (Some(0), Some(0)), "{dig:?} {stub:?}");

    // The server shuffles addresses.
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&stub.output), sorted(&dig.output), "{stub:?}");
    assert_eq!(stub.output.lines().count(), lines, "{stub:?}");
    Ok(())
}
