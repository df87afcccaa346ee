use std::io;
use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::time::{Instant, sleep};

#[hanol::test]
async fn a_client_is_greeted() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, _peer) = listener.accept().await?;
    server.write_all(b"hello").await?;
    let mut greeting = [0; 5];
    client.read_exact(&mut greeting).await?;
    assert_eq!(&greeting, b"hello");
    Ok(())
}

#[hanol::test(start_paused = true)]
async fn an_hour_takes_no_time() {
    let start = Instant::now();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(start.elapsed(), Duration::from_secs(3600));
}
