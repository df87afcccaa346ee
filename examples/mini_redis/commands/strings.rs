//! Strings, and the numbers that strings can hold.

use super::{Call, Command, Outcome};
use crate::failure::{DECREMENT_OVERFLOW, Failure, NOT_AN_INTEGER, OVERFLOW, SYNTAX, TOO_LONG};
use crate::number::parse_integer;
use crate::request::MAX_BULK;
use crate::store::{Lifetime, Milliseconds, Store};
use crate::value::Value;

pub(super) const COMMANDS: &[Command] = &[
    Command::on_key("get", 2, get),
    Command::on_key("set", -3, set),
    Command::on_key("setex", 4, setex),
    Command::on_key("getset", 3, getset),
    Command::on_key("getdel", 2, getdel),
    Command::on_keys("mget", -2, 1, mget),
    Command::on_keys("mset", -3, 2, mset),
    Command::on_key("append", 3, append),
    Command::on_key("strlen", 2, strlen),
    Command::on_key("incr", 2, incr),
    Command::on_key("incrby", 3, incrby),
    Command::on_key("decr", 2, decr),
    Command::on_key("decrby", 3, decrby),
];

fn get(call: &mut Call<'_>) -> Outcome {
    let string = call.store.get::<Vec<u8>>(call.request.arg(1))?;
    call.reply.bulk_or_null(string.map(|string| &string[..]));
    Ok(())
}

fn set(call: &mut Call<'_>) -> Outcome {
    let (key, value) = (call.request.arg(1), call.request.arg(2));
    let options = SetOptions::parse(call)?;
    let lifetime = options.lifetime(call.store.now())?;
    if options.get {
        get(call)?;
    }
    let allowed = match options.condition {
        Condition::Always => true,
        Condition::IfExists => call.store.value(key).is_some(),
        Condition::IfMissing => call.store.value(key).is_none(),
    };
    if allowed {
        set_string(call.store, key, value, lifetime);
    }
    match (options.get, allowed) {
        (true, _) => {}
        (false, true) => call.reply.simple("OK"),
        (false, false) => call.reply.null(),
    }
    Ok(())
}

/// What follows the value in a `SET`.
struct SetOptions<'a> {
    condition: Condition,
    get: bool,
    keep_lifetime: bool,
    expiry: Option<(Unit, &'a [u8])>,
}

#[derive(Clone, Copy, PartialEq)]
enum Condition {
    Always,
    IfExists,
    IfMissing,
}

/// How the number of an expiry option is meant: `EX`, `PX`, `EXAT`, `PXAT`.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Seconds,
    Milliseconds,
    SecondsSinceEpoch,
    MillisecondsSinceEpoch,
}

impl<'a> SetOptions<'a> {
    fn parse(call: &Call<'a>) -> Result<Self, Failure> {
        let mut options = Self { condition: Condition::Always, get: false, keep_lifetime: false, expiry: None };
        let mut arguments = call.request.from(3);
        while let Some(argument) = arguments.next() {
            match argument.to_ascii_uppercase().as_slice() {
                b"NX" => options.set_condition(Condition::IfMissing)?,
                b"XX" => options.set_condition(Condition::IfExists)?,
                b"GET" => options.get = true,
                b"KEEPTTL" if options.expiry.is_none() => options.keep_lifetime = true,
                b"EX" => options.set_expiry(Unit::Seconds, arguments.next())?,
                b"PX" => options.set_expiry(Unit::Milliseconds, arguments.next())?,
                b"EXAT" => options.set_expiry(Unit::SecondsSinceEpoch, arguments.next())?,
                b"PXAT" => options.set_expiry(Unit::MillisecondsSinceEpoch, arguments.next())?,
                _ => return Err(SYNTAX),
            }
        }
        Ok(options)
    }

    fn set_condition(&mut self, condition: Condition) -> Outcome {
        if self.condition != Condition::Always && self.condition != condition {
            return Err(SYNTAX);
        }
        self.condition = condition;
        Ok(())
    }

    fn set_expiry(&mut self, unit: Unit, number: Option<&'a [u8]>) -> Outcome {
        let other_unit = self.expiry.is_some_and(|(earlier, _)| earlier != unit);
        if self.keep_lifetime || other_unit {
            return Err(SYNTAX);
        }
        self.expiry = Some((unit, number.ok_or(SYNTAX)?));
        Ok(())
    }

