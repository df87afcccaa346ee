#[hanol::main]
async fn main() {}

#[hanol::main]
async fn wrong_type() -> u32 {
    if std::env::args().len() > 1 {
        return "early";
    }
    "late"
}

#[hanol::main]
async fn no_value() -> u32 {
    std::future::ready(()).await;
}
