//! From an `async fn` to a function that runs it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, Error, Item, ItemFn, Path, ReturnType, Type, Visibility, parse_quote};

use crate::arguments::Arguments;

/// Expands `#[hanol::main]`.
pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = Arguments::parse(arguments, &["start_paused", "crate"]);
    expand("main", arguments, item, |arguments, function| {
        let runtime = arguments.runtime;
        let name = &function.sig.ident;
        let call = if arguments.start_paused {
            quote!(#runtime::__private::block_on_paused(#name()))
        } else {
            quote!(#runtime::block_on(#name()))
        };
        enclose(function, call)
    })
}

/// Expands `#[hanol::test]`.
pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = Arguments::parse(arguments, &["timeout", "start_paused", "crate"]);
    expand("test", arguments, item, |arguments, function| {
        let name = &function.sig.ident;
        let output = output_type(function);
        // An output that cannot be the result of a test is reported where it is written.
        let span = Span::call_site().located_at(output.span());
        let runtime = relocated(arguments.runtime, span);
        let milliseconds = arguments.timeout_milliseconds;
        let start_paused = arguments.start_paused;
        let call = quote_spanned! {span=>
            #runtime::__private::run_test(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                ::core::time::Duration::from_millis(#milliseconds),
                #runtime::runtime::Builder::new().start_paused(#start_paused),
                #name,
            )
        };
        // The compiler accepts `#[should_panic]` only on tests without an output.
        let (output, call) = if output.is_none() {
            (parse_quote!(), quote!(::core::assert_eq!(#call, ::std::process::ExitCode::SUCCESS);))
        } else {
            (parse_quote!(-> ::std::process::ExitCode), call)
        };
        let mut test = enclose(function, call);
        test.attrs.insert(0, parse_quote!(#[::core::prelude::v1::test]));
        test.sig.output = output;
        test
    })
}

/// Expands an attribute or, if it is misused, reports all that is wrong at once.
fn expand(
    attribute: &str,
    arguments: Result<Arguments, Error>,
    item: TokenStream,
    expansion: impl FnOnce(Arguments, &ItemFn) -> ItemFn,
) -> TokenStream {
    let function = match syn::parse2(item.clone()) {
        Ok(Item::Fn(function)) => function,
        other => {
            let message = format!("`#[hanol::{attribute}]` belongs on an `async fn` with a body");
            let error = other.err().unwrap_or_else(|| Error::new_spanned(&item, message)).into_compile_error();
            return quote!(#error #item);
        }
    };
    let misuses = misuses(attribute, &function);
    match arguments {
        Ok(arguments) if misuses.is_empty() => expansion(arguments, &function).into_token_stream(),
        arguments => in_place_of(&function, arguments.err().into_iter().chain(misuses)),
    }
}

/// Each way in which a function differs from what the attribute can run.
fn misuses(attribute: &str, function: &ItemFn) -> Vec<Error> {
    let signature = &function.sig;
    let mut errors = Vec::new();
    if signature.asyncness.is_none() {
        let message = format!("`#[hanol::{attribute}]` needs an `async fn`: write `async` before this `fn`");
        errors.push(Error::new_spanned(signature.fn_token, message));
    }
    if !signature.inputs.is_empty() {
        let message = format!("`#[hanol::{attribute}]` calls the function without arguments, so it cannot take any");
        errors.push(Error::new_spanned(&signature.inputs, message));
    }
    if !signature.generics.params.is_empty() {
        let message = format!("`#[hanol::{attribute}]` cannot choose types for a function, so it cannot be generic");
        errors.push(Error::new_spanned(&signature.generics, message));
    }
    if attribute == "test" {
        let message = "`#[hanol::test]` makes this function a test already: remove the second attribute";
        let seconds = function.attrs.iter().filter(|attribute| makes_a_test(attribute));
        errors.extend(seconds.map(|second| Error::new_spanned(second, message)));
    }
    errors
}

/// Whether this is `#[test]`, by whatever path, or the attribute of another runtime that has its name.
fn makes_a_test(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
}

/// The errors, and an empty function lest the compiler add that it finds none of that name, as it would for `main`.
fn in_place_of(function: &ItemFn, errors: impl Iterator<Item = Error>) -> TokenStream {
    let errors = errors.map(Error::into_compile_error);
    let visibility = &function.vis;
    let name = &function.sig.ident;
    quote! {
        #(#errors)*
        #[allow(dead_code)]
        #visibility fn #name() {}
    }
}

/// Encloses an `async fn` in a function that is like it, but not async, and has `call` for its body.
fn enclose(function: &ItemFn, call: TokenStream) -> ItemFn {
    let mut enclosed = function.clone();
    enclosed.vis = Visibility::Inherited;
    enclosed.attrs.retain(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));

    let mut enclosing = function.clone();
    enclosing.attrs.retain(|attribute| matches!(attribute.style, AttrStyle::Outer));
    enclosing.sig.asyncness = None;
    enclosing.block = parse_quote!({
        #enclosed
        #call
    });
    enclosing
}

/// The type that a function returns, unless it returns `()`.
fn output_type(function: &ItemFn) -> Option<&Type> {
    match &function.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, output) => Some(&**output).filter(|output| !is_unit(output)),
    }
}

fn is_unit(output: &Type) -> bool {
    matches!(output, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The path as if it were written elsewhere, for the compiler's messages.
fn relocated(path: Path, span: Span) -> TokenStream {
    let relocated = path.into_token_stream().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    relocated.collect()
}
