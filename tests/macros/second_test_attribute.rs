#[hanol::test]
#[test]
async fn test() {}

#[hanol::test]
#[core::prelude::v1::test]
async fn test_by_another_path() {}

fn main() {}
