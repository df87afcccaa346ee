//! Connections over loopback.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use hanol::net::{TcpListener, TcpStream};
use socket2::{Domain, SockRef, Socket, Type};

/// A connection, both of its ends in this runtime.
pub(crate) async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, _) = listener.accept().await?;
    Ok((client, server))
}

/// A connection of the standard library, both of its ends blocking.
pub(crate) fn std_pair() -> io::Result<(std::net::TcpStream, std::net::TcpStream)> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = std::net::TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    Ok((client, server))
}

/// An address that refuses connections for as long as the socket lives: its port is taken and nobody listens there.
pub(crate) fn refusing() -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let addr = socket.local_addr()?.as_socket().expect("the socket was bound to an IP address");
    Ok((socket, addr))
}

/// Writes until there is no room, and gives the number of bytes.
///
/// What the peer's side of the kernel takes over meanwhile makes room again, so it looks several times. The stream is
/// registered then and has found no room, which stands until the loop looks for events.
pub(crate) async fn fill(stream: &TcpStream) -> io::Result<usize> {
    const LOOKS: usize = 4;
    let chunk = vec![b'x'; 64 * 1024];
    let mut total = 0;
    let mut looks = 0;
    stream.writable().await?;
    loop {
        match stream.try_write(&chunk) {
            Ok(count) => {
                total += count;
                looks = 0;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && looks < LOOKS => {
                looks += 1;
                settle().await?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(total),
            Err(error) => return Err(error),
        }
    }
}

/// Makes the kernel's buffers of a stream small, so that little data fills them.
pub(crate) fn shrink_buffers(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_send_buffer_size(16 * 1024)?;
    socket.set_recv_buffer_size(16 * 1024)
}

/// Sends a byte through a connection of its own and has the selector report it: whatever this machine's sockets were ready
/// for before is reported too.
pub(crate) async fn settle() -> io::Result<()> {
    let (client, server) = pair().await?;
    client.write_all(b".").await?;
    server.readable().await
}
