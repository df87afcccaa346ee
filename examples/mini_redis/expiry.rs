//! Removing keys when their time is over, so that they take no memory even if nobody asks for them again.

use std::time::Duration;

use hanol::task::yield_now;
use hanol::time::sleep;

use crate::state::{SharedState, wall_clock};
use crate::store::Milliseconds;

/// How many keys are removed before the other tasks get their turn.
const KEYS_PER_TURN: usize = 1000;
/// The longest sleep. Wall clocks are set now and then, and a timer does not notice.
const LONGEST_SLEEP: Milliseconds = 60_000;

/// Removes every key soon after its deadline, for as long as the server runs.
///
/// There is one timer however many keys there are: the task sleeps until the earliest deadline, or until a key comes
/// that will expire before it.
pub(crate) async fn remove_expired_keys(state: SharedState) {
    let earlier_deadline = state.borrow().store.earlier_deadline();
    loop {
        while !remove_some(&state) {
            yield_now().await;
        }
        let earliest = state.borrow().store.earliest_deadline();
        if let Some(deadline) = earliest {
            hanol::select! {
                () = sleep(time_until(deadline)) => {}
                () = earlier_deadline.notified() => {}
            }
        } else {
            earlier_deadline.notified().await;
        }
    }
}

/// Removes keys that are due; true if none is left.
fn remove_some(state: &SharedState) -> bool {
    let store = &mut state.borrow_mut().store;
    store.set_now(wall_clock());
    store.remove_expired(KEYS_PER_TURN)
}

/// How long to sleep until a key with this deadline is expired, which it is one millisecond after.
fn time_until(deadline: Milliseconds) -> Duration {
    let wait = deadline.saturating_sub(wall_clock()).saturating_add(1);
    Duration::from_millis(wait.clamp(0, LONGEST_SLEEP).unsigned_abs())
}
