//! Each rule of the wheel by itself; `model` tries them all together.

use std::mem::size_of;
use std::task::Waker;

use super::{BITS_PER_LEVEL, Entry, LEVELS, TimerKey, Wheel};

mod model;

/// The first tick of each level above 0: 64, 64^2 up to 64^10.
fn level_boundaries() -> impl Iterator<Item = u64> {
    (1..LEVELS as u32).map(|level| 1 << (level * BITS_PER_LEVEL))
}

fn advance<T>(wheel: &mut Wheel<T>, now: u64) -> Vec<T> {
    let mut fired = Vec::new();
    wheel.advance(now, &mut fired);
    fired
}

#[test]
fn an_empty_wheel_has_nothing_to_do() {
    let mut wheel = Wheel::<()>::new();
    assert!(wheel.is_empty());
    assert_eq!(wheel.next_wake(), None);
    assert_eq!(advance(&mut wheel, u64::MAX), []);
    assert_eq!(wheel.next_wake(), None);
}

#[test]
fn a_timer_fires_at_its_tick_and_not_the_tick_before() {
    for boundary in level_boundaries() {
        for deadline in [boundary - 1, boundary, boundary + 1, boundary * 3 / 2] {
            let mut wheel = Wheel::new();
            wheel.insert(deadline, "timer");
            assert_eq!(advance(&mut wheel, deadline - 1), [""; 0], "{deadline}");
            assert_eq!(wheel.next_wake(), Some(deadline), "one tick before, it is on level 0 or due");
            assert_eq!(advance(&mut wheel, deadline), ["timer"], "{deadline}");
            assert!(wheel.is_empty());
        }
    }
}

#[test]
fn the_last_tick_of_all_can_be_a_deadline() {
    let mut wheel = Wheel::new();
    wheel.insert(u64::MAX, "last");
    wheel.insert(u64::MAX - 1, "last but one");
    assert_eq!(advance(&mut wheel, u64::MAX - 2), [""; 0]);
    assert_eq!(wheel.next_wake(), Some(u64::MAX - 1));
    assert_eq!(advance(&mut wheel, u64::MAX - 1), ["last but one"]);
    assert_eq!(advance(&mut wheel, u64::MAX), ["last"]);
    wheel.insert(u64::MAX, "armed at the very end");
    assert_eq!(advance(&mut wheel, u64::MAX), ["armed at the very end"]);
}

#[test]
fn one_jump_over_all_of_time_fires_everything_in_order() {
    let mut wheel = Wheel::new();
    for boundary in level_boundaries().collect::<Vec<_>>().into_iter().rev() {
        for deadline in [boundary + 1, boundary, boundary - 1] {
            wheel.insert(deadline, deadline);
        }
    }
    let fired = advance(&mut wheel, u64::MAX);
    assert_eq!(fired.len(), 3 * (LEVELS - 1));
    assert!(fired.is_sorted());
}

#[test]
fn a_deadline_that_has_passed_fires_at_the_next_advance() {
    let mut wheel = Wheel::new();
    advance(&mut wheel, 1_000);
    wheel.insert(1_001, "next tick");
    wheel.insert(1_000, "this tick");
    wheel.insert(3, "long ago");
    assert_eq!(wheel.next_wake(), Some(1_000));
    assert_eq!(advance(&mut wheel, 1_000), ["this tick", "long ago"]);
    assert_eq!(wheel.next_wake(), Some(1_001));
}

#[test]
fn time_does_not_run_backwards() {
    let mut wheel = Wheel::new();
    advance(&mut wheel, 1_000);
    wheel.insert(990, "passed");
    wheel.insert(1_001, "to come");
    assert_eq!(advance(&mut wheel, 5), ["passed"]);
    assert_eq!(wheel.next_wake(), Some(1_001));
}

