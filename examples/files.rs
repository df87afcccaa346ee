//! Files: counts the lines of all files below a directory, many at once.
//!
//! ```text
//! cargo run --release --example files -- src
//! ```
//!
//! This gives the same numbers: `find src -type f -print0 | xargs -0 wc -l | sort`.
//!
//! The system has no way to wait for a file, so the `async-fs` crate reads on threads of its own. To the tasks here that is
//! a wait like any other: the runtime's thread goes on with other things meanwhile.

use std::cell::Cell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use async_fs::File;
use futures_util::{AsyncReadExt, TryStreamExt};
use hanol::sync::Semaphore;
use hanol::task::{AbortOnDropHandle, JoinSet};
use hanol::time::interval;

/// How many files are open at once. A process may have 1,024 descriptors unless it was given more.
const OPEN_AT_ONCE: usize = 64;

/// How much of a file is read at once, in bytes.
const PIECE: usize = 64 * 1024;

#[hanol::main]
async fn main() -> io::Result<ExitCode> {
    let root = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let counter = Rc::new(Counter::default());
    // It goes on while the files are read: nothing here blocks the thread.
    let progress = AbortOnDropHandle::new(hanol::spawn(show_progress(Rc::clone(&counter))));
    let mut counts = count_below(root, &counter).await;
    drop(progress);

    counts.sort();
    let total: u64 = counts.iter().map(|(lines, _)| lines).sum();
    let mut output = io::BufWriter::new(io::stdout().lock());
    for (lines, path) in &counts {
        writeln!(output, "{lines:8} {}", path.display())?;
    }
    writeln!(output, "{total:8} total in {} files", counts.len())?;
    output.flush()?;
    Ok(if counter.failures.get() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How far the counting has come.
#[derive(Default)]
struct Counter {
    files: Cell<usize>,
    failures: Cell<usize>,
}

impl Counter {
    /// Tells of something that cannot be read. The rest is counted all the same.
    fn fail(&self, path: &Path, error: &io::Error) {
        eprintln!("files: {}: {error}", path.display());
        self.failures.set(self.failures.get() + 1);
    }
}

async fn show_progress(counter: Rc<Counter>) {
    let mut seconds = interval(Duration::from_secs(1));
    // The first tick is now.
    seconds.tick().await;
    loop {
        seconds.tick().await;
        eprintln!("{} files so far", counter.files.get());
    }
}

/// The lines of a file, or of all files below a directory.
async fn count_below(root: PathBuf, counter: &Rc<Counter>) -> Vec<(u64, PathBuf)> {
    let places = Rc::new(Semaphore::new(OPEN_AT_ONCE));
    let mut counting = JoinSet::new();
    let mut unseen = vec![root];
    while let Some(path) = unseen.pop() {
        match look(&path).await {
            Ok(Found::Directory(entries)) => unseen.extend(entries),
            Ok(Found::File) => {
                // Before the task is spawned, so that there are never more tasks than places.
                let place = Rc::clone(&places).acquire_owned().await.expect("the semaphore is never closed");
                let counter = Rc::clone(counter);
                counting.spawn(async move {
                    let lines = count(&path).await.inspect_err(|error| counter.fail(&path, error)).ok()?;
                    drop(place);
                    counter.files.set(counter.files.get() + 1);
                    Some((lines, path))
                });
            }
            Ok(Found::Other) => {}
            Err(error) => counter.fail(&path, &error),
        }
    }
    let mut counts = Vec::with_capacity(counting.len());
    while let Some(counted) = counting.join_next().await {
        counts.extend(counted.expect("counting does not panic"));
    }
    counts
}

/// What is at a path.
enum Found {
    File,
    Directory(Vec<PathBuf>),
    /// A pipe, a device, or a link, which may lead anywhere, also back.
    Other,
}

async fn look(path: &Path) -> io::Result<Found> {
    let kind = async_fs::symlink_metadata(path).await?.file_type();
    if kind.is_dir() {
        let entries = async_fs::read_dir(path).await?;
        Ok(Found::Directory(entries.map_ok(|entry| entry.path()).try_collect().await?))
    } else {
        Ok(if kind.is_file() { Found::File } else { Found::Other })
    }
}

/// The lines of one file, read in pieces.
async fn count(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path).await?;
    let mut piece = vec![0; PIECE];
    let mut lines = 0;
    loop {
        let n = file.read(&mut piece).await?;
        if n == 0 {
            return Ok(lines);
        }
        lines += piece[..n].iter().filter(|&&byte| byte == b'\n').count() as u64;
    }
}
