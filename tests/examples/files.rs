//! What `files` counts.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use async_process::Command;

use crate::program::{Ended, run};
use crate::temporary::TemporaryDirectory;
use crate::within_patience;

#[hanol::test]
async fn it_counts_what_wc_counts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wc = Command::new("find");
    wc.arg(&root).args(["-type", "f", "-exec", "wc", "-l", "{}", "+"]);
    let output = within_patience("wc", wc.output()).await.expect("find and wc are there").stdout;
    let output = String::from_utf8(output).expect("the paths are text");
    // There is a total for each time that `find` calls `wc`.
    let mut expected: Vec<(u64, &str)> =
        output.lines().map(count_and_path).filter(|(_, path)| *path != "total").collect();
    expected.sort_unstable();
    assert!(expected.len() > 50, "{output}");

    let ended = run("files", &[&root]).await;
    let (counts, total) = counts_and_total(&ended);
    assert_eq!(counts, expected);
    let lines: u64 = expected.iter().map(|(lines, _)| lines).sum();
    assert_eq!(total, (lines, &*format!("total in {} files", expected.len())));
}

#[hanol::test]
async fn links_are_not_followed_and_a_line_needs_an_end() {
    let directory = TemporaryDirectory::new();
    let root = directory.path();
    fs::create_dir_all(root.join("a/b")).unwrap();
    fs::write(root.join("empty"), "").unwrap();
    fs::write(root.join("a/half"), "no end").unwrap();
    fs::write(root.join("a/b/two"), "one\ntwo\nand").unwrap();
    // More than is read at once.
    fs::write(root.join("a/many"), "0123456789\n".repeat(20_000)).unwrap();
    symlink(root, root.join("a/back")).unwrap();
    symlink(root.join("a/many"), root.join("again")).unwrap();

    let ended = run("files", &[root]).await;
    let (counts, total) = counts_and_total(&ended);
    let path = |name: &str| root.join(name).display().to_string();
    let expected = [(0, path("a/half")), (0, path("empty")), (2, path("a/b/two")), (20_000, path("a/many"))];
    assert!(counts.into_iter().eq(expected.iter().map(|(lines, path)| (*lines, &**path))), "{}", ended.output);
    assert_eq!(total, (20_002, "total in 4 files"));
}

#[hanol::test]
async fn a_file_alone_is_counted() {
    let directory = TemporaryDirectory::new();
    let path = directory.path().join("file");
    fs::write(&path, "one\n").unwrap();
    let ended = run("files", &[&path]).await;
    ended.assert_well(&format!("       1 {}\n       1 total in 1 files\n", path.display()));
}

#[hanol::test]
async fn what_cannot_be_read_is_told() {
    let directory = TemporaryDirectory::new();
    let missing = directory.path().join("missing");
    let ended = run("files", &[&missing]).await;
    assert_eq!((ended.code, &*ended.output), (Some(1), "       0 total in 0 files\n"));
    assert!(ended.errors.starts_with(&format!("files: {}: ", missing.display())), "{}", ended.errors);
}

/// The lines of the output, the last of them apart.
#[track_caller]
fn counts_and_total(ended: &Ended) -> (Vec<(u64, &str)>, (u64, &str)) {
    assert_eq!((ended.code, &*ended.errors), (Some(0), ""));
    let mut counts: Vec<(u64, &str)> = ended.output.lines().map(count_and_path).collect();
    let total = counts.pop().expect("there is a total");
    (counts, total)
}

fn count_and_path(line: &str) -> (u64, &str) {
    let (count, path) = line.trim_start().split_once(' ').expect("a line has a number and a path");
    (count.parse().expect("it is a number"), path)
}
