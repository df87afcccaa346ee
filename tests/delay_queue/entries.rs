//! Entries: in which order and when they come out, and how they are found, moved and removed.

use std::collections::HashSet;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use hanol::runtime::Builder;
use hanol::time::delay_queue::{Expired, Key};
use hanol::time::{DelayQueue, Instant, advance, sleep};

use crate::timing::{HOUR, Random, millis, panic_message, sized};
use crate::value;

#[hanol::test(start_paused = true)]
async fn entries_come_out_at_their_deadlines_in_order() {
    let start = Instant::now();
    let mut queue = DelayQueue::new();
    let second = queue.insert("second", millis(200));
    let first = queue.insert_at("first", start + millis(100));
    queue.insert("third", HOUR);
    assert_eq!(queue.len(), 3);
    assert_eq!(queue.deadline(&first), start + millis(100));

    let expired = queue.expired().await.unwrap();
    assert_eq!((*expired.get_ref(), expired.key(), expired.deadline()), ("first", first, start + millis(100)));
    assert_eq!(start.elapsed(), millis(100));

    let mut expired = queue.expired().await.unwrap();
    assert_eq!(expired.key(), second);
    expired.get_mut().clone_from(&"changed");
    assert_eq!(expired.into_inner(), "changed");
    assert_eq!(start.elapsed(), millis(200));

    assert_eq!(value(queue.expired().await), Some("third"));
    assert_eq!(start.elapsed(), HOUR);
    assert!(queue.is_empty());
    assert!(queue.expired().await.is_none());
}

#[hanol::test(start_paused = true)]
async fn equal_deadlines_come_out_in_the_order_of_insertion() {
    let deadline = Instant::now() + HOUR;
    let mut queue = DelayQueue::new();
    for number in 0..1000 {
        if number % 100 == 0 {
            // From ever closer by.
            sleep(millis(number * 3)).await;
        }
        queue.insert_at(number, deadline);
    }
    for number in 0..1000 {
        assert_eq!(value(queue.expired().await), Some(number));
    }
    assert_eq!(Instant::now(), deadline);
}

#[test]
fn a_hundred_thousand_entries_come_out_each_at_its_own_time_and_share_a_timer() {
    const COUNT: usize = 100_000;
    let runtime = Builder::new().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let mut random = Random(11);
        let mut queue = DelayQueue::with_capacity(COUNT);
        let capacity = queue.capacity();
        let mut keys = Vec::new();
        for number in 0..COUNT {
            let delay = millis(random.next() % [1_000, 100_000, 100_000_000][number % 3]);
            keys.push(queue.insert(number, delay));
        }
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), COUNT);
        assert_eq!(queue.capacity(), capacity, "no memory was allocated");
        assert_eq!(runtime.metrics().timers, 0, "nobody waits");
        for number in (0..COUNT).step_by(4) {
            assert_eq!(queue.remove(&keys[number]).into_inner(), number);
        }
        for number in (1..COUNT).step_by(4) {
            queue.reset(&keys[number], millis(random.next() % 1_000_000));
        }
        let mut last = start;
        let mut count = 0;
        while let Some(expired) = queue.expired().await {
            assert_eq!(expired.deadline().max(last), Instant::now());
            assert!(expired.deadline() >= last, "out of order");
            last = expired.deadline();
            assert_ne!(expired.into_inner() % 4, 0);
            assert!(runtime.metrics().timers <= 1);
            count += 1;
        }
        assert_eq!(count, COUNT / 4 * 3);
    });
}

#[hanol::test(start_paused = true)]
async fn entries_are_removed_before_their_time_and_also_when_it_has_come() {
    let mut queue = DelayQueue::new();
    let keys: Vec<Key> = (0..5).map(|number| queue.insert(number, millis(10))).collect();
    let removed = queue.remove(&keys[1]);
    assert_eq!((*removed.get_ref(), removed.key()), (1, keys[1]));
    advance(millis(20)).await;
    assert_eq!(value(queue.expired().await), Some(0));
    // The others are due as well and have not come out yet.
    assert_eq!(queue.try_remove(&keys[2]).map(Expired::into_inner), Some(2));
    assert_eq!(queue.len(), 2);
    queue.reset(&keys[3], millis(5));
    assert_eq!(value(queue.expired().await), Some(4));
    assert_eq!(value(queue.expired().await), Some(3));
    assert!(queue.is_empty());
}

