//! The methods of streams, of their halves and of the ends of a pipe, each written once.
//!
//! A type that uses one of these macros has a private method `stream`, which gives the stream inside it, and names that
//! stream's type. Readiness needs the private method `socket` alone, so that a type which is no stream may use it as well.

/// Reading bytes.
macro_rules! read_methods {
    ($Stream:ty) => {
        /// Reads what there is, up to the size of the buffer, and waits if there is nothing. Gives the number of bytes; 0
        /// means that the other end has ended its side, or that the buffer is empty.
        ///
        /// # Errors
        ///
        /// [`ConnectionReset`](std::io::ErrorKind::ConnectionReset) and what else the connection has met, once.
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: if the future is dropped before it completes, no data was read.
        #[track_caller]
        pub fn read<'b>(&'b self, buf: &'b mut [u8]) -> $crate::net::Read<'b, $Stream> {
            $crate::net::Read::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// Reads until the buffer is full, and gives its size.
        ///
        /// # Errors
        ///
        /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) when the other end ends its side before; the buffer then
        /// holds what came. Otherwise as [`read`](Self::read).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe: bytes that were read are in the buffer, but how many is lost with the future.
        #[track_caller]
        pub fn read_exact<'b>(&'b self, buf: &'b mut [u8]) -> $crate::net::ReadExact<'b, $Stream> {
            $crate::net::ReadExact::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// As [`read`](Self::read), appended to a vector: as much as it has room for. One that is full gets more room
        /// first.
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: if the future is dropped before it completes, no data was read.
        #[track_caller]
        pub fn read_buf<'b>(&'b self, buf: &'b mut Vec<u8>) -> $crate::net::ReadBuf<'b, $Stream> {
            $crate::net::ReadBuf::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// As [`read`](Self::read), into several buffers, each filled before the next.
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: if the future is dropped before it completes, no data was read.
        #[track_caller]
        pub fn read_vectored<'b, 'c>(
            &'b self,
            bufs: &'b mut [std::io::IoSliceMut<'c>],
        ) -> $crate::net::ReadVectored<'b, 'c, $Stream> {
            $crate::net::ReadVectored::new(self.stream(), bufs, std::panic::Location::caller())
        }

        /// Reads what there is, without waiting.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
        pub fn try_read(&self, buf: &mut [u8]) -> std::io::Result<usize> {
            $crate::net::stream::read::try_read(self.stream(), buf)
        }

        /// Appends what there is to a vector, as [`read_buf`](Self::read_buf) does, without waiting.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
        pub fn try_read_buf(&self, buf: &mut Vec<u8>) -> std::io::Result<usize> {
            $crate::net::stream::read::try_read_buf(self.stream(), buf)
        }

        /// Reads what there is into several buffers, without waiting.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is nothing. Otherwise as [`read`](Self::read).
        pub fn try_read_vectored(&self, bufs: &mut [std::io::IoSliceMut<'_>]) -> std::io::Result<usize> {
            $crate::net::stream::read::try_read_vectored(self.stream(), bufs)
        }
    };
}

/// Reading bytes of a connection without taking them away.
macro_rules! peek_methods {
    ($Stream:ty) => {
        /// As [`read`](Self::read), but leaves the data where it is: the next read gives it again.
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        #[track_caller]
        pub fn peek<'b>(&'b self, buf: &'b mut [u8]) -> $crate::net::Peek<'b, $Stream> {
            $crate::net::Peek::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// Polls for a [`peek`](Self::peek). The waker stays registered until the next event; several tasks may poll, and
        /// each event wakes all of them.
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        #[track_caller]
        pub fn poll_peek(
            &self,
            cx: &mut std::task::Context<'_>,
            buf: &mut [u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            $crate::net::stream::read::poll_peek(self.stream(), cx, buf, std::panic::Location::caller())
        }
    };
}

/// Writing bytes.
macro_rules! write_methods {
    ($Stream:ty) => {
        /// Writes as much of the buffer as there is room for, and waits if there is none. Gives the number of bytes.
        ///
        /// # Errors
        ///
        /// [`BrokenPipe`](std::io::ErrorKind::BrokenPipe) or [`ConnectionReset`](std::io::ErrorKind::ConnectionReset) when
        /// the other end is gone. A socket sends the process no `SIGPIPE` with it.
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: if the future is dropped before it completes, nothing was written.
        #[track_caller]
        pub fn write<'b>(&'b self, buf: &'b [u8]) -> $crate::net::Write<'b, $Stream> {
            $crate::net::Write::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// Writes the whole buffer.
        ///
        /// # Errors
        ///
        /// [`WriteZero`](std::io::ErrorKind::WriteZero) when the system takes nothing. Otherwise as
        /// [`write`](Self::write).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe: a part of the buffer may have been written, and how much is lost with the future.
        #[track_caller]
        pub fn write_all<'b>(&'b self, buf: &'b [u8]) -> $crate::net::WriteAll<'b, $Stream> {
            $crate::net::WriteAll::new(self.stream(), buf, std::panic::Location::caller())
        }

        /// As [`write`](Self::write), from several buffers, with one system call.
        ///
        /// # Errors
        ///
        /// As [`write`](Self::write).
        ///
        /// # Panics
        ///
        /// When it has to wait outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: if the future is dropped before it completes, nothing was written.
        #[track_caller]
        pub fn write_vectored<'b, 'c>(
            &'b self,
            bufs: &'b [std::io::IoSlice<'c>],
        ) -> $crate::net::WriteVectored<'b, 'c, $Stream> {
            $crate::net::WriteVectored::new(self.stream(), bufs, std::panic::Location::caller())
        }

        /// Writes as much as there is room for, without waiting.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`write`](Self::write).
        pub fn try_write(&self, buf: &[u8]) -> std::io::Result<usize> {
            $crate::net::stream::write::try_write(self.stream(), buf)
        }

        /// Writes as much as there is room for from several buffers, without waiting.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is no room. Otherwise as [`write`](Self::write).
        pub fn try_write_vectored(&self, bufs: &[std::io::IoSlice<'_>]) -> std::io::Result<usize> {
            $crate::net::stream::write::try_write_vectored(self.stream(), bufs)
        }
    };
}

pub(crate) use {peek_methods, read_methods, write_methods};
