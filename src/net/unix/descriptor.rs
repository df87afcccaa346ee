//! What the Unix sockets have in common that is not their operations: coming from the standard library, going there, and
//! lending the descriptor.

/// Implements it for a type with a field `socket` and a function `from_socket`.
macro_rules! descriptor_impls {
    ($Type:ident is a $name:literal) => {
        impl $Type {
            #[doc = concat!("Takes over a ", $name, " of the standard library. It is made non-blocking.")]
            ///
            /// # Errors
            ///
            /// When it cannot be made non-blocking.
            pub fn from_std(source: std::os::unix::net::$Type) -> std::io::Result<Self> {
                source.set_nonblocking(true)?;
                Ok(Self::from_socket($crate::net::socket::Socket::from_foreign(source)))
            }

            #[doc = concat!("Gives the ", $name, " to the standard library. It is still non-blocking.")]
            ///
            /// # Errors
            ///
            /// When it cannot be taken out of the selector; it is closed then.
            pub fn into_std(self) -> std::io::Result<std::os::unix::net::$Type> {
                self.socket.into_source()
            }

            /// The pending error of the socket, which this takes away.
            ///
            /// # Errors
            ///
            /// When the system cannot tell.
            pub fn take_error(&self) -> std::io::Result<Option<std::io::Error>> {
                self.socket.source().take_error()
            }

            /// The address of this socket.
            ///
            /// # Errors
            ///
            /// When the system cannot tell.
            pub fn local_addr(&self) -> std::io::Result<std::os::unix::net::SocketAddr> {
                self.socket.source().local_addr()
            }
        }

        impl TryFrom<std::os::unix::net::$Type> for $Type {
            type Error = std::io::Error;

            fn try_from(source: std::os::unix::net::$Type) -> std::io::Result<Self> {
                Self::from_std(source)
            }
        }

        impl std::os::fd::AsFd for $Type {
            /// Lends the descriptor out. From then on closing the socket costs one more system call.
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.socket.lend()
            }
        }

        impl std::os::fd::AsRawFd for $Type {
            /// Lends the descriptor out. From then on closing the socket costs one more system call.
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.socket.lend().as_raw_fd()
            }
        }

        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.socket.source().fmt(f)
            }
        }
    };
}

pub(super) use descriptor_impls;
