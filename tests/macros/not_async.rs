#[hanol::main]
fn main() {}

#[hanol::test]
pub fn test() {}
