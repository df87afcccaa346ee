//! The attributes of `hanol`, [`macro@main`] and [`macro@test`], and the inside of its macros. Use them through that crate.
//!
//! Either attribute turns an `async fn` into one that can be called without a runtime. The function as it was written stays in
//! one piece inside the new one. So its return type guides inference as it would anywhere else, and the compiler's
//! messages about its body point at the lines that the user wrote.

#![forbid(unsafe_code)]

mod arguments;
mod concurrent;
mod entry;
mod join;
mod select;

use proc_macro::TokenStream;

/// Runs an `async fn` to its end on a runtime of its own, on the thread that calls it.
///
/// Meant for the `main` function of a program, but any `async fn` without arguments will do. Attributes, visibility
/// and return type stay as they are.
///
/// ```text
/// #[hanol::main]
/// async fn main() -> std::io::Result<()> {
///     let listener = hanol::net::TcpListener::bind("127.0.0.1:7000").await?;
///     println!("listening on {}", listener.local_addr()?);
///     Ok(())
/// }
/// ```
///
/// The compiler then sees
///
/// ```text
/// fn main() -> std::io::Result<()> {
///     async fn main() -> std::io::Result<()> {
///         let listener = hanol::net::TcpListener::bind("127.0.0.1:7000").await?;
///         println!("listening on {}", listener.local_addr()?);
///         Ok(())
///     }
///     ::hanol::block_on(main())
/// }
/// ```
///
/// A program that wants to configure its runtime calls `Runtime::block_on` itself instead. Since the function becomes
/// an item inside another, it cannot mention the `Self` of an `impl` around it.
///
/// # Arguments
///
/// - `crate = "path"`: where to find the runtime, for a crate that re-exports it or has renamed it. The default is
///   `::hanol`.
///
/// # Panics
///
/// The function panics where `hanol::block_on` does: when a runtime already runs on the thread.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(arguments.into(), item.into()).into()
}

/// Makes an `async fn` a test that runs on a runtime of its own and fails if it hangs.
///
/// The test goes by the rules of `#[test]`: it fails if it panics, and if it returns an error. `#[should_panic]` and
/// other attributes work as they do there.
///
/// ```text
/// #[hanol::test]
/// async fn a_client_connects() -> std::io::Result<()> {
///     let listener = hanol::net::TcpListener::bind("127.0.0.1:0").await?;
///     let client = hanol::net::TcpStream::connect(listener.local_addr()?).await?;
///     let (_server, peer) = listener.accept().await?;
///     assert_eq!(peer, client.local_addr()?);
///     Ok(())
/// }
///
/// #[hanol::test(timeout = "500ms")]
/// async fn sleeping_takes_its_time() {
///     hanol::time::sleep(std::time::Duration::from_millis(10)).await;
/// }
/// ```
///
/// # Arguments
///
/// - `timeout = "60s"`: how long the test may take before it counts as hung. A whole number above zero and its unit:
///   milliseconds (`"500ms"`), seconds (`"10s"`) or minutes (`"2m"`). The default is 60 seconds.
/// - `crate = "path"`: where to find the runtime, as for [`macro@main`].
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(arguments.into(), item.into()).into()
}

/// The inside of `hanol::select!`: the path of the runtime in parentheses, then what the user wrote.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::select(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The inside of `hanol::join!`, as for [`select`].
#[doc(hidden)]
#[proc_macro]
pub fn join(input: TokenStream) -> TokenStream {
    join::join(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The inside of `hanol::try_join!`, as for [`select`].
#[doc(hidden)]
#[proc_macro]
pub fn try_join(input: TokenStream) -> TokenStream {
    join::try_join(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
