//! Glob patterns, as `KEYS` knows them: `*`, `?`, `[abc]`, `[^a-z]` and `\` before a character taken literally.

/// Whether all of `text` matches `pattern`.
///
/// Only the last `*` needs to be remembered: whatever an earlier one could take more, the last one can take as well.
/// So the time is bounded by the product of the lengths, also for patterns made to be slow.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern_rest, mut text_rest) = (pattern, text);
    let mut last_star = None;
    loop {
        if let [b'*', after_star @ ..] = pattern_rest {
            pattern_rest = after_star;
            last_star = Some((after_star, text_rest));
            continue;
        }
        match (text_rest, pattern_rest) {
            ([], []) => return true,
            ([], _) => return false,
            ([first, tail @ ..], [_, ..]) => {
                if let Some(after) = match_one(pattern_rest, *first) {
                    pattern_rest = after;
                    text_rest = tail;
                    continue;
                }
            }
            (_, []) => {}
        }
        // The last `*` takes one more character, and everything after it is tried again.
        let Some((after_star, [_, shorter @ ..])) = last_star else {
            return false;
        };
        last_star = Some((after_star, shorter));
        pattern_rest = after_star;
        text_rest = shorter;
    }
}

/// Matches one character against the first element of a pattern that is not `*`; gives the rest of the pattern.
fn match_one(pattern: &[u8], character: u8) -> Option<&[u8]> {
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', class @ ..] => match_class(class, character),
        [b'\\', literal, rest @ ..] => (*literal == character).then_some(rest),
        [literal, rest @ ..] => (*literal == character).then_some(rest),
        [] => None,
    }
}

/// Matches against a class, of which the `[` is already gone. A class that is never closed ends with the pattern.
fn match_class(class: &[u8], character: u8) -> Option<&[u8]> {
    let (negated, mut rest) = match class {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    let after = loop {
        match rest {
            [] => break rest,
            [b'\\', literal, tail @ ..] => {
                found |= *literal == character;
                rest = tail;
            }
            [b']', tail @ ..] => break tail,
            [from, b'-', to, tail @ ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&character);
                rest = tail;
            }
            [literal, tail @ ..] => {
                found |= *literal == character;
                rest = tail;
            }
        }
    };
    (found != negated).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("h?llo", "hello", true),
            ("h*llo", "heeeello", true),
            ("h[ae]llo", "hillo", false),
            ("h[^e]llo", "hallo", true),
            ("h[a-b]llo", "hbllo", true),
            ("h[b-a]llo", "hallo", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("a[", "a[", false),
            ("abc", "abcd", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_is_not_slow() {
        let pattern = b"a*".repeat(50);
        assert!(!matches(&[&pattern[..], b"b"].concat(), &b"a".repeat(10_000)));
    }
}
