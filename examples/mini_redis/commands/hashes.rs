//! Hashes: fields with a value each, under one key.

use super::{Call, Command, Outcome};
use crate::failure::Failure;
use crate::value::Hash;

pub(super) const COMMANDS: &[Command] = &[
    Command::on_key("hset", -4, hset),
    Command::on_key("hget", 3, hget),
    Command::on_key("hdel", -3, hdel),
    Command::on_key("hgetall", 2, hgetall),
];

fn hset(call: &mut Call<'_>) -> Outcome {
    if call.request.len() % 2 == 1 {
        return Err(Failure::wrong_arity("hset"));
    }
    let hash = call.store.get_or_create::<Hash>(call.request.arg(1))?;
    let before = hash.len();
    for (field, value) in call.request.pairs_from(2) {
        match hash.get_mut(field) {
            Some(old) => *old = value.to_vec(),
            None => drop(hash.insert(field.to_vec(), value.to_vec())),
        }
    }
    call.reply.count(hash.len() - before);
    Ok(())
}

fn hget(call: &mut Call<'_>) -> Outcome {
    let hash = call.store.get::<Hash>(call.request.arg(1))?;
    let value = hash.and_then(|hash| hash.get(call.request.arg(2)));
    call.reply.bulk_or_null(value.map(|value| &value[..]));
    Ok(())
}

fn hdel(call: &mut Call<'_>) -> Outcome {
    let key = call.request.arg(1);
    let removed = match call.store.get::<Hash>(key)? {
        Some(hash) => call.request.from(2).filter(|field| hash.remove(*field).is_some()).count(),
        None => 0,
    };
    call.store.remove_if_empty(key);
    call.reply.count(removed);
    Ok(())
}

fn hgetall(call: &mut Call<'_>) -> Outcome {
    match call.store.get::<Hash>(call.request.arg(1))? {
        Some(hash) => {
            call.reply.array(hash.len() * 2);
            for (field, value) in hash {
                call.reply.bulk(field);
                call.reply.bulk(value);
            }
        }
        None => call.reply.array(0),
    }
    Ok(())
}