#[test]
fn equal_deadlines_fire_in_the_order_armed_across_cascades() {
    for boundary in level_boundaries() {
        let deadline = boundary + boundary / 2 + 7;
        let mut wheel = Wheel::new();
        let mut armed = Vec::new();
        // From ever closer by, each time from another level.
        let mut distance = deadline;
        while distance > 0 {
            assert_eq!(advance(&mut wheel, deadline - distance), []);
            for _ in 0..2 {
                wheel.insert(deadline, armed.len());
                armed.push(armed.len());
            }
            distance /= 5;
        }
        assert_eq!(advance(&mut wheel, deadline), armed, "{deadline}");
    }
}

#[test]
fn a_timer_wakes_the_wheel_no_more_often_than_it_cascades() {
    for (deadline, wakes) in [(50, 1), (64, 1), (65, 2), (60_000, 3), (u64::MAX, LEVELS)] {
        let mut wheel = Wheel::new();
        wheel.insert(deadline, ());
        let mut seen = 0;
        while let Some(tick) = wheel.next_wake() {
            advance(&mut wheel, tick);
            seen += 1;
        }
        assert_eq!(seen, wakes, "{deadline}");
    }
}

#[test]
fn cancelling_gives_the_value_back_and_leaves_the_neighbours() {
    for cancelled in 0..5 {
        let mut wheel = Wheel::new();
        let keys: Vec<TimerKey> = (0..5).map(|value| wheel.insert(100, value)).collect();
        assert_eq!(wheel.cancel(keys[cancelled]), Some(cancelled));
        assert_eq!(wheel.cancel(keys[cancelled]), None);
        assert_eq!(wheel.len(), 4);
        let others: Vec<usize> = (0..5).filter(|&value| value != cancelled).collect();
        assert_eq!(advance(&mut wheel, 100), others);
    }
}

#[test]
fn cancelling_the_only_timer_leaves_nothing_to_wake_for() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(100, ());
    wheel.cancel(key);
    assert_eq!(wheel.next_wake(), None);
    assert!(wheel.is_empty());
}

#[test]
fn a_later_reset_keeps_its_bucket_until_that_comes_up() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(10, ());
    assert!(wheel.reset(key, 5_000));
    assert_eq!(wheel.deadline(key), Some(5_000));
    assert_eq!(wheel.next_wake(), Some(10));
    assert_eq!(advance(&mut wheel, 10), []);
    assert!(wheel.next_wake() > Some(10));
    assert_eq!(advance(&mut wheel, 4_999), []);
    assert_eq!(advance(&mut wheel, 5_000), [()]);
}

#[test]
fn an_earlier_reset_takes_effect_at_once() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(1_000_000, ());
    assert!(wheel.reset(key, 10));
    assert_eq!(wheel.next_wake(), Some(10));
    assert_eq!(advance(&mut wheel, 10), [()]);
}

#[test]
fn the_earliest_timer_is_found_behind_those_that_were_reset() {
    let mut wheel = Wheel::new();
    assert_eq!(wheel.earliest(), None);
    let far = wheel.insert(10_000, ());
    let moved = wheel.insert(10, ());
    let gone = wheel.insert(5, ());
    assert_eq!(wheel.earliest(), Some((gone, 5)));
    wheel.cancel(gone);
    assert_eq!(wheel.earliest(), Some((moved, 10)));
    wheel.reset(moved, 20_000);
    assert_eq!(wheel.earliest(), Some((far, 10_000)));
    wheel.reset(moved, 9_999);
    assert_eq!(wheel.earliest(), Some((moved, 9_999)));
    assert_eq!(advance(&mut wheel, 9_998), []);
    assert_eq!(wheel.earliest(), Some((moved, 9_999)));
}

#[test]
fn what_is_due_can_be_cancelled_and_reset_until_it_is_taken() {
    let mut wheel = Wheel::new();
    let keys = [100, 100, 100, 70, 300].map(|deadline| wheel.insert(deadline, deadline));
    assert_eq!(wheel.pop(99), Some((keys[3], 70)));
    assert_eq!(wheel.pop(99), None);
    assert_eq!(wheel.pop(200), Some((keys[0], 100)));
    assert_eq!(wheel.cancel(keys[1]), Some(100));
    assert!(wheel.reset(keys[2], 250));
    // The present is not further than what was taken out, so this deadline has not passed.
    let new = wheel.insert(150, 150);
    assert_eq!(wheel.pop(200), Some((new, 150)));
    assert_eq!(wheel.pop(200), None);
    assert_eq!(wheel.pop(300), Some((keys[2], 100)));
    assert_eq!(wheel.pop(300), Some((keys[4], 300)));
    assert!(wheel.is_empty());
}

