//! The macros where the names that they need mean something else.

#![cfg(feature = "macros")]
#![deny(warnings)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]

/// Shadows crates, types, traits, functions and macros that an expansion must not take for those it means.
#[allow(dead_code, unused_macros)]
mod user {
    mod core {}
    mod std {}
    mod hanol {}

    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct Poll;
    pub(crate) struct Pin;
    pub(crate) struct Disabled;
    pub(crate) trait Future {
        fn poll(&self) {}
        fn as_mut(&self) {}
        fn is_pending(&self) {}
    }
    impl<T> Future for T {}
    pub(crate) trait IntoFuture {
        fn into_future(self)
        where
            Self: ::core::marker::Sized,
        {
        }
    }
    impl<T> IntoFuture for T {}
    pub(crate) fn poll_fn() {}
    #[allow(non_snake_case)]
    pub(crate) fn Ok() {}
    macro_rules! pin {
        () => {};
    }
    macro_rules! panic {
        () => {};
    }
    macro_rules! matches {
        () => {};
    }

    use ::hanol as runtime;

    #[::hanol::test]
    async fn select_means_the_same() {
        let (cx, waits, branch, disabled, output, matches) = (1, 2, 3, 4, 5, 6);
        let seven = 7;
        let sum: u32 = ::hanol::select! {
            output = ::std::future::ready(cx + waits + branch) => output + disabled,
            ::std::option::Option::Some(()) = ::std::future::ready(::std::option::Option::None), if matches == 7 => output,
            _ = ::std::future::pending::<()>() => 0,
            else => seven,
        };
        ::std::assert_eq!(sum, 10);
        let future0 = ::std::future::ready(output);
        let sum = runtime::select! { selected = future0 => selected + matches };
        ::std::assert_eq!(sum, 11);
        let none: u32 = ::hanol::select! { else => seven };
        ::std::assert_eq!(none, 7);
    }

    #[::hanol::test]
    async fn join_and_try_join_mean_the_same() {
        let (rotation, waits, error) = (1, 2, 3);
        let future1 = ::std::future::ready(waits);
        let future0 = ::std::future::ready(rotation);
        ::std::assert_eq!(::hanol::join!(future1, future0), (2, 1));
        let fine = async { ::std::result::Result::<i32, i32>::Ok(rotation) };
        let fails = async { ::std::result::Result::<i32, i32>::Err(error) };
        ::std::assert_eq!(runtime::try_join!(fine, fails), ::std::result::Result::Err(3));
    }

    #[::hanol::test]
    async fn pin_means_the_same() {
        let first = async { 1 };
        ::hanol::pin!(first,);
        runtime::pin! {
            let second = async { 2 };
        }
        ::std::assert_eq!(::hanol::join!(first, &mut second), (1, 2));
    }

    pub(crate) mod reexport {
        pub(crate) use ::hanol::{join, pin, select, try_join};
    }

    #[::hanol::test]
    async fn the_macros_find_their_crate_through_a_reexport() {
        use self::reexport::{join, select, try_join};
        let one = async { 1 };
        self::reexport::pin!(one);
        let two = select! { biased; n = one => n + 1 };
        ::std::assert_eq!(join!(::std::future::ready(two)), (2,));
        let result: ::std::result::Result<_, ()> = try_join!();
        ::std::assert_eq!(result, ::std::result::Result::Ok(()));
    }
}
