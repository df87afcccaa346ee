use std::io;

use hanol::net::{TcpListener, TcpStream};

pub(crate) async fn the_server_says_its_name() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let server = hanol::spawn(async move {
        let (stream, _peer) = listener.accept().await?;
        let mut request = [0; 64];
        stream.read(&mut request).await?;
        stream.write_all(b"hanol\n").await
    });
    let mut name = [0; 6];
    client.read_exact(&mut name).await?;
    assert_eq!(&name, b"hanol\n");
    server.await?
}
