#[hanol::main]
async fn main(arguments: Vec<String>) {
    drop(arguments);
}

#[hanol::test]
async fn test(first: u8, second: u8) {
    assert_eq!(first, second);
}
