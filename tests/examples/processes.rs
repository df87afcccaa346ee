//! What `processes` prints, and what it leaves running: nothing.

use async_process::Command;
use futures_util::future;

use crate::program::run;
use crate::temporary::TemporaryDirectory;
use crate::within_patience;

#[hanol::test]
async fn each_line_says_which_command_printed_it() {
    let ended = run("processes", &["60", "echo one; echo two", "echo three >&2", "exit 0"]).await;
    assert_eq!((ended.code, &*ended.errors), (Some(0), ""));
    // The commands run at once, so only the lines of one of them have an order.
    let of = |number: &str| ended.output.lines().filter(|line| line.starts_with(number)).collect::<Vec<_>>();
    assert_eq!(of("[0]"), ["[0] out: one", "[0] out: two", "[0] ended with exit status: 0"]);
    assert_eq!(of("[1]"), ["[1] err: three", "[1] ended with exit status: 0"]);
    assert_eq!(of("[2]"), ["[2] ended with exit status: 0"]);
    assert_eq!(ended.output.lines().count(), 6, "{}", ended.output);
}

#[hanol::test]
async fn a_command_that_fails_is_told_by_the_exit_code() {
    let ended = run("processes", &["60", "exit 3"]).await;
    assert_eq!((ended.code, &*ended.output), (Some(1), "[0] ended with exit status: 3\n"));
}

/// A command that takes too long is ended with all that it has started: the pipe which they hold comes to its end.
#[hanol::test]
async fn a_command_that_takes_too_long_is_killed_with_its_children() {
    let directory = TemporaryDirectory::new();
    let pipe = directory.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(within_patience("mkfifo", made).await.expect("mkfifo is there").success());

    let command = format!("(echo begun; sleep 600) > '{}' & echo started; wait", pipe.display());
    let (ended, held) = future::join(
        run("processes", &["1", &command, "echo quick"]),
        within_patience("the end of the children", async_fs::read(&pipe)),
    )
    .await;
    assert_eq!(held.expect("the pipe can be read"), b"begun\n");
    assert_eq!(ended.code, Some(1));
    let mut lines: Vec<&str> = ended.output.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "[0] out: started",
            "[0] took longer than 1s and was killed",
            "[1] ended with exit status: 0",
            "[1] out: quick"
        ],
    );
}

#[hanol::test]
async fn wrong_arguments_are_told() {
    for arguments in [&[][..], &["5"], &["soon", "true"], &["-1", "true"], &["inf", "true"]] {
        let ended = run("processes", arguments).await;
        assert_eq!((ended.code, &*ended.output), (Some(2), ""), "{arguments:?}");
        assert_eq!(ended.errors, "usage: processes <seconds> <command>...\n");
    }
}
