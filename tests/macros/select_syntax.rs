//! What is wrong inside `select!` is said where it is.

#[hanol::main]
async fn main() {
    hanol::select!();
    hanol::select! { biased; };
    hanol::select! { x = ready(1), => x };
    hanol::select! { x = ready(1) => x y = ready(2) => y };
    hanol::select! { x = ready(1) };
    hanol::select! { ready(1) => 2 };
    hanol::select! { else => 1, x = ready(1) => x };
    hanol::select! { x if true = ready(1) => x };
}
