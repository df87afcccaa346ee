//! `try_join!` takes results with one type of error.

use std::future::ready;

#[hanol::main]
async fn main() {
    let _ = hanol::try_join!(ready(1), ready(Ok::<_, ()>(2)));
    let _ = hanol::try_join!(ready(Err::<(), _>(1)), ready(Err::<(), _>("text")));
}
