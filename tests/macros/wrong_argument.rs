#[hanol::test(timeout = "10 seconds")]
async fn not_a_timeout() {}

#[hanol::test(timeout = "0s")]
async fn no_time() {}

#[hanol::test(timeout = 10)]
async fn no_unit() {}

#[hanol::test(timeout)]
async fn no_value() {}

#[hanol::test(timeout = "1s", timeout = "2s")]
async fn twice() {}

#[hanol::test(crate = "two words")]
async fn not_a_path() {}

#[hanol::test(start_paused = "yes")]
async fn not_a_truth_value() {}

#[hanol::main(start_paused)]
async fn no_truth_value() {}

fn main() {}
