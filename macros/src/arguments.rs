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
}

impl Arguments {
    /// Parses the arguments of an attribute that knows those that are named in `known`.
    pub(crate) fn parse(tokens: TokenStream, known: &[&str]) -> Result<Self, Error> {
        let mut arguments = Arguments { runtime: parse_quote!(::hanol), timeout_milliseconds: 60_000 };
        let mut given: Vec<Ident> = Vec::new();
        for Argument { name, value } in Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)? {
            if !known.iter().any(|known| name == known) {
                let message = format!("unknown argument `{name}`: this attribute knows `{}`", known.join("` and `"));
                return Err(Error::new(name.span(), message));
            }
            if given.contains(&name) {
                return Err(Error::new(name.span(), format!("`{name}` is given twice")));
            }
            let Some(value) = value else {
                return Err(Error::new(name.span(), format!("`{name}` needs a value: `{name} = \"..\"`")));
            };
            if name == "crate" {
                arguments.runtime = runtime(&value)?;
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

fn runtime(value: &Lit) -> Result<Path, Error> {
    let message = r#"`crate` takes the path of the runtime as a string, such as "::hanol""#;
    let Lit::Str(text) = value else {
        return Err(Error::new(value.span(), message));
    };
    text.parse_with(Path::parse_mod_style).map_err(|_| Error::new(text.span(), message))
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
