#[hanol::main]
struct Main;

#[hanol::test]
mod tests {}

trait Entry {
    #[hanol::main]
    async fn main();
}

fn main() {}
