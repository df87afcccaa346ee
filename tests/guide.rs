//! The tests that the guide's chapter on testing shows. As documentation they are not compiled: a doc test leaves functions
//! with `#[test]` out.

#[path = "guide/hangs.rs"]
mod hangs;
#[path = "guide/passes.rs"]
mod passes;

use std::time::Duration;

use hanol::time::timeout;

const CHAPTER: &str = include_str!("../docs/guide/testing.md");

/// In the guide it is a test that fails because it hangs. It hangs.
#[hanol::test(start_paused = true)]
async fn the_test_that_hangs_does() {
    assert!(timeout(Duration::from_secs(3600), hangs::the_server_says_its_name()).await.is_err());
}

#[test]
fn the_guide_shows_these_tests() {
    let shown: Vec<&str> = CHAPTER
        .split("```")
        .filter_map(|part| part.strip_prefix("rust\n"))
        .filter(|program| program.contains("#[hanol::test"))
        // From the first function on; what it is marked with differs for the one that hangs.
        .filter_map(|program| program.find("async fn").map(|start| &program[start..]))
        .collect();
    assert_eq!(shown.len(), 2);
    for (shown, tested) in shown.into_iter().zip([include_str!("guide/passes.rs"), include_str!("guide/hangs.rs")]) {
        assert!(tested.contains(shown), "this is no longer what is tested:\n{shown}");
    }
}
