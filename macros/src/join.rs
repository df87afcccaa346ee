//! From the futures of `join!` and `try_join!` to an expression that polls them until all are done.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Token};

use crate::concurrent::{self, Concurrent, Invocation, internal, name_of_future, number_of};

/// Expands `hanol::join!`.
pub(crate) fn join(input: TokenStream) -> Result<TokenStream, Error> {
    expand(input, &Kind { name: "join!", convert: quote!(maybe_done), poll, finish: |_, outputs| outputs })
}

/// Expands `hanol::try_join!`.
pub(crate) fn try_join(input: TokenStream) -> Result<TokenStream, Error> {
    let finish = |support: &TokenStream, outputs| quote_spanned!(internal()=> #support::Result::Ok(#outputs));
    expand(input, &Kind { name: "try_join!", convert: quote!(maybe_ok), poll: try_poll, finish })
}

/// What tells the two macros apart.
struct Kind {
    name: &'static str,
    /// The function of `__private` that prepares a future for its result to be kept.
    convert: TokenStream,
    /// Polls the branch of this number.
    poll: fn(&TokenStream, usize) -> TokenStream,
    /// Makes the result of the tuple of all outputs.
    finish: fn(&TokenStream, TokenStream) -> TokenStream,
}

struct Futures(Punctuated<Expr, Token![,]>);

impl Parse for Futures {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        Punctuated::parse_terminated(input).map(Self)
    }
}

fn expand(input: TokenStream, kind: &Kind) -> Result<TokenStream, Error> {
    let Invocation { runtime, biased, content: Futures(futures) } = syn::parse2(input)?;
    concurrent::check_count(kind.name, futures.iter().map(Spanned::span))?;

    let support = &quote!(#runtime::__private);
    let concurrent = Concurrent::new(support, biased, futures.len());
    let pinned = concurrent.pin_each(futures.iter(), &kind.convert);
    let rotation =
        concurrent.has_choice().then(|| quote_spanned!(internal()=> let mut rotation = #support::Rotation::new();));
    let polls = (0..futures.len()).map(|number| (kind.poll)(support, number));
    let first = |count: &Literal| quote_spanned!(internal()=> #support::Rotation::next(&mut rotation, #count));
    let polls = concurrent.poll_each(first, polls);
    let names = (0..futures.len()).map(name_of_future);
    let outputs =
        quote_spanned!(internal()=> (#(#support::MaybeDone::take_output(#support::Pin::as_mut(&mut #names)),)*));
    let result = (kind.finish)(support, outputs);
    Ok(quote_spanned! {internal()=>
        {
            #pinned
            #rotation
            #support::poll_fn(#[inline(always)] move |cx| {
                let mut waits = #support::Waits::new();
                #polls
                if waits.are_none() {
                    waits.forget();
                    // A future that never ends may say so by its type, and then this is never reached.
                    #[allow(unreachable_code, clippy::diverging_sub_expression)]
                    return #support::Poll::Ready(#result);
                }
                waits.keep_first(#support::JOIN);
                #support::Poll::Pending
            })
            .await
        }
    })
}

fn poll(support: &TokenStream, number: usize) -> TokenStream {
    let name = name_of_future(number);
    let number = number_of(number);
    quote_spanned! {internal()=>
        if #support::MaybeDone::poll(#support::Pin::as_mut(&mut #name), cx).is_pending() {
            #support::Waits::branch_waits(&mut waits, #number);
        }
    }
}

fn try_poll(support: &TokenStream, number: usize) -> TokenStream {
    let name = name_of_future(number);
    let number = number_of(number);
    quote_spanned! {internal()=>
        match #support::MaybeDone::try_poll(#support::Pin::as_mut(&mut #name), cx) {
            #support::Poll::Ready(#support::Result::Ok(())) => {}
            #support::Poll::Ready(#support::Result::Err(error)) => {
                waits.forget();
                return #support::Poll::Ready(#support::Result::Err(error));
            }
            #support::Poll::Pending => #support::Waits::branch_waits(&mut waits, #number),
        }
    }
}
