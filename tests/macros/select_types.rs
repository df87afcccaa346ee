//! What does not fit is reported where it is written.

use std::future::ready;

fn not_async() {
    hanol::select! { _ = ready(()) => {} };
    hanol::join!(ready(1));
}

#[hanol::main]
async fn main() {
    not_async();
    hanol::select! { x = 1 => x };
    hanol::select! { _ = ready(()), if 1 => {} };
    hanol::select! { Some(x) = ready(1) => x };
    hanol::select! { x = ready(1) => x, _ = ready(1) => "text" };
    hanol::join!(ready(1), 2);
}
