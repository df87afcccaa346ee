//! Commands whose answers are compared. One line is one command; what it finds is what the lines before it left.
//!
//! Words are parted by single spaces. `""` is an empty word, and `\s \r \n \0 \\` are a space, the line breaks, a zero
//! byte and a backslash. The answer of a line that begins with `~` is compared after sorting its elements, of one with
//! `~~` after sorting them in pairs. The lines are in `cases/`, one file for each group.

/// How the answers to a command are compared.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Exact,
    Any,
    AnyPairs,
}

/// Reads a group of lines.
pub(crate) fn parse(lines: &'static str) -> impl Iterator<Item = (Order, Vec<Vec<u8>>)> {
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (order, line) = match line.strip_prefix('~').map(|rest| rest.strip_prefix('~').ok_or(rest)) {
            None => (Order::Exact, line),
            Some(Err(rest)) => (Order::Any, rest),
            Some(Ok(rest)) => (Order::AnyPairs, rest),
        };
        (order, line.split(' ').map(parse_word).collect())
    })
}

fn parse_word(word: &str) -> Vec<u8> {
    if word == "\"\"" {
        return Vec::new();
    }
    let mut bytes = word.bytes();
    let mut parsed = Vec::new();
    while let Some(byte) = bytes.next() {
        parsed.push(match byte {
            b'\\' => match bytes.next() {
                Some(b's') => b' ',
                Some(b'r') => b'\r',
                Some(b'n') => b'\n',
                Some(b'0') => 0,
                other => other.expect("a backslash escapes something"),
            },
            byte => byte,
        });
    }
    parsed
}

/// All groups, each with a name.
pub(crate) const GROUPS: &[(&str, &str)] = &[
    ("server", include_str!("cases/server.txt")),
    ("strings", include_str!("cases/strings.txt")),
    ("set options", include_str!("cases/set_options.txt")),
    ("numbers in strings", include_str!("cases/numbers.txt")),
    ("keys", include_str!("cases/keys.txt")),
    ("patterns", include_str!("cases/patterns.txt")),
    ("lifetimes", include_str!("cases/lifetimes.txt")),
    ("lists", include_str!("cases/lists.txt")),
    ("sets", include_str!("cases/sets.txt")),
    ("hashes", include_str!("cases/hashes.txt")),
    ("sorted sets", include_str!("cases/sorted_sets.txt")),
    ("scores", include_str!("cases/scores.txt")),
    ("subscriptions", include_str!("cases/subscriptions.txt")),
    ("wrong types", include_str!("cases/wrong_types.txt")),
    ("wrong arities", include_str!("cases/wrong_arities.txt")),
    ("unknown commands", include_str!("cases/unknown.txt")),
];
