//! Sorted sets.

use super::lists::parse_count;
use super::{Call, Command, Outcome};
use crate::failure::{Failure, GT_LT_AND_NX, INCREMENT_SINGLE, NOT_A_FLOAT, NOT_A_SCORE, SYNTAX, XX_AND_NX};
use crate::number::parse_float;
use crate::sorted_set::SortedSet;

pub(super) const COMMANDS: &[Command] = &[Command::on_key("zadd", -4, zadd), Command::on_key("zpopmin", -2, zpopmin)];

fn zadd(call: &mut Call<'_>) -> Outcome {
    let key = call.request.arg(1);
    let options = AddOptions::parse(call)?;
    let scores: Vec<f64> = call
        .request
        .pairs_from(options.end)
        .map(|(score, _)| parse_float(score).ok_or(NOT_A_FLOAT))
        .collect::<Result<_, _>>()?;

    if call.store.get::<SortedSet>(key)?.is_none() && options.xx {
        if options.incr {
            call.reply.null();
        } else {
            call.reply.count(0);
        }
        return Ok(());
    }
    let set = call.store.get_or_create::<SortedSet>(key)?;
    let (mut added, mut updated, mut last_score) = (0, 0, None);
    for ((_, member), score) in call.request.pairs_from(options.end).zip(scores) {
        let change = options.decide(set.score(member), score)?;
        match change {
            Change::Added(score) => {
                set.insert(member, score);
                added += 1;
            }
            Change::Updated(score) => {
                set.insert(member, score);
                updated += 1;
            }
            Change::Same(_) | Change::Refused => {}
        }
        last_score = change.score();
    }
    call.store.remove_if_empty(key);
    match (options.incr, last_score) {
        (true, Some(score)) => call.reply.float(score),
        (true, None) => call.reply.null(),
        (false, _) => call.reply.count(if options.ch { added + updated } else { added }),
    }
    Ok(())
}

/// What stands between the key and the first score of a `ZADD`.
#[derive(Default)]
struct AddOptions {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    ch: bool,
    incr: bool,
    /// Where the scores begin.
    end: usize,
}

/// What one score does to the set.
enum Change {
    Added(f64),
    Updated(f64),
    /// The member has the score already.
    Same(f64),
    /// An option forbids it.
    Refused,
}

impl Change {
    fn score(&self) -> Option<f64> {
        match self {
            Self::Added(score) | Self::Updated(score) | Self::Same(score) => Some(*score),
            Self::Refused => None,
        }
    }
}

impl AddOptions {
    fn parse(call: &Call<'_>) -> Result<Self, Failure> {
        let mut options = Self { end: 2, ..Self::default() };
        for argument in call.request.from(2) {
            match argument.to_ascii_uppercase().as_slice() {
                b"NX" => options.nx = true,
                b"XX" => options.xx = true,
                b"GT" => options.gt = true,
                b"LT" => options.lt = true,
                b"CH" => options.ch = true,
                b"INCR" => options.incr = true,
                _ => break,
            }
            options.end += 1;
        }
        options.check(call.request.len() - options.end)?;
        Ok(options)
    }

    /// Checks the options against each other and against the `rest` of the arguments.
    fn check(&self, rest: usize) -> Outcome {
        if rest == 0 || rest % 2 == 1 {
            return Err(SYNTAX);
        }
        if self.nx && self.xx {
            return Err(XX_AND_NX);
        }
        if (self.nx && (self.gt || self.lt)) || (self.gt && self.lt) {
            return Err(GT_LT_AND_NX);
        }
        if self.incr && rest > 2 {
            return Err(INCREMENT_SINGLE);
        }
        Ok(())
    }

    /// What becomes of a member with the `current` score, if it has one.
    fn decide(&self, current: Option<f64>, score: f64) -> Result<Change, Failure> {
        let Some(current) = current else {
            return Ok(if self.xx { Change::Refused } else { Change::Added(score) });
        };
        if self.nx {
            return Ok(Change::Refused);
        }
        let score = if self.incr { current + score } else { score };
        if score.is_nan() {
            return Err(NOT_A_SCORE);
        }
        if (self.lt && score >= current) || (self.gt && score <= current) {
            return Ok(Change::Refused);
        }
        Ok(if score == current { Change::Same(score) } else { Change::Updated(score) })
    }
}

fn zpopmin(call: &mut Call<'_>) -> Outcome {
    if call.request.len() > 3 {
        return Err(SYNTAX);
    }
    let key = call.request.arg(1);
    let count = call.request.get(2).map(parse_count).transpose()?.unwrap_or(1);
    let Some(set) = call.store.get::<SortedSet>(key)? else {
        call.reply.array(0);
        return Ok(());
    };
    let count = count.min(set.len());
    call.reply.array(count * 2);
    for (member, score) in std::iter::from_fn(|| set.pop_lowest()).take(count) {
        call.reply.bulk(&member);
        call.reply.float(score);
    }
    call.store.remove_if_empty(key);
    Ok(())
}
