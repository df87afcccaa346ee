//! What stands between an attribute's parentheses, such as `(timeout = "500ms", crate = "path")`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, Lit, Path, Token, parse_quote};

/// The values of an attribute's arguments, by default where none are given.
pub(crate) struct Arguments {
    /// The path of the runtime's crate.
    pub(crate) runtime: Path,
    /// How long a test may take.
    pub(crate) timeout_milliseconds: u64,
    /// Whether the runtime's clock is paused from the start.
    pub(crate) start_paused: bool,
}

impl Arguments {
    /// Parses the arguments of an attribute that knows those that are named in `known`.
    pub(crate) fn parse(tokens: TokenStream, known: &[&str]) -> Result<Self, Error> {
        let mut arguments =
            Arguments { runtime: parse_quote!(::hanol), timeout_milliseconds: 60_000, start_paused: false };
        let mut given: Vec<Ident> = Vec::new();
        for Argument { name, value } in Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)? {
            if !known.iter().any(|known| name == known) {
                let message = format!("unknown argument `{name}`: this attribute knows {}", listed(known));
                return Err(Error::new(name.span(), message));
            }
            if given.contains(&name) {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            let Some(value) = value else {
                let example = if name == "start_paused" { "true" } else { "\"..\"" };
                return Err(Error::new(name.span(), format!("`{name}` needs a value: `{name} = {example}`")));
            };
            if name == "crate" {
                arguments.runtime = runtime(&value)?;
            } else if name == "start_paused" {
                arguments.start_paused = start_paused(&value)?;
            } else {
                arguments.timeout_milliseconds = timeout(&value)?;
            }
            given.push(name);
        }
        Ok(arguments)
    }
}

/// One `name = value`, or a name alone, which is wrong. The name may be a keyword, as `crate` is.
struct Argument {
    name: Ident,
    value: Option<Lit>,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let name = Ident::parse_any(input)?;
        let equals: Option<Token![=]> = input.parse()?;
        let value = equals.map(|_| input.parse()).transpose()?;
        Ok(Argument { name, value })
    }
}

/// Names in the way of a sentence: `` `a`, `b` and `c` ``.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

fn runtime(value: &Lit) -> Result<Path, Error> {
    let message = r#"`crate` takes the path of the runtime as a string, such as "::hanol""#;
    let Lit::Str(text) = value else {
        return Err(Error::new(value.span(), message));
    };
    text.parse_with(Path::parse_mod_style).map_err(|_| Error::new(text.span(), message))
}

fn start_paused(value: &Lit) -> Result<bool, Error> {
    match value {
        Lit::Bool(value) => Ok(value.value),
        _ => Err(Error::new(value.span(), "`start_paused` takes `true` or `false`")),
    }
}

fn timeout(value: &Lit) -> Result<u64, Error> {
    let milliseconds = match value {
        Lit::Str(text) => parse_milliseconds(&text.value()),
        _ => None,
    };
    let message = r#"`timeout` takes a whole number above zero and its unit as a string: "500ms", "10s" or "2m""#;
    milliseconds.ok_or_else(|| Error::new(value.span(), message))
}

/// The milliseconds of a text such as `500ms`, `10s` or `2m`.
fn parse_milliseconds(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|&milliseconds| milliseconds > 0)
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::{Arguments, parse_milliseconds};

    #[test]
    fn each_unit_is_understood() {
        assert_eq!(parse_milliseconds("1ms"), Some(1));
        assert_eq!(parse_milliseconds("500ms"), Some(500));
        assert_eq!(parse_milliseconds("10s"), Some(10_000));
        assert_eq!(parse_milliseconds("2m"), Some(120_000));
        assert_eq!(parse_milliseconds("007s"), Some(7_000));
    }

    #[test]
    fn any_other_text_is_no_timeout() {
        for text in [
            "", "s", "ms", "10", "10 s", " 10s", "10s ", "10S", "10sec", "1h", "1.5s", "-1s", "+1s", "1m30s", "١s",
            "1_000ms",
        ] {
            assert_eq!(parse_milliseconds(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_timeout_is_above_zero_and_below_the_end_of_time() {
        assert_eq!(parse_milliseconds("0s"), None);
        assert_eq!(parse_milliseconds("18446744073709551615ms"), Some(u64::MAX));
        assert_eq!(parse_milliseconds("18446744073709551616ms"), None);
        assert_eq!(parse_milliseconds("18446744073709551s"), Some(18_446_744_073_709_551_000));
        assert_eq!(parse_milliseconds("18446744073709552s"), None);
    }

    #[test]
    fn arguments_not_given_have_their_defaults() {
        let arguments = Arguments::parse(quote!(), &[]).unwrap();
        assert_eq!(arguments.runtime.to_token_stream().to_string(), quote!(::hanol).to_string());
        assert_eq!(arguments.timeout_milliseconds, 60_000);
        assert!(!arguments.start_paused);
    }

    #[test]
    fn a_clock_is_paused_by_a_word() {
        let known = ["timeout", "crate", "start_paused"];
        for (tokens, paused) in [(quote!(start_paused = true), true), (quote!(start_paused = false), false)] {
            assert_eq!(Arguments::parse(tokens, &known).unwrap().start_paused, paused);
        }
        for wrong in [quote!(start_paused = "true"), quote!(start_paused = 1)] {
            let error = Arguments::parse(wrong, &known).err().unwrap();
            assert_eq!(error.to_string(), "`start_paused` takes `true` or `false`");
        }
        let error = Arguments::parse(quote!(start_paused), &known).err().unwrap();
        assert_eq!(error.to_string(), "`start_paused` needs a value: `start_paused = true`");
        let error = Arguments::parse(quote!(other = 1), &known).err().unwrap();
        assert!(error.to_string().ends_with("knows `timeout`, `crate` and `start_paused`"));
    }

    #[test]
    fn arguments_come_in_any_order_with_or_without_a_last_comma() {
        let known = ["timeout", "crate"];
        for tokens in
            [quote!(timeout = "1s", crate = "crate::runtime"), quote!(crate = "crate::runtime", timeout = "1s",)]
        {
            let arguments = Arguments::parse(tokens, &known).unwrap();
            assert_eq!(arguments.runtime.to_token_stream().to_string(), quote!(crate::runtime).to_string());
            assert_eq!(arguments.timeout_milliseconds, 1_000);
        }
    }

    #[test]
    fn an_error_says_what_would_be_right() {
        let message = |tokens| Arguments::parse(tokens, &["timeout", "crate"]).err().unwrap().to_string();
        assert!(message(quote!(flavor = "local")).contains("`flavor`"));
        assert!(message(quote!(flavor = "local")).contains("`timeout` and `crate`"));
        for wrong in [quote!(timeout = "soon"), quote!(timeout = 10)] {
            assert!(message(wrong).contains(r#""500ms", "10s" or "2m""#));
        }
        for wrong in [quote!(crate = "not a path"), quote!(crate = 1)] {
            assert!(message(wrong).contains(r#""::hanol""#));
        }
        assert!(message(quote!(timeout = "1s", timeout = "2s")).contains("twice"));
    }
}
