//! Time outside a runtime: nothing can be awaited there, and the panic says what to do.

use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use hanol::time::{interval, sleep, timeout};

use crate::timing::{HOUR, panic_message};

fn poll<F: Future>(future: F) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[track_caller]
fn assert_says_what_to_do(message: &str, line: u32) {
    assert!(message.contains("outside a hanol runtime"), "{message}");
    assert!(message.contains("hanol::block_on"), "{message}");
    assert!(message.contains(&format!("{}:{line}:", file!())), "it names the line of the call: {message}");
}

#[test]
fn a_sleep_that_is_polled_outside_a_runtime_panics() {
    for duration in [Duration::ZERO, HOUR] {
        let (sleep, line) = (sleep(duration), line!());
        assert_says_what_to_do(&panic_message(|| poll(sleep)), line);
    }
}

#[test]
fn a_limit_that_is_polled_outside_a_runtime_panics_unless_the_future_is_ready() {
    let (limited, line) = (timeout(HOUR, pending::<()>()), line!());
    assert_says_what_to_do(&panic_message(|| poll(limited)), line);
    assert!(poll(timeout(Duration::ZERO, ready(()))));
}

#[test]
fn an_interval_that_is_polled_outside_a_runtime_panics() {
    let (mut interval, line) = (interval(HOUR), line!());
    // The first tick is due at once and takes no timer.
    assert!(poll(interval.tick()));
    assert_says_what_to_do(&panic_message(|| poll(interval.tick())), line);
    // It is not broken by that.
    interval.reset_after(Duration::ZERO);
    hanol::block_on(interval.tick());
}
