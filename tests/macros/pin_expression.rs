//! `pin!` takes variables.

#[hanol::main]
async fn main() {
    hanol::pin!(async {});
}