#[hanol::test(start_paused = true)]
async fn a_key_finds_nothing_when_its_entry_is_gone() {
    let mut queue = DelayQueue::new();
    let removed = queue.insert('a', millis(1));
    queue.remove(&removed);
    let expired = queue.insert('b', millis(1));
    queue.expired().await.unwrap();
    let cleared = queue.insert('c', millis(1));
    queue.clear();
    let present = queue.insert('d', millis(1));

    let message = "this key has no entry in the delay queue: it has come out, or was removed";
    for stale in [removed, expired, cleared] {
        assert_ne!(stale, present);
        assert!(queue.try_remove(&stale).is_none());
        assert_eq!(panic_message(|| queue.remove(&stale)), message);
        assert_eq!(panic_message(|| queue.reset(&stale, HOUR)), message);
        assert_eq!(panic_message(|| queue.reset_at(&stale, Instant::now())), message);
        assert_eq!(panic_message(|| queue.deadline(&stale)), message);
    }
    assert_eq!((queue.len(), queue.peek()), (1, Some(present)));
    assert_eq!(value(queue.expired().await), Some('d'));
}

#[hanol::test(start_paused = true)]
async fn entries_are_moved_both_ways() {
    let start = Instant::now();
    let mut queue = DelayQueue::new();
    let later = queue.insert("later", millis(10));
    let earlier = queue.insert("earlier", HOUR);
    queue.insert("stays", millis(50));
    queue.reset(&later, HOUR);
    queue.reset_at(&earlier, start + millis(20));
    assert_eq!(queue.deadline(&later), start + HOUR);
    for (expected, at) in [("earlier", millis(20)), ("stays", millis(50)), ("later", HOUR)] {
        assert_eq!(value(queue.expired().await), Some(expected));
        assert_eq!(start.elapsed(), at);
    }
}

#[hanol::test(start_paused = true)]
async fn what_is_due_when_it_is_inserted_comes_out_at_once() {
    let mut queue = DelayQueue::new();
    sleep(HOUR).await;
    queue.insert("now", Duration::ZERO);
    queue.insert_at("long ago", Instant::now() - HOUR / 2);
    let moved = queue.insert("moved", HOUR);
    queue.reset_at(&moved, Instant::now());
    let mut taken = HashSet::new();
    for _ in 0..3 {
        let Poll::Ready(expired) = poll!(queue.expired()) else { panic!("it is due") };
        taken.insert(value(expired).unwrap());
    }
    assert_eq!(taken, HashSet::from(["now", "long ago", "moved"]));

    // Also what has become due while nobody looked.
    queue.insert("soon", millis(5));
    advance(millis(5)).await;
    assert!(poll!(queue.expired()).is_ready());
}

#[hanol::test(start_paused = true)]
async fn nothing_comes_out_early() {
    let mut queue = DelayQueue::new();
    queue.insert((), Duration::from_micros(1_500));
    advance(millis(1)).await;
    assert!(poll!(queue.expired()).is_pending());
    advance(Duration::from_micros(500)).await;
    let mut expired = Box::pin(queue.expired());
    assert!(poll!(&mut expired).is_pending(), "the tick after the deadline has not begun");
    advance(Duration::from_micros(500)).await;
    assert!(poll!(&mut expired).is_ready());
}

/// By the clock that goes.
#[hanol::test]
async fn nothing_comes_out_early_by_the_systems_clock() {
    let mut random = Random(3);
    let mut queue = DelayQueue::new();
    for _ in 0..500 {
        queue.insert((), random.duration(millis(20)));
    }
    while let Some(expired) = queue.expired().await {
        assert!(Instant::now() >= expired.deadline());
    }
}

