//! The methods that every socket has for its readiness, written once.
//!
//! A type that takes them has a `fn socket(&self)`. What polls one direction has the name that the type's users expect, which
//! the type gives.

/// Readiness in general, and operations of the user.
macro_rules! readiness_methods {
    () => {
        /// Waits until the system reports what is asked for, and says what of it. The operation that follows may still
        /// find that it would block; readiness is cleared then.
        ///
        /// # Errors
        ///
        /// When the socket cannot be registered, or belongs to another runtime.
        ///
        /// # Panics
        ///
        /// When it is awaited outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        #[track_caller]
        pub fn ready(&self, interest: $crate::io::Interest) -> $crate::net::Readiness<'_, $crate::io::Ready> {
            $crate::net::Readiness::new(self.socket(), interest, |ready| ready, std::panic::Location::caller())
        }

        /// Calls `operation` unless it is known that it would block, and takes note if it does. `operation` must do one
        /// system call on this socket, of the kind that `interest` says; if `interest` says both, it is called when either
        /// may succeed.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when it would block. Otherwise what `operation` gives.
        pub fn try_io<R>(
            &self,
            interest: $crate::io::Interest,
            operation: impl FnOnce() -> std::io::Result<R>,
        ) -> std::io::Result<R> {
            $crate::net::ready::try_io(self.socket(), interest, operation)
        }

        /// Calls `operation` until it does not block, and waits in between. `operation` must do one system call on this
        /// socket, of the kind that `interest` says.
        ///
        /// # Errors
        ///
        /// What `operation` gives, and those of [`ready`](Self::ready).
        ///
        /// # Panics
        ///
        /// When it is awaited outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe if `operation` is: it is not called again once the future is dropped.
        #[track_caller]
        pub fn async_io<R, F>(&self, interest: $crate::io::Interest, operation: F) -> $crate::net::AsyncIo<'_, F>
        where
            F: FnMut() -> std::io::Result<R>,
        {
            $crate::net::AsyncIo::new(self.socket(), interest, operation, std::panic::Location::caller())
        }
    };
}

/// Readiness to read.
macro_rules! readable_methods {
    ($poll_ready:ident) => {
        /// Waits until the system reports that there is something to read. See [`ready`](Self::ready).
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        ///
        /// # Panics
        ///
        /// When it is awaited outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        #[track_caller]
        pub fn readable(&self) -> $crate::net::Readiness<'_, ()> {
            let interest = $crate::io::Interest::READABLE;
            $crate::net::Readiness::new(self.socket(), interest, |_| (), std::panic::Location::caller())
        }

        /// Polls until the system reports that there is something to read. The waker stays registered until the next
        /// event; several tasks may poll, and each event wakes all of them.
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        #[track_caller]
        pub fn $poll_ready(&self, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
            let location = std::panic::Location::caller();
            $crate::net::ready::poll_direction(self.socket(), cx, hanol_reactor::Direction::Read, location)
        }
    };
}

/// Readiness to write.
macro_rules! writable_methods {
    ($poll_ready:ident) => {
        /// Waits until the system reports that there is room to write. See [`ready`](Self::ready).
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        ///
        /// # Panics
        ///
        /// When it is awaited outside a runtime.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe.
        #[track_caller]
        pub fn writable(&self) -> $crate::net::Readiness<'_, ()> {
            let interest = $crate::io::Interest::WRITABLE;
            $crate::net::Readiness::new(self.socket(), interest, |_| (), std::panic::Location::caller())
        }

        /// Polls until the system reports that there is room to write. The waker stays registered until the next event;
        /// several tasks may poll, and each event wakes all of them.
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        #[track_caller]
        pub fn $poll_ready(&self, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
            let location = std::panic::Location::caller();
            $crate::net::ready::poll_direction(self.socket(), cx, hanol_reactor::Direction::Write, location)
        }
    };
}

pub(crate) use {readable_methods, readiness_methods, writable_methods};