    fn lifetime(&self, now: Milliseconds) -> Result<Lifetime, Failure> {
        match self.expiry {
            Some((unit, number)) => until(unit, number, now, "set"),
            None if self.keep_lifetime => Ok(Lifetime::Kept),
            None => Ok(Lifetime::Unlimited),
        }
    }
}

/// The moment that an expiry option means.
fn until(unit: Unit, number: &[u8], now: Milliseconds, command: &str) -> Result<Lifetime, Failure> {
    let number = parse_integer(number).ok_or(NOT_AN_INTEGER)?;
    let deadline = match unit {
        _ if number <= 0 => None,
        Unit::Seconds => number.checked_mul(1000).and_then(|number| number.checked_add(now)),
        Unit::Milliseconds => number.checked_add(now),
        Unit::SecondsSinceEpoch => number.checked_mul(1000),
        Unit::MillisecondsSinceEpoch => Some(number),
    };
    deadline.map(Lifetime::Until).ok_or_else(|| Failure::invalid_expire_time(command))
}

fn set_string(store: &mut Store, key: &[u8], value: &[u8], lifetime: Lifetime) {
    store.set(key, Value::String(value.to_vec()), lifetime);
}

fn setex(call: &mut Call<'_>) -> Outcome {
    let request = call.request;
    let lifetime = until(Unit::Seconds, request.arg(2), call.store.now(), "setex")?;
    set_string(call.store, request.arg(1), request.arg(3), lifetime);
    call.reply.simple("OK");
    Ok(())
}

fn getset(call: &mut Call<'_>) -> Outcome {
    get(call)?;
    set_string(call.store, call.request.arg(1), call.request.arg(2), Lifetime::Unlimited);
    Ok(())
}

fn getdel(call: &mut Call<'_>) -> Outcome {
    get(call)?;
    call.store.remove(call.request.arg(1));
    Ok(())
}

fn mget(call: &mut Call<'_>) -> Outcome {
    let keys = call.request.from(1);
    call.reply.array(keys.len());
    for key in keys {
        // A key of another kind counts as missing here.
        let string = call.store.get::<Vec<u8>>(key).ok().flatten();
        call.reply.bulk_or_null(string.map(|string| &string[..]));
    }
    Ok(())
}

fn mset(call: &mut Call<'_>) -> Outcome {
    if call.request.len() % 2 == 0 {
        return Err(Failure::wrong_arity("mset"));
    }
    for (key, value) in call.request.pairs_from(1) {
        set_string(call.store, key, value, Lifetime::Unlimited);
    }
    call.reply.simple("OK");
    Ok(())
}

fn append(call: &mut Call<'_>) -> Outcome {
    let suffix = call.request.arg(2);
    let string = call.store.get_or_create::<Vec<u8>>(call.request.arg(1))?;
    if string.len() + suffix.len() > MAX_BULK {
        return Err(TOO_LONG);
    }
    string.extend_from_slice(suffix);
    call.reply.count(string.len());
    Ok(())
}

fn strlen(call: &mut Call<'_>) -> Outcome {
    let string = call.store.get::<Vec<u8>>(call.request.arg(1))?;
    call.reply.count(string.map_or(0, |string| string.len()));
    Ok(())
}

fn incr(call: &mut Call<'_>) -> Outcome {
    add(call, 1)
}

fn decr(call: &mut Call<'_>) -> Outcome {
    add(call, -1)
}

fn incrby(call: &mut Call<'_>) -> Outcome {
    let difference = parse_integer(call.request.arg(2)).ok_or(NOT_AN_INTEGER)?;
    add(call, difference)
}

fn decrby(call: &mut Call<'_>) -> Outcome {
    let difference = parse_integer(call.request.arg(2)).ok_or(NOT_AN_INTEGER)?;
    add(call, difference.checked_neg().ok_or(DECREMENT_OVERFLOW)?)
}

/// Adds to the number in a string; a missing key counts as 0.
fn add(call: &mut Call<'_>, difference: i64) -> Outcome {
    let key = call.request.arg(1);
    let old = match call.store.get::<Vec<u8>>(key)? {
        Some(string) => parse_integer(string).ok_or(NOT_AN_INTEGER)?,
        None => 0,
    };
    let new = old.checked_add(difference).ok_or(OVERFLOW)?;
    call.store.set(key, Value::String(new.to_string().into_bytes()), Lifetime::Kept);
    call.reply.integer(new);
    Ok(())
}
