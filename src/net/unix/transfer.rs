//! The system calls that move the bytes of a Unix connection.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::unix::net::{SocketAddr, UnixStream};

use rustix::buffer::spare_capacity;
use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendFlags, recv, recvmsg, send};

use crate::net::socket::Progress;
use crate::net::stream::transfer::{ConnectedSocket, ReadBytes, WriteBytes, send_vectored};

/// Descriptors that were sent along with some bytes end a read after those bytes, although the kernel may have more. They
/// are closed, since nobody asked for them, and the system says that it has cut something off. Only then does a short
/// count not mean that there is no more.
#[allow(private_interfaces, reason = "nobody else calls it")]
impl ReadBytes for UnixStream {
    #[inline]
    fn read(&self, buf: &mut [u8]) -> io::Result<Progress<usize>> {
        self.read_vectored(&mut [IoSliceMut::new(buf)])
    }

    /// `recv` does not say whether it has cut something off.
    fn read_spare(&self, buf: &mut Vec<u8>) -> io::Result<Progress<usize>> {
        let (count, _) = recv(self, spare_capacity(buf), RecvFlags::empty())?;
        Ok(Progress::More(count))
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Progress<usize>> {
        let received = recvmsg(self, bufs, &mut RecvAncillaryBuffer::default(), RecvFlags::empty())?;
        if received.flags.contains(ReturnFlags::CTRUNC) {
            return Ok(Progress::More(received.bytes));
        }
        Ok(Progress::of_stream(received.bytes, bufs.iter().map(|buf| buf.len()).sum()))
    }
}

#[allow(private_interfaces, reason = "nobody else calls it")]
impl WriteBytes for UnixStream {
    #[inline]
    fn write(&self, buf: &[u8]) -> io::Result<Progress<usize>> {
        let count = send(self, buf, SendFlags::NOSIGNAL)?;
        Ok(Progress::of_stream(count, buf.len()))
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<Progress<usize>> {
        send_vectored(self, bufs)
    }
}

impl ConnectedSocket for UnixStream {
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
