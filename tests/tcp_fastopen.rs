//! TCP Fast Open: its options, and connections that have them. Whether the kernel takes data along in the first packet is
//! for `net.ipv4.tcp_fastopen` to say, and makes no difference to what arrives.

#![cfg(all(feature = "tcp-fastopen", target_os = "linux"))]

use std::io;

use hanol::net::TcpSocket;

#[hanol::test]
async fn the_options_are_kept() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    assert!(!socket.fastopen_connect()?);
    socket.set_fastopen_connect(true)?;
    assert!(socket.fastopen_connect()?);
    socket.set_fastopen_connect(false)?;
    assert!(!socket.fastopen_connect()?);

    let server = TcpSocket::new_v4()?;
    assert_eq!(server.fastopen_queue()?, 0);
    server.bind("127.0.0.1:0".parse().unwrap())?;
    server.set_fastopen_queue(7)?;
    assert_eq!(server.fastopen_queue()?, 7);
    let error = server.set_fastopen_queue(u32::MAX).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert_eq!(server.fastopen_queue()?, 7);
    Ok(())
}

#[hanol::test]
async fn what_the_client_says_first_arrives_and_is_answered() -> io::Result<()> {
    let server = TcpSocket::new_v4()?;
    server.bind("127.0.0.1:0".parse().unwrap())?;
    server.set_fastopen_queue(16)?;
    let listener = server.listen(16)?;
    let addr = listener.local_addr()?;
    let serving = hanol::spawn(async move {
        for _ in 0..5 {
            let (stream, _) = listener.accept().await?;
            let mut request = [0; 5];
            stream.read_exact(&mut request).await?;
            stream.write_all(&request).await?;
        }
        io::Result::Ok(())
    });
    // The first connection has no cookie. The others have one, if the system gives any.
    for _ in 0..5 {
        let socket = TcpSocket::new_v4()?;
        socket.set_fastopen_connect(true)?;
        let stream = socket.connect(addr).await?;
        stream.write_all(b"hello").await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"hello");
    }
    serving.await?
}
