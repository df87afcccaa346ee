//! From the branches of `select!` to an expression that polls them.
//!
//! The expression has three steps, each with its own scope. The preconditions are evaluated. A block pins the futures and
//! polls them until one of their outputs matches its pattern; at its end all of them are dropped. A `match` then binds the
//! output and evaluates the handler, so that handlers may use what the futures borrowed, and may await, return or break.
//!
//! What carries the output from the second step to the third is an `enum` with a variant for each branch.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprBlock, Pat, Token, token};

use crate::concurrent::{self, Concurrent, Invocation, internal, number_of};

/// Expands `hanol::select!`.
pub(crate) fn select(input: TokenStream) -> Result<TokenStream, Error> {
    let Invocation { runtime, biased, content: Select { branches, otherwise } } = syn::parse2(input)?;
    if branches.is_empty() {
        let Some(otherwise) = otherwise else {
            return Err(Error::new(internal(), "`select!` needs a branch: `pattern = future => handler`"));
        };
        return Ok(quote!(#otherwise));
    }
    concurrent::check_count("select!", branches.iter().map(|branch| branch.pattern.span()))?;
    Ok(Expansion { support: quote!(#runtime::__private), biased, branches, otherwise }.expand())
}

/// What is written inside `select!`, after `biased;`.
struct Select {
    branches: Vec<Branch>,
    /// The expression of `else`.
    otherwise: Option<Expr>,
}

/// `pattern = future, if precondition => handler`.
struct Branch {
    pattern: Pat,
    future: Expr,
    precondition: Option<Expr>,
    handler: Expr,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mut branches = Vec::new();
        while !input.is_empty() && !input.peek(Token![else]) {
            let branch = Branch::parse(input)?;
            let needs_comma = !matches!(branch.handler, Expr::Block(ref block) if block.label.is_none());
            branches.push(branch);
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            } else if needs_comma && !input.is_empty() {
                return Err(input.error("expected `,`: a handler that is not a block in braces ends with a comma"));
            }
        }
        let otherwise = otherwise(input)?;
        Ok(Self { branches, otherwise })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if !input.peek(Token![=]) || input.peek(Token![=>]) {
            return Err(input.error("expected `=` and a future: a branch is `pattern = future => handler`"));
        }
        input.parse::<Token![=]>()?;
        let future = without_parentheses(input.parse()?);
        let mut precondition = None;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if !input.peek(Token![if]) {
                return Err(
                    input.error("expected `if` and a precondition, or `=>` and a handler in place of the comma")
                );
            }
            input.parse::<Token![if]>()?;
            precondition = Some(without_parentheses(input.parse()?));
        }
        if !input.peek(Token![=>]) {
            return Err(input.error("expected `=>` and a handler"));
        }
        input.parse::<Token![=>]>()?;
        let handler =
            if input.peek(token::Brace) { Expr::Block(input.parse::<ExprBlock>()?) } else { input.parse()? };
        Ok(Self { pattern, future, precondition, handler })
    }
}

/// Parses `else => expression` up to the end, if it is there.
fn otherwise(input: ParseStream<'_>) -> Result<Option<Expr>, Error> {
    if input.is_empty() {
        return Ok(None);
    }
    input.parse::<Token![else]>()?;
    input.parse::<Token![=>]>()?;
    let otherwise = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if !input.is_empty() {
        return Err(input.error("`else` is the last branch"));
    }
    Ok(Some(otherwise))
}

/// The expression inside parentheses, which would be needless where it is put.
fn without_parentheses(expression: Expr) -> Expr {
    match expression {
        Expr::Paren(parentheses) if parentheses.attrs.is_empty() => without_parentheses(*parentheses.expr),
        expression => expression,
    }
}

/// All that the expansion consists of.
struct Expansion {
    /// The path of what the expansion uses.
    support: TokenStream,
    biased: bool,
    branches: Vec<Branch>,
    otherwise: Option<Expr>,
}

impl Expansion {
    fn expand(&self) -> TokenStream {
        let declaration = self.output_declaration();
        let preconditions = self.preconditions();
        let polling = self.polling();
        let handlers = self.branches.iter().enumerate().map(|(number, Branch { pattern, handler, .. })| {
            let variant = variant(number);
            quote_spanned! {internal()=>
                // The future may be one that never ends, which its type tells the compiler.
                #[allow(unreachable_patterns)]
                __HanolSelected::#variant(#pattern) => #handler,
            }
        });
        let support = &self.support;
        let otherwise = match &self.otherwise {
            Some(otherwise) => quote!(#otherwise),
            None => quote_spanned!(internal()=> #support::all_branches_are_disabled()),
        };
        quote_spanned! {internal()=>
            {
                #declaration
                let mut disabled: u64 = 0;
                #preconditions
                #[allow(unused_mut)]
                let mut selected = #polling;
                match selected {
                    #(#handlers)*
                    __HanolSelected::Disabled => #otherwise,
                    #[allow(unreachable_patterns)]
                    _ => #support::pattern_no_longer_matches(),
                }
            }
        }
    }

    /// Declares what comes out of the futures: the output of one, or that none is left.
    ///
    /// Items have no hygiene, hence the name, which nobody else uses.
    fn output_declaration(&self) -> TokenStream {
        let variants: Vec<Ident> = (0..self.branches.len()).map(variant).collect();
        quote_spanned! {internal()=>
            enum __HanolSelected<#(#variants),*> {
                #(#variants(#variants),)*
                Disabled,
            }
        }
    }

    /// Disables the branches whose precondition is false.
    fn preconditions(&self) -> TokenStream {
        let preconditions = self.branches.iter().enumerate().filter_map(|(number, branch)| {
            let precondition = branch.precondition.as_ref()?;
            let bit = bit(number);
            Some(quote_spanned! {internal()=>
                let enabled: bool = #precondition;
                if !enabled {
                    disabled |= #bit;
                }
            })
        });
        preconditions.collect()
    }

    /// The block that polls the futures until one of them is selected.
    fn polling(&self) -> TokenStream {
        let support = &self.support;
        let concurrent = Concurrent::new(support, self.biased, self.branches.len());
        let futures = self.branches.iter().map(|branch| &branch.future);
        let pinned = concurrent.pin_each(futures, &quote!(IntoFuture::into_future));
        let polls = (0..self.branches.len()).map(|number| self.poll_branch(number));
        let first = |count: &Literal| quote_spanned!(internal()=> #support::random_below(#count));
        let polls = concurrent.poll_each(first, polls);
        quote_spanned! {internal()=>
            {
                #pinned
                #support::poll_fn(#[inline(always)] move |cx| {
                    if #support::poll_budget(cx).is_pending() {
                        return #support::Poll::Pending;
                    }
                    let mut waits = #support::Waits::new();
                    #polls
                    if waits.are_none() {
                        waits.forget();
                        return #support::Poll::Ready(__HanolSelected::Disabled);
                    }
                    waits.keep_first(#support::SELECT);
                    #support::Poll::Pending
                })
                .await
            }
        }
    }

    /// Polls one branch, unless it is disabled.
    ///
    /// Whether an output matches the pattern has to be known before the output may be moved into it. The guard tells: it
    /// is evaluated if the pattern matches, and refuses, so that the output stays whole.
    fn poll_branch(&self, number: usize) -> TokenStream {
        let support = &self.support;
        let bit = bit(number);
        let future = concurrent::name_of_future(number);
        let variant = variant(number);
        let pattern = &self.branches[number].pattern;
        let number = number_of(number);
        quote_spanned! {internal()=>
            if disabled & #bit == 0 {
                #[allow(unused_mut)]
                match #support::Future::poll(#support::Pin::as_mut(&mut #future), cx) {
                    #support::Poll::Ready(mut output) => {
                        disabled |= #bit;
                        let mut matches = false;
                        match output {
                            #[allow(unreachable_patterns, unused_mut, unused_variables)]
                            #pattern if { matches = true; false } => #support::pattern_no_longer_matches(),
                            _ => {}
                        }
                        if matches {
                            waits.forget();
                            return #support::Poll::Ready(__HanolSelected::#variant(output));
                        }
                    }
                    #support::Poll::Pending => #support::Waits::branch_waits(&mut waits, #number),
                }
            }
        }
    }
}

fn variant(number: usize) -> Ident {
    format_ident!("Branch{number}", span = internal())
}

/// The bit of a branch in the mask of those that are disabled.
fn bit(number: usize) -> Literal {
    Literal::u64_suffixed(1 << number)
}
