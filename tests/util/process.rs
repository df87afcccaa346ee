//! Tests in a process of their own, for what belongs to a process: descriptors, and limits.

use std::env;
use std::fs;
use std::process::Command;

/// Says to a process which test it is made for.
const ALONE: &str = "HANOL_TEST_ALONE";

/// Runs `body` as the only test of a new process. `test` is the name of the calling test: the process is this program
/// again, told to run that test, and comes by here as well.
#[track_caller]
pub(crate) fn in_own_process(test: &str, body: impl FnOnce()) {
    if env::var_os(ALONE).is_some_and(|alone| alone == test) {
        return body();
    }
    let program = env::current_exe().expect("a process knows its program");
    let arguments = ["--exact", test, "--test-threads=1", "--nocapture"];
    let output = Command::new(program).args(arguments).env(ALONE, test).output().expect("the program can be run again");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    // A name that is misspelt would run no test, and that would count as success.
    assert!(output.status.success() && text.contains("1 passed"), "`{test}` in its own process: {text}");
}

/// How many descriptors this process has open. Only in a process of its own does a test know whose they are.
pub(crate) fn open_descriptors() -> usize {
    // The one that reads the list is in the list.
    fs::read_dir("/proc/self/fd").expect("Linux lists the descriptors there").count() - 1
}
