#[hanol::main(flavour = "local")]
fn main<T>(argument: T) {}