#[hanol::test(start_paused = true)]
async fn entries_that_are_never_due_keep_no_other_waiting() {
    let start = Instant::now();
    let mut queue = DelayQueue::new();
    let never = queue.insert("never", Duration::MAX);
    queue.insert("in a century", HOUR * 24 * 365 * 100);
    queue.insert("soon", millis(1));
    assert_eq!(value(queue.expired().await), Some("soon"));
    assert_eq!(value(queue.expired().await), Some("in a century"));
    assert_eq!(start.elapsed(), HOUR * 24 * 365 * 100);
    // There is nothing to jump to, neither to never nor to a stop on the way.
    assert!(poll!(queue.expired()).is_pending());
    let before = Instant::now();
    let (sender, receiver) = async_channel::bounded(1);
    let thread = std::thread::spawn(move || sender.send_blocking(()));
    receiver.recv().await.unwrap();
    thread.join().unwrap().unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
    queue.reset(&never, millis(1));
    assert_eq!(value(queue.expired().await), Some("never"));
}

#[hanol::test(start_paused = true)]
async fn peek_tells_the_next_one() {
    let mut queue = DelayQueue::new();
    assert_eq!(queue.peek(), None);
    let far = queue.insert((), HOUR);
    assert_eq!(queue.peek(), Some(far));
    let near = queue.insert((), millis(70));
    let nearest = queue.insert((), millis(69));
    assert_eq!(queue.peek(), Some(nearest));
    queue.reset(&nearest, HOUR * 2);
    assert_eq!(queue.peek(), Some(near));
    advance(HOUR * 3).await;
    for key in [near, far, nearest] {
        assert_eq!(queue.peek(), Some(key));
        assert_eq!(queue.expired().await.unwrap().key(), key);
    }
}

#[hanol::test(start_paused = true)]
async fn memory_is_reserved() {
    let mut queue = DelayQueue::with_capacity(10);
    assert!(queue.capacity() >= 10);
    for _ in 0..10 {
        queue.insert((), HOUR);
    }
    queue.reserve(100);
    assert!(queue.capacity() >= 110);
    let capacity = queue.capacity();
    queue.clear();
    assert_eq!((queue.len(), queue.capacity()), (0, capacity));
    assert_eq!(format!("{queue:?}"), "DelayQueue { len: 0, .. }");
}

/// Long random runs against a plain list.
#[hanol::test(start_paused = true)]
async fn a_queue_behaves_like_a_sorted_list() {
    let mut random = Random(5);
    let mut queue = DelayQueue::new();
    let mut list: Vec<(Instant, Key)> = Vec::new();
    for step in 0..sized(5_000, 50_000) {
        match random.next() % 10 {
            0..5 => {
                let deadline = Instant::now() + millis(random.next() % [3, 300, 1_000_000][step % 3]);
                list.push((deadline, queue.insert_at(step, deadline)));
            }
            5 if !list.is_empty() => {
                let (deadline, key) = list.swap_remove(random.next() as usize % list.len());
                assert_eq!(queue.remove(&key).deadline(), deadline);
            }
            6 if !list.is_empty() => {
                let index = random.next() as usize % list.len();
                let deadline = Instant::now() + millis(random.next() % 1_000);
                queue.reset_at(&list[index].1, deadline);
                list[index].0 = deadline;
            }
            7 => advance(millis(random.next() % 200)).await,
            8 => {
                let due = list.iter().filter(|(deadline, _)| *deadline <= Instant::now()).count();
                let taken = poll!(queue.expired());
                assert_eq!(matches!(taken, Poll::Ready(Some(_))), due > 0);
                if let Poll::Ready(Some(expired)) = taken {
                    take(&mut list, &expired);
                }
            }
            _ => {
                if let Some(expired) = queue.expired().await {
                    assert!(expired.deadline() <= Instant::now());
                    take(&mut list, &expired);
                }
            }
        }
        assert_eq!(queue.len(), list.len());
    }
}

/// Takes an entry from the list, which must be its earliest.
fn take(list: &mut Vec<(Instant, Key)>, expired: &Expired<usize>) {
    let index = list.iter().position(|&(_, key)| key == expired.key()).expect("the entry was inserted");
    let (deadline, _) = list.swap_remove(index);
    assert_eq!(deadline, expired.deadline());
    let earlier = list.iter().find(|(other, _)| *other < deadline);
    assert_eq!(earlier, None, "an earlier entry was left behind");
}
