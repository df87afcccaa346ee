//! Commands on keys of any kind, and on their lifetimes.

use super::{Call, Command, Outcome};
use crate::failure::{Failure, GT_AND_LT, NOT_AN_INTEGER, NX_AND_OTHERS};
use crate::glob;
use crate::number::parse_integer;
use crate::store::Milliseconds;
use crate::value::Value;

pub(super) const COMMANDS: &[Command] = &[
    Command::on_keys("del", -2, 1, del),
    Command::on_keys("exists", -2, 1, exists),
    Command::on_key("type", 2, type_of),
    Command::new("keys", 2, keys),
    Command::on_key("expire", -3, expire),
    Command::on_key("pexpire", -3, pexpire),
    Command::on_key("ttl", 2, ttl),
    Command::on_key("pttl", 2, pttl),
    Command::on_key("persist", 2, persist),
];

fn del(call: &mut Call<'_>) -> Outcome {
    let removed = call.request.from(1).filter(|key| call.store.remove(key).is_some()).count();
    call.reply.count(removed);
    Ok(())
}

fn exists(call: &mut Call<'_>) -> Outcome {
    let found = call.request.from(1).filter(|key| call.store.value(key).is_some()).count();
    call.reply.count(found);
    Ok(())
}

fn type_of(call: &mut Call<'_>) -> Outcome {
    let name = call.store.value(call.request.arg(1)).map_or("none", |value: &mut Value| value.type_name());
    call.reply.simple(name);
    Ok(())
}

fn keys(call: &mut Call<'_>) -> Outcome {
    let pattern = call.request.arg(1);
    let found: Vec<&[u8]> = call.store.keys().filter(|key| glob::matches(pattern, key)).collect();
    call.reply.bulks(found.into_iter());
    Ok(())
}

fn expire(call: &mut Call<'_>) -> Outcome {
    expire_in(call, 1000, "expire")
}

fn pexpire(call: &mut Call<'_>) -> Outcome {
    expire_in(call, 1, "pexpire")
}

/// Gives a key a deadline; a `unit` is so many milliseconds. A deadline in the past removes the key at once.
fn expire_in(call: &mut Call<'_>, unit: i64, command: &str) -> Outcome {
    let key = call.request.arg(1);
    let conditions = Conditions::parse(call)?;
    let number = parse_integer(call.request.arg(2)).ok_or(NOT_AN_INTEGER)?;
    let now = call.store.now();
    let deadline = number
        .checked_mul(unit)
        .and_then(|milliseconds| milliseconds.checked_add(now))
        .ok_or_else(|| Failure::invalid_expire_time(command))?;

    let exists = call.store.value(key).is_some();
    let applies = exists && conditions.allow(call.store.deadline(key), deadline);
    if applies && deadline <= now {
        call.store.remove(key);
    } else if applies {
        call.store.set_deadline(key, Some(deadline));
    }
    call.reply.integer(applies.into());
    Ok(())
}

/// When an `EXPIRE` is allowed: only without a deadline, only with one, only to a later one, only to an earlier one.
#[derive(Default)]
struct Conditions {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Conditions {
    fn parse(call: &Call<'_>) -> Result<Self, Failure> {
        let mut conditions = Self::default();
        for argument in call.request.from(3) {
            match argument.to_ascii_uppercase().as_slice() {
                b"NX" => conditions.nx = true,
                b"XX" => conditions.xx = true,
                b"GT" => conditions.gt = true,
                b"LT" => conditions.lt = true,
                _ => return Err([b"ERR Unsupported option ", argument].concat().into()),
            }
        }
        if conditions.nx && (conditions.xx || conditions.gt || conditions.lt) {
            return Err(NX_AND_OTHERS);
        }
        if conditions.gt && conditions.lt {
            return Err(GT_AND_LT);
        }
        Ok(conditions)
    }

    /// Whether a key with the `current` deadline may get the `new` one. A key without a deadline lives for ever, which
    /// is later than any.
    fn allow(&self, current: Option<Milliseconds>, new: Milliseconds) -> bool {
        let forbidden = match current {
            Some(current) => self.nx || (self.gt && new <= current) || (self.lt && new >= current),
            None => self.xx || self.gt,
        };
        !forbidden
    }
}

fn ttl(call: &mut Call<'_>) -> Outcome {
    time_to_live(call, |milliseconds| (milliseconds + 500) / 1000)
}

fn pttl(call: &mut Call<'_>) -> Outcome {
    time_to_live(call, |milliseconds| milliseconds)
}

/// Answers how long a key has to live: -1 is for ever, -2 is for a key that does not exist.
fn time_to_live(call: &mut Call<'_>, in_unit: fn(Milliseconds) -> i64) -> Outcome {
    let key = call.request.arg(1);
    let answer = match (call.store.value(key).is_some(), call.store.deadline(key)) {
        (false, _) => -2,
        (true, None) => -1,
        (true, Some(deadline)) => in_unit((deadline - call.store.now()).max(0)),
    };
    call.reply.integer(answer);
    Ok(())
}

fn persist(call: &mut Call<'_>) -> Outcome {
    let key = call.request.arg(1);
    let had_deadline = call.store.deadline(key).is_some();
    call.store.set_deadline(key, None);
    call.reply.integer(had_deadline.into());
    Ok(())
}
