//! What the compiler says when the macros are misused.

#![cfg(feature = "macros")]

/// Each file in `tests/macros` must fail to compile with the messages beside it.
#[test]
fn each_misuse_is_explained_where_it_is_written() {
    trybuild::TestCases::new().compile_fail("tests/macros/*.rs");
}
