//! What may be written inside `select!`, and what the code around it may do meanwhile.

use std::convert::Infallible;
use std::future::{IntoFuture, Ready, pending, ready};
use std::hint::black_box;
use std::num::ParseIntError;

use hanol::select;
use hanol::task::yield_now;

#[hanol::test]
async fn a_handler_is_an_expression_or_a_block_with_or_without_a_comma() {
    let last = select! { n = ready(1) => n + 1 };
    let with_comma = select! { n = ready(1) => n + 1, };
    let block = select! { n = ready(1) => { n + 1 } };
    let block_with_comma = select! { n = ready(1) => { n + 1 }, };
    let mixed = select! {
        biased;
        n = ready(1) => { n + 1 }
        _ = pending::<()>() => 0,
        n = ready(2) => { n },
        n = ready(3) => if n == 3 { 3 } else { 4 },
        _ = pending::<()>() => panic!(),
        n = ready(5) => { n }
        else => 6
    };
    assert_eq!([last, with_comma, block, block_with_comma, mixed], [2; 5]);
}

#[hanol::test]
async fn an_else_may_stand_alone() {
    assert_eq!(select! { else => 1 }, 1);
    assert_eq!(select! { biased; else => { 2 }, }, 2);
}

#[hanol::test]
async fn biased_is_also_a_name() {
    let biased = select! { biased = ready(1) => biased };
    assert_eq!(select! { biased; n = ready(biased) => n }, 1);
}

#[hanol::test]
async fn a_branch_is_disabled_by_its_precondition() {
    for enabled in [true, false] {
        let name = select! {
            biased;
            _ = ready(()), if enabled => "first",
            _ = ready(()), if !(enabled) => { "second" }
        };
        assert_eq!(name, if enabled { "first" } else { "second" });
    }
}

#[hanol::test]
async fn an_else_is_evaluated_when_all_branches_are_disabled() {
    let first = false;
    let value = select! {
        _ = ready(()), if first => 1,
        Some(n) = ready(None) => n,
        n = pending(), if (first) => n,
        else => yield_and_give(4).await,
    };
    assert_eq!(value, 4);
}

async fn yield_and_give(value: u32) -> u32 {
    yield_now().await;
    value
}

#[test]
fn without_an_else_it_panics_when_all_branches_are_disabled() {
    let panic = std::panic::catch_unwind(|| {
        hanol::block_on(async {
            select! {
                Some(()) = ready(None) => {}
                _ = pending::<()>(), if false => {}
            }
        });
    });
    let message = *panic.unwrap_err().downcast::<&'static str>().unwrap();
    assert_eq!(message, "all branches of a `select!` are disabled, and it has no `else`");
}

#[hanol::test]
async fn it_waits_for_the_branches_that_are_left() {
    let value = select! {
        Some(()) = ready(None) => 1,
        _ = ready(()), if false => 2,
        n = yield_and_give(3) => n,
        else => 4,
    };
    assert_eq!(value, 3);
}

#[hanol::test]
async fn handlers_may_await_return_break_and_fail() {
    async fn parse(text: &str) -> Result<u32, ParseIntError> {
        let number = 'number: loop {
            for round in 0.. {
                select! {
                    _ = ready(()), if round == 0 => continue,
                    parsed = async { text.parse::<u32>() }, if round == 1 => {
                        if parsed? == 7 { return Ok(70) }
                    }
                    () = yield_now(), if round == 2 => yield_now().await,
                    else => break 'number 5,
                }
            }
        };
        Ok(number)
    }
    assert_eq!(parse("7").await, Ok(70));
    assert_eq!(parse("8").await, Ok(5));
    assert!(parse("seven").await.is_err());
}