#[test]
fn a_cleared_wheel_finds_none_of_its_keys() {
    let mut wheel = Wheel::new();
    let gone = wheel.insert(1, 1);
    advance(&mut wheel, 1);
    let keys: Vec<TimerKey> = [5, 70, 5_000, u64::MAX].map(|deadline| wheel.insert(deadline, deadline)).into();
    let mut values = wheel.clear();
    values.sort_unstable();
    assert_eq!(values, [5, 70, 5_000, u64::MAX]);
    assert!(wheel.is_empty());
    assert_eq!((wheel.next_wake(), wheel.earliest()), (None, None));
    let again = wheel.insert(2, 2);
    for key in keys.into_iter().chain([gone]) {
        assert_eq!(wheel.get(key), None);
        assert_eq!(wheel.cancel(key), None);
    }
    assert_eq!(wheel.get(again), Some(&2));
    assert_eq!(advance(&mut wheel, u64::MAX), [2]);
}

#[test]
fn memory_that_was_reserved_is_not_allocated_again() {
    let mut wheel = Wheel::new();
    assert_eq!(wheel.capacity(), 0);
    for deadline in 1..=10 {
        wheel.insert(deadline, ());
    }
    advance(&mut wheel, 5);
    wheel.reserve(100);
    let capacity = wheel.capacity();
    assert!(capacity >= 105);
    for deadline in 100..200 {
        wheel.insert(deadline, ());
    }
    assert_eq!(wheel.capacity(), capacity);
}

#[test]
fn the_value_can_be_exchanged_while_armed() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(10, "old");
    *wheel.get_mut(key).unwrap() = "new";
    assert_eq!(advance(&mut wheel, 10), ["new"]);
    assert_eq!(wheel.get_mut(key), None);
}

#[test]
fn a_reused_entry_is_not_found_by_its_former_key() {
    let mut wheel = Wheel::new();
    let fired = wheel.insert(1, "fired");
    advance(&mut wheel, 1);
    let cancelled = wheel.insert(2, "cancelled");
    wheel.cancel(cancelled);
    let armed = wheel.insert(3, "armed");
    assert_eq!([fired.slot, cancelled.slot], [armed.slot; 2], "one entry served all three");
    for stale in [fired, cancelled] {
        assert_ne!(stale, armed);
        assert_eq!(wheel.get_mut(stale), None);
        assert_eq!(wheel.deadline(stale), None);
        assert!(!wheel.reset(stale, 1_000));
        assert_eq!(wheel.cancel(stale), None);
    }
    assert_eq!(wheel.deadline(armed), Some(3));
    assert_eq!(advance(&mut wheel, 3), ["armed"]);
}

#[test]
fn an_entry_retires_when_its_generations_are_used_up() {
    let mut wheel = Wheel::new();
    let key = wheel.insert(1, ());
    wheel.cancel(key);
    wheel.entries[key.slot as usize].generation = u32::MAX - 1;
    let last = wheel.insert(1, ());
    assert_eq!(last, TimerKey { slot: key.slot, generation: u32::MAX - 1 });
    assert_eq!(wheel.cancel(last), Some(()));
    assert_ne!(wheel.insert(1, ()).slot, key.slot);
    assert_eq!(wheel.cancel(key), None);
}

#[test]
fn entries_are_reused_rather_than_added() {
    let mut wheel = Wheel::new();
    for now in 0..1_000 {
        let cancelled = wheel.insert(now + 50, ());
        wheel.insert(now + 10, ());
        wheel.cancel(cancelled);
        advance(&mut wheel, now);
    }
    assert!(wheel.entries.len() <= 12, "{} entries for 12 timers", wheel.entries.len());
}

#[test]
fn an_entry_with_a_waker_takes_40_bytes() {
    assert_eq!(size_of::<Entry<Waker>>(), 40);
}
