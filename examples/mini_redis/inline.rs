//! Plain requests: a line of words, as a person types it into telnet or netcat.
//!
//! Words are parted by spaces, tabs and carriage returns. `"..."` knows the escapes `\n \r \t \b \a \xHH`, and takes any other escaped
//! character literally; `'...'` knows only `\'`.

use std::ops::Range;

/// A quote is never closed, or is followed by something other than white space.
#[derive(Debug, PartialEq)]
pub(crate) struct UnbalancedQuotes;

/// Appends the words of `line` to `text`, and the place of each to `words`.
pub(crate) fn split(line: &[u8], text: &mut Vec<u8>, words: &mut Vec<Range<usize>>) -> Result<(), UnbalancedQuotes> {
    let mut rest = line;
    loop {
        while let [first, tail @ ..] = rest {
            if !is_space(*first) {
                break;
            }
            rest = tail;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let begin = text.len();
        rest = word(rest, text)?;
        words.push(begin..text.len());
    }
}

/// Appends the first word of `rest` to `text` and gives what follows it.
fn word<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        match rest {
            [] | [b' ' | b'\t' | b'\r' | b'\n', ..] => return Ok(rest),
            [b'"', tail @ ..] => return end_of_quotes(double_quoted(tail, text)?),
            [b'\'', tail @ ..] => return end_of_quotes(single_quoted(tail, text)?),
            [first, tail @ ..] => {
                text.push(*first);
                rest = tail;
            }
        }
    }
}

fn end_of_quotes(rest: &[u8]) -> Result<&[u8], UnbalancedQuotes> {
    match rest {
        [first, ..] if !is_space(*first) => Err(UnbalancedQuotes),
        _ => Ok(rest),
    }
}

fn double_quoted<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        let (byte, tail) = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'"', tail @ ..] => return Ok(tail),
            [b'\\', b'x', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hexadecimal(*high) << 4 | hexadecimal(*low), tail)
            }
            [b'\\', escaped, tail @ ..] => (unescape(*escaped), tail),
            [byte, tail @ ..] => (*byte, tail),
        };
        text.push(byte);
        rest = tail;
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        let (byte, tail) = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'\'', tail @ ..] => return Ok(tail),
            [b'\\', b'\'', tail @ ..] => (b'\'', tail),
            [byte, tail @ ..] => (*byte, tail),
        };
        text.push(byte);
        rest = tail;
    }
}

fn unescape(escaped: u8) -> u8 {
    match escaped {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

fn hexadecimal(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// White space as C's `isspace` has it. Before a word and after quotes, the vertical tab and the form feed count, too;
/// within a word they do not.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
        let (mut text, mut words) = (Vec::new(), Vec::new());
        split(line, &mut text, &mut words)?;
        Ok(words.into_iter().map(|range| text[range].to_vec()).collect())
    }

    #[test]
    fn quotes_hold_words_together_and_escapes_are_resolved() {
        assert_eq!(words(b" set  \"a b\" '' ").unwrap(), [&b"set"[..], b"a b", b""]);
        assert_eq!(words(br#""\x41\n\q" 'it\'s'"#).unwrap(), [&b"A\nq"[..], b"it's"]);
        assert_eq!(words(b"a\"b\" c").unwrap(), [&b"ab"[..], b"c"]);
    }

    #[test]
    fn quotes_must_close_at_the_end_of_a_word() {
        assert_eq!(words(b"\"abc"), Err(UnbalancedQuotes));
        assert_eq!(words(b"\"abc\"d"), Err(UnbalancedQuotes));
        assert_eq!(words(b"'abc\\'"), Err(UnbalancedQuotes));
    }
}
