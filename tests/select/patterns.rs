//! Patterns: those that match an output, those that do not, and what they bind.

use std::future::{pending, ready};

use hanol::select;

use crate::futures::Log;

const SEVEN: u32 = 7;

#[hanol::test]
async fn a_pattern_that_does_not_match_disables_its_branch() {
    let mut polls = 0;
    let counted = std::future::poll_fn(|_| {
        polls += 1;
        std::task::Poll::Ready(None::<u32>)
    });
    let value = select! {
        Some(n) = counted => n,
        () = async { for _ in 0..3 { hanol::task::yield_now().await } } => 1,
    };
    assert_eq!((value, polls), (1, 1));
}

#[hanol::test]
async fn any_pattern_may_be_used() {
    struct Point {
        x: u32,
        y: u32,
    }
    let sum =
        select! { biased; Point { x, y: 2 } = ready(Point { x: 1, y: 2 }) => x, Point { y, .. } = pending() => y };
    assert_eq!(sum, 1);
    let value = select! {
        biased;
        SEVEN = ready(8) => 0,
        1..=5 | 9.. = ready(7) => 1,
        "text" = ready("other") => 2,
        [] | [_, _, ..] = ready(&[1][..]) => 3,
        Some(Ok(n) | Err(n)) = ready(None::<Result<u32, u32>>) => n,
        | SEVEN = ready(7) => 4,
        _ = ready(()) => 5,
    };
    assert_eq!(value, 4);
    let whole = select! { biased; whole @ Some(1 | 2) = ready(Some(2)) => whole, _ = ready(()) => None };
    assert_eq!(whole, Some(2));
    let (first, rest) = select! { [first, ref rest @ ..] = ready([1, 2, 3]) => (first, rest.len()), else => (0, 0) };
    assert_eq!((first, rest), (1, 2));
}

#[hanol::test]
async fn a_pattern_may_bind_by_value_by_reference_and_mutably() {
    let mut text = String::from("a");
    select! {
        mut owned = ready(String::from("b")) => {
            owned.push('c');
            text.push_str(&owned);
        }
    }
    select! {
        Some(ref mut owned) = ready(Some(String::from("d"))) => {
            owned.push('e');
            text.push_str(owned);
        }
        else => {}
    }
    select! {
        (ref left, right) = ready((String::from("f"), String::from("g"))) => text.extend([left.clone(), right]),
    }
    assert_eq!(text, "abcdefg");
}

#[hanol::test]
async fn a_pattern_may_look_through_references() {
    let values = [Some(1), None];
    let mut target = 5;
    let value = select! {
        biased;
        None = ready(&values[0]) => 0,
        Some(&n) = ready(Some(&7)) => n,
        else => 0,
    };
    assert_eq!(value, 7);
    let value = select! { &Some(n) = ready(&values[0]) => n, else => 0 };
    assert_eq!(value, 1);
    let value = select! { Some(n) = ready(&values[0]) => *n, else => 0 };
    assert_eq!(value, 1);
    select! { n = ready(&mut target) => *n += 1 }
    select! { &mut ref mut n = ready(&mut target) => *n += 1 }
    select! { Some(n) = ready(Some(&mut target)) => *n += 1, else => {} }
    assert_eq!(target, 8);
}

#[hanol::test]
async fn names_of_constants_and_of_variants_are_compared_not_bound() {
    use std::cmp::Ordering::{self, Equal, Less};
    let name = |ordering: Ordering| async move {
        select! {
            biased;
            Less = ready(ordering) => "less",
            Equal = ready(ordering) => "equal",
            other = ready(ordering) => if other == Ordering::Greater { "greater" } else { "lost" },
        }
    };
    assert_eq!(name(Ordering::Less).await, "less");
    assert_eq!(name(Ordering::Equal).await, "equal");
    assert_eq!(name(Ordering::Greater).await, "greater");
}

#[hanol::test]
async fn an_output_that_does_not_match_is_dropped_at_once_and_one_that_does_is_moved() {
    let log = Log::default();
    let kept = select! {
        biased;
        Err(never) = ready(Ok::<_, ()>(log.value("first"))) => { let () = never; unreachable!() }
        (value, 2) = async {
            log.add("second");
            (log.value("second"), 2)
        } => {
            log.add("handler");
            value
        }
    };
    log.assert(["drop first", "second", "handler"]);
    assert_eq!(kept.name, "second");
    drop(kept);
    log.assert(["drop second"]);
}

#[hanol::test]
async fn what_a_pattern_leaves_of_an_output_is_dropped_after_the_handler() {
    let log = Log::default();
    select! {
        (_, left) = ready((log.value("right"), log.value("left"))) => {
            log.add("handler");
            drop(left);
        }
    }
    log.assert(["handler", "drop left", "drop right"]);
}
