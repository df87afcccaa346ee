//! The system calls that move the bytes of a TCP connection.
//!
//! A short count means that the kernel had no more, or no more room.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr, TcpStream};

use rustix::buffer::spare_capacity;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::net::socket::Progress;
use crate::net::stream::transfer::{ConnectedSocket, ReadBytes, WriteBytes, send_vectored};

#[allow(private_interfaces, reason = "nobody else calls it")]
impl ReadBytes for TcpStream {
    #[inline]
    fn read(&self, buf: &mut [u8]) -> io::Result<Progress<usize>> {
        let asked = buf.len();
        let (count, _) = recv(self, buf, RecvFlags::empty())?;
        Ok(Progress::of_stream(count, asked))
    }

    fn read_spare(&self, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
        let spare = buf.capacity() - buf.len();
        let (count, _) = recv(self, spare_capacity(buf), RecvFlags::empty())?;
        Ok(Progress::of_stream(count, spare))
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Progress<usize>> {
        let count = rustix::io::readv(self, bufs)?;
        Ok(Progress::of_stream(count, bufs.iter().map(|buf| buf.len()).sum()))
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl WriteBytes for TcpStream {
    #[inline]
    fn write(&self, buf: &[u8]) -> io::Result<Progress<usize>> {
        let count = send(self, buf, SendFlags::NOSIGNAL)?;
        Ok(Progress::of_stream(count, buf.len()))
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>> {
        send_vectored(self, bufs)
    }
}

impl ConnectedSocket for TcpStream {
    type Addr = SocketAddr;

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.shutdown(how)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }
}
