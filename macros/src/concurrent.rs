//! What `select!`, `join!` and `try_join!` have in common: several futures that one task polls in turn.
//!
//! Everything that an expansion names is hygienic or comes from the runtime's `__private`, so that it means the same
//! whatever is in scope where the macro is used. No expansion contains `unsafe`: each future is pinned by `pin!`.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Token};

syn::custom_keyword!(biased);

/// How many branches one macro takes: the bits of a mask.
const MOST_BRANCHES: usize = 64;

/// What the macros of the runtime pass on: `(path of the runtime) biased; content`.
pub(crate) struct Invocation<T> {
    pub(crate) runtime: TokenStream,
    /// Whether the branches are polled in the order in which they are written.
    pub(crate) biased: bool,
    pub(crate) content: T,
}

impl<T: Parse> Parse for Invocation<T> {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let runtime: Group = input.parse()?;
        debug_assert_eq!(runtime.delimiter(), Delimiter::Parenthesis);
        let biased = input.peek(biased) && input.peek2(Token![;]);
        if biased {
            input.parse::<biased>()?;
            input.parse::<Token![;]>()?;
        }
        Ok(Self { runtime: runtime.stream(), biased, content: input.parse()? })
    }
}

/// The place of everything that the user did not write: local names are not visible to the user's code, nor the other way
/// round.
pub(crate) fn internal() -> Span {
    Span::mixed_site()
}

/// A number of a branch, or of branches.
pub(crate) fn number_of(number: usize) -> Literal {
    Literal::u32_suffixed(u32::try_from(number).expect("there are at most 64 branches"))
}

/// The local variable that holds the pinned future of a branch.
pub(crate) fn name_of_future(number: usize) -> Ident {
    format_ident!("future{number}", span = internal())
}

/// The same tokens, which mean the same, as if they were written in another place: for the compiler's messages.
fn located_at(tokens: TokenStream, place: Span) -> TokenStream {
    let located = tokens.into_iter().map(|token| {
        let span = token.span().located_at(place);
        let mut token = match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), located_at(group.stream(), place)).into(),
            token => token,
        };
        token.set_span(span);
        token
    });
    located.collect()
}

/// Reports the first branch that is too many.
pub(crate) fn check_count(name: &str, mut places: impl Iterator<Item = Span>) -> Result<(), Error> {
    match places.nth(MOST_BRANCHES) {
        Some(place) => Err(Error::new(place, format!("`{name}` takes at most {MOST_BRANCHES} branches"))),
        None => Ok(()),
    }
}

/// Futures that are polled in one task.
pub(crate) struct Concurrent<'a> {
    support: &'a TokenStream,
    biased: bool,
    count: usize,
}

impl<'a> Concurrent<'a> {
    pub(crate) fn new(support: &'a TokenStream, biased: bool, count: usize) -> Self {
        Self { support, biased, count }
    }

    /// Whether it varies which branch is polled first.
    pub(crate) fn has_choice(&self) -> bool {
        !self.biased && self.count > 1
    }

    /// Evaluates each expression into a local variable, passes it through the function `convert` of `__private`, and pins
    /// it.
    ///
    /// That the expressions are initializers of `let` keeps their temporaries until the end of the block. They are pinned
    /// from the last to the first, so that they are dropped from the first to the last.
    pub(crate) fn pin_each<'e>(
        &self,
        expressions: impl Iterator<Item = &'e Expr> + Clone,
        convert: &TokenStream,
    ) -> TokenStream {
        let support = self.support;
        let names: Vec<Ident> = (0..self.count).map(name_of_future).collect();
        let evaluated = names
            .iter()
            .zip(expressions.clone())
            .map(|(name, expression)| quote_spanned!(internal()=> let #name = #expression;));
        let converted = names.iter().zip(expressions).map(|(name, expression)| {
            let converted = quote_spanned!(internal()=> #support::#convert(#name));
            // A value that is no future is reported where it is written.
            let converted = located_at(converted, expression.span());
            quote_spanned!(internal()=> let #name = #converted;)
        });
        let pinned = names.iter().rev().map(|name| quote_spanned!(internal()=> let mut #name = #support::pin!(#name);));
        quote_spanned!(internal()=> #(#evaluated)* #(#converted)* #(#pinned)*)
    }

    /// Does what `polls` has for each branch: in the order in which they are written if that is asked for, else beginning
    /// with the branch that the expression `first` gives, which is made of the number of branches.
    pub(crate) fn poll_each(
        &self,
        first: impl FnOnce(&Literal) -> TokenStream,
        polls: impl Iterator<Item = TokenStream>,
    ) -> TokenStream {
        if !self.has_choice() {
            return polls.collect();
        }
        let count = number_of(self.count);
        let first = first(&count);
        let numbers = (0..self.count).map(number_of);
        quote_spanned! {internal()=>
            let mut branch: u32 = #first;
            for _ in 0..#count {
                match branch {
                    #(#numbers => { #polls })*
                    _ => {}
                }
                branch += 1;
                if branch == #count {
                    branch = 0;
                }
            }
        }
    }
}
