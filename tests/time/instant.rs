//! Instants of the runtime's clock.

use std::time::Duration;

use hanol::time::Instant;

use crate::timing::{HOUR, millis, panic_message};

#[test]
fn instants_add_and_subtract_durations() {
    let now = Instant::now();
    let later = now + HOUR;
    assert!(later > now);
    assert_eq!(later - HOUR, now);
    assert_eq!(later - now, HOUR);
    assert_eq!(later.duration_since(now), HOUR);
    assert_eq!(later.checked_duration_since(now), Some(HOUR));
    assert_eq!(now.checked_add(HOUR), Some(later));
    assert_eq!(later.checked_sub(HOUR), Some(now));

    let mut moved = now;
    moved += HOUR;
    assert_eq!(moved, later);
    moved -= HOUR;
    assert_eq!(moved, now);
}

#[test]
fn the_difference_to_a_later_instant_is_zero() {
    let now = Instant::now();
    let later = now + millis(1);
    assert_eq!(now - later, Duration::ZERO);
    assert_eq!(now.duration_since(later), Duration::ZERO);
    assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
    assert_eq!(now.checked_duration_since(later), None);
    assert_eq!((now + HOUR).elapsed(), Duration::ZERO);
}

#[test]
fn what_the_clock_cannot_express_is_none_or_a_panic() {
    let now = Instant::now();
    assert_eq!(now.checked_add(Duration::MAX), None);
    assert_eq!(now.checked_sub(Duration::MAX), None);
    panic_message(|| now + Duration::MAX);
    panic_message(|| now - Duration::MAX);
}

#[test]
fn it_is_the_systems_monotonic_clock() {
    let before = std::time::Instant::now();
    let now = Instant::now();
    let after = std::time::Instant::now();
    assert!(before <= now.into_std() && now.into_std() <= after);
    assert_eq!(Instant::from_std(before).into_std(), before);
    assert_eq!(std::time::Instant::from(Instant::from(before)), before);
    std::thread::sleep(millis(1));
    assert!(now.elapsed() >= millis(1));
    assert_eq!(format!("{now:?}"), format!("{:?}", now.into_std()));
}
