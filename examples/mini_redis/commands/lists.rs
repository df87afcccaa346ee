//! Lists, which grow and shrink at both ends.

use std::ops::Range;

use super::{Call, Command, Outcome};
use crate::failure::{Failure, NOT_AN_INTEGER, NOT_POSITIVE};
use crate::number::parse_integer;
use crate::value::List;

pub(super) const COMMANDS: &[Command] = &[
    Command::on_key("lpush", -3, lpush),
    Command::on_key("rpush", -3, rpush),
    Command::on_key("lpop", -2, lpop),
    Command::on_key("rpop", -2, rpop),
    Command::on_key("llen", 2, llen),
    Command::on_key("lrange", 4, lrange),
];

fn lpush(call: &mut Call<'_>) -> Outcome {
    push(call, List::push_front)
}

fn rpush(call: &mut Call<'_>) -> Outcome {
    push(call, List::push_back)
}

fn push(call: &mut Call<'_>, put: fn(&mut List, Vec<u8>)) -> Outcome {
    let list = call.store.get_or_create::<List>(call.request.arg(1))?;
    for element in call.request.from(2) {
        put(list, element.to_vec());
    }
    call.reply.count(list.len());
    Ok(())
}

fn lpop(call: &mut Call<'_>) -> Outcome {
    pop(call, "lpop", List::pop_front)
}

fn rpop(call: &mut Call<'_>) -> Outcome {
    pop(call, "rpop", List::pop_back)
}

fn pop(call: &mut Call<'_>, command: &str, take: fn(&mut List) -> Option<Vec<u8>>) -> Outcome {
    if call.request.len() > 3 {
        return Err(Failure::wrong_arity(command));
    }
    let key = call.request.arg(1);
    let count = call.request.get(2).map(parse_count).transpose()?;
    let list = call.store.get::<List>(key)?;
    match (list, count) {
        (None, None) => call.reply.null(),
        (None, Some(_)) => call.reply.null_array(),
        (Some(list), None) => call.reply.bulk_or_null(take(list).as_deref()),
        (Some(list), Some(count)) => {
            let count = count.min(list.len());
            call.reply.array(count);
            for element in std::iter::from_fn(|| take(list)).take(count) {
                call.reply.bulk(&element);
            }
        }
    }
    call.store.remove_if_empty(key);
    Ok(())
}

/// How many elements a command is to take. More than a list can hold is as good as all.
pub(super) fn parse_count(text: &[u8]) -> Result<usize, Failure> {
    parse_integer(text).and_then(|count| usize::try_from(count).ok()).ok_or(NOT_POSITIVE)
}

fn llen(call: &mut Call<'_>) -> Outcome {
    let list = call.store.get::<List>(call.request.arg(1))?;
    call.reply.count(list.map_or(0, |list| list.len()));
    Ok(())
}

fn lrange(call: &mut Call<'_>) -> Outcome {
    let start = parse_integer(call.request.arg(2)).ok_or(NOT_AN_INTEGER)?;
    let stop = parse_integer(call.request.arg(3)).ok_or(NOT_AN_INTEGER)?;
    match call.store.get::<List>(call.request.arg(1))? {
        Some(list) => {
            let range = clamp_range(start, stop, list.len());
            call.reply.bulks(list.range(range).map(|element| &element[..]));
        }
        None => call.reply.array(0),
    }
    Ok(())
}

/// The places that `start` and `stop` mean, both included, in a list of `length`. Negative ones count from the end.
fn clamp_range(start: i64, stop: i64, length: usize) -> Range<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_front = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let begin = from_front(start).clamp(0, length);
    let end = from_front(stop).saturating_add(1).clamp(begin, length);
    begin as usize..end as usize
}

#[cfg(test)]
mod tests {
    use super::clamp_range;

    #[test]
    fn ranges_stay_within_the_list() {
        assert_eq!(clamp_range(0, -1, 3), 0..3);
        assert_eq!(clamp_range(-2, 1, 3), 1..2);
        assert_eq!(clamp_range(2, 1, 3), 2..2);
        assert_eq!(clamp_range(5, 9, 3), 3..3);
        assert_eq!(clamp_range(i64::MIN, i64::MAX, 3), 0..3);
        assert_eq!(clamp_range(0, i64::MIN, 3), 0..0);
    }
}
