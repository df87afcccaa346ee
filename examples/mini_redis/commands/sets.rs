//! Sets.

use super::lists::parse_count;
use super::{Call, Command, Outcome};
use crate::failure::SYNTAX;
use crate::set::Set;

pub(super) const COMMANDS: &[Command] = &[
    Command::on_key("sadd", -3, sadd),
    Command::on_key("srem", -3, srem),
    Command::on_key("smembers", 2, smembers),
    Command::on_key("sismember", 3, sismember),
    Command::on_key("spop", -2, spop),
];

fn sadd(call: &mut Call<'_>) -> Outcome {
    let set = call.store.get_or_create::<Set>(call.request.arg(1))?;
    let added = call.request.from(2).filter(|member| set.insert(member)).count();
    call.reply.count(added);
    Ok(())
}

fn srem(call: &mut Call<'_>) -> Outcome {
    let key = call.request.arg(1);
    let removed = match call.store.get::<Set>(key)? {
        Some(set) => call.request.from(2).filter(|member| set.remove(member)).count(),
        None => 0,
    };
    call.store.remove_if_empty(key);
    call.reply.count(removed);
    Ok(())
}

fn smembers(call: &mut Call<'_>) -> Outcome {
    match call.store.get::<Set>(call.request.arg(1))? {
        Some(set) => call.reply.bulks(set.iter()),
        None => call.reply.array(0),
    }
    Ok(())
}

fn sismember(call: &mut Call<'_>) -> Outcome {
    let set = call.store.get::<Set>(call.request.arg(1))?;
    let found = set.is_some_and(|set| set.contains(call.request.arg(2)));
    call.reply.integer(found.into());
    Ok(())
}

fn spop(call: &mut Call<'_>) -> Outcome {
    if call.request.len() > 3 {
        return Err(SYNTAX);
    }
    let key = call.request.arg(1);
    let count = call.request.get(2).map(parse_count).transpose()?;
    let set = call.store.get::<Set>(key)?;
    match (set, count) {
        (None, None) => call.reply.null(),
        (None, Some(_)) => call.reply.array(0),
        (Some(set), None) => call.reply.bulk_or_null(set.pop(call.chance).as_deref()),
        (Some(set), Some(count)) => {
            let count = count.min(set.len());
            call.reply.array(count);
            for member in std::iter::from_fn(|| set.pop(call.chance)).take(count) {
                call.reply.bulk(&member);
            }
        }
    }
    call.store.remove_if_empty(key);
    Ok(())
}
