#[hanol::main]
async fn main() {}

#[hanol::main]
async fn default<T: Default>() -> T {
    T::default()
}