#[hanol::test]
async fn the_expressions_of_futures_and_preconditions_may_await_and_return_too() {
    async fn outer(early: bool, late: Result<Ready<u32>, &'static str>) -> Result<u32, &'static str> {
        select! {
            n = if early { return Ok(1) } else { late? }, if yield_and_give(1).await == 1 => Ok(n),
            n = { yield_now().await; pending() } => n,
        }
    }
    assert_eq!(outer(true, Ok(ready(2))).await, Ok(1));
    assert_eq!(outer(false, Ok(ready(2))).await, Ok(2));
    assert_eq!(outer(false, Err("late")).await, Err("late"));
}

#[hanol::test]
async fn it_nests_in_every_place() {
    let value = select! {
        n = async { select! { n = ready(1) => n + select! { n = ready(10) => n } } },
            if select! { yes = ready(true) => yes, else => false } => {
            select! {
                Some(m) = ready(Some(100)) => m + n,
                else => select! { else => 0 },
            }
        }
        else => select! { else => 0 },
    };
    assert_eq!(value, 111);
}

#[hanol::test]
async fn a_branch_takes_whatever_turns_into_a_future() {
    struct Seven;
    impl IntoFuture for Seven {
        type Output = u32;
        type IntoFuture = Ready<u32>;
        fn into_future(self) -> Ready<u32> {
            ready(7)
        }
    }
    assert_eq!(select! { n = Seven => n, _ = pending::<()>() => 0 }, 7);
}

#[hanol::test]
async fn temporaries_of_the_futures_live_as_long_as_they_do() {
    let length = select! {
        n = &mut Box::pin(async { yield_and_give(3).await }) => n,
        n = { &mut std::pin::pin!(pending::<u32>()) } => n,
    };
    assert_eq!(length, 3);
}

#[hanol::test]
async fn futures_may_borrow_what_handlers_change() {
    let mut value = 1;
    select! {
        n = async { value += 1; value } => value += n,
        else => value = 0,
    }
    assert_eq!(value, 4);
    let mut text = String::from("a");
    select! {
        () = async { text.push('b'); yield_now().await; text.push('c') } => text.push('d'),
    }
    assert_eq!(text, "abcd");
}

#[hanol::test]
async fn a_future_that_was_not_selected_goes_on_later_if_it_was_passed_by_reference() {
    let first = yield_and_give(1);
    let second = Box::pin(async {
        yield_now().await;
        yield_and_give(2).await
    });
    hanol::pin!(first);
    hanol::pin! {
        let second = second;
        let third = async { pending::<u32>().await };
    }
    let mut seen = Vec::new();
    while seen.len() < 2 {
        select! {
            n = &mut first, if !seen.contains(&1) => seen.push(n),
            n = &mut second => seen.push(n),
            n = &mut third => seen.push(n),
        }
    }
    assert_eq!(seen, [1, 2]);
}

#[hanol::test]
async fn outputs_that_cannot_be_made_give_no_warning() {
    async fn never() -> Infallible {
        pending().await
    }
    let value = select! {
        never = never() => match never {},
        n = yield_and_give(1) => n,
    };
    assert_eq!(value, 1);
    let value = select! {
        _ = never() => unreachable!(),
        n = ready(2) => n,
    };
    assert_eq!(value, 2);
}

#[hanol::test]
async fn numbers_without_a_type_stay_what_the_handlers_make_of_them() {
    let wide: u64 = select! {
        _ = pending::<()>() => 1,
        n = async { 2 } => n,
    };
    assert_eq!(wide, 2);
    select! { _ = async { 1 } => 2 };
}

/// A macro that passes fragments on, as those of other crates do.
macro_rules! first_of {
    ($pattern:pat = $future:expr, $condition:expr => $handler:expr; $otherwise:block) => {
        hanol::select! {
            $pattern = $future, if $condition => $handler,
            () = pending() => $otherwise
            else => $otherwise,
        }
    };
}

#[hanol::test]
async fn another_macro_may_pass_fragments_on() {
    let one = 1;
    let value = first_of!(Some(n) = ready(Some(one)), one == 1 => n + 1; { 0 });
    assert_eq!(value, 2);
}

#[hanol::test]
async fn it_takes_sixty_four_branches() {
    let mut selected = [false; 64];
    macro_rules! branches {
        ($($number:literal)*) => {
            select! { $($number = ready($number), if !selected[$number] => selected[$number] = true,)* else => break }
        };
    }
    loop {
        branches! {
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
        }
    }
    assert_eq!(selected, [true; 64]);
}

#[test]
fn it_works_without_any_runtime() {
    let value = tokio_test::block_on(async {
        select! {
            n = yield_and_give(3) => n,
            _ = pending::<()>() => 0,
        }
    });
    assert_eq!(value, 3);
}

#[test]
fn a_waiting_select_holds_its_futures_and_little_else() {
    let futures = || (pending::<()>(), ready(1_u8), [0_u8; 100]);
    let select = async move {
        let (first, second, _) = futures();
        select! {
            _ = first => {}
            _ = second => {}
            _ = async { let bytes = [0_u8; 1000]; yield_now().await; black_box(&bytes); } => {}
        }
    };
    // The largest future once, a pin for each, and the state.
    assert!(size_of_val(&select) < 1000 + 128, "{}", size_of_val(&select));
}
