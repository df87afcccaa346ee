#[hanol::main(flavor = "current_thread")]
async fn main() {}

#[hanol::main(timeout = "10s")]
async fn other() {}

#[hanol::test(worker_threads = 1)]
async fn test() {}

#[hanol::test(multi_thread)]
async fn a_name_alone() {}
