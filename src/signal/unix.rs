//! The signals of Unix.

use std::fmt;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use hanol_reactor::Direction;
use signal_hook::SigId;
use signal_hook::consts::signal::{
    SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::low_level;

use crate::net::socket::{Progress, Socket};
use crate::net::waiter::Waiter;
use crate::wait;

/// How many signals one look collects into one.
const COLLECTED: usize = 64;

/// Which signal, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SignalKind(i32);

impl SignalKind {
    /// The signal with this number, which differs between systems. Real-time signals have one on Linux.
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// The number of the signal.
    pub const fn as_raw_value(self) -> i32 {
        self.0
    }

    /// `SIGALRM`: a timer of the process has run out. Ends the process by default.
    pub const fn alarm() -> Self {
        Self(SIGALRM)
    }

    /// `SIGCHLD`: a child process has ended, stopped or continued. Ignored by default.
    pub const fn child() -> Self {
        Self(SIGCHLD)
    }

    /// `SIGHUP`: the terminal is gone; daemons read their configuration again. Ends the process by default.
    pub const fn hangup() -> Self {
        Self(SIGHUP)
    }

    /// `SIGINT`: Ctrl-C. Ends the process by default.
    pub const fn interrupt() -> Self {
        Self(SIGINT)
    }

    /// `SIGIO`: a descriptor is ready, for those who asked for it. Ends the process by default.
    pub const fn io() -> Self {
        Self(SIGIO)
    }

    /// `SIGPIPE`: wrote to a pipe that nobody reads. The Rust runtime ignores it unless there is a listener.
    pub const fn pipe() -> Self {
        Self(SIGPIPE)
    }

    /// `SIGQUIT`: Ctrl-\. Ends the process with a core dump by default.
    pub const fn quit() -> Self {
        Self(SIGQUIT)
    }

    /// `SIGTERM`: a request to end, which service managers send. Ends the process by default.
    pub const fn terminate() -> Self {
        Self(SIGTERM)
    }

    /// `SIGUSR1`: for the program's own use. Ends the process by default.
    pub const fn user_defined1() -> Self {
        Self(SIGUSR1)
    }

    /// `SIGUSR2`: for the program's own use. Ends the process by default.
    pub const fn user_defined2() -> Self {
        Self(SIGUSR2)
    }

    /// `SIGWINCH`: the terminal has another size. Ignored by default.
    pub const fn window_change() -> Self {
        Self(SIGWINCH)
    }
}

impl From<i32> for SignalKind {
    fn from(number: i32) -> Self {
        Self(number)
    }
}

impl From<SignalKind> for i32 {
    fn from(kind: SignalKind) -> Self {
        kind.0
    }
}

/// Listens to a signal, from now on.
///
/// It need not be called inside a runtime.
///
/// ```
/// use hanol::signal::unix::{SignalKind, signal};
///
/// # hanol::block_on(async {
/// let mut reload = signal(SignalKind::hangup())?;
/// hanol::spawn(async move {
///     while reload.recv().await.is_some() {
///         println!("the configuration is read again");
///     }
/// });
/// # Ok::<(), std::io::Error>(()) }).unwrap();
/// ```
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) for a signal that cannot be listened to: `SIGKILL`, `SIGSTOP`, and
/// `SIGILL`, `SIGFPE` and `SIGSEGV`, after which a program cannot go on; or for a number that is no signal. Else when the
/// process has no descriptors left.
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Signal::new(kind)
}

/// A listener, made by [`signal`].
///
/// Signals that come while nobody waits are not lost, but several of them count as one, as the system itself collects
/// signals that are pending. It takes two descriptors.
#[derive(Debug)]
pub struct Signal {
    kind: SignalKind,
    socket: Socket<UnixStream>,
    /// Where the handler writes.
    registration: SigId,
}

impl Signal {
    pub(super) fn new(kind: SignalKind) -> io::Result<Self> {
        if signal_hook::consts::FORBIDDEN.contains(&kind.0) {
            let message = format!("signal {} cannot be listened to", kind.0);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let (receiver, sender) = UnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        // The handler never blocks: it sends with `MSG_DONTWAIT`.
        let registration = low_level::pipe::register(kind.0, sender)?;
        Ok(Self { kind, socket: Socket::new(receiver), registration })
    }

    /// Which signal it listens to.
    pub fn kind(&self) -> SignalKind {
        self.kind
    }

    /// Waits for the signal. One that has come since the last call is given at once.
    ///
    /// It is never `None`; the `Option` is there so that `while let` reads as with other receivers, and for programs that
    /// come from tokio.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime, or in another one than the first time.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it completes, the next call gives the signal.
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_> {
        Recv { waiter: Waiter::new(wait::SIGNAL, Location::caller()), signal: self }
    }

    /// [`recv`](Self::recv) for a future that is polled by hand. Only the task of the last call is woken.
    ///
    /// # Panics
    ///
    /// As there.
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let mut waiter = Waiter::new(wait::SIGNAL, Location::caller());
        let received = self.socket.poll_io_anonymously(cx, &mut waiter, Direction::Read, take_all);
        received.map(|received| expect_usable(received, self.kind))
    }

    pub(super) async fn recv_at(mut self, location: &'static Location<'static>) -> io::Result<()> {
        Recv { waiter: Waiter::new(wait::SIGNAL, location), signal: &mut self }.await;
        Ok(())
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        low_level::unregister(self.registration);
    }
}

/// The future of [`Signal::recv`].
#[must_use = "futures do nothing unless awaited"]
pub struct Recv<'a> {
    signal: &'a mut Signal,
    waiter: Waiter,
}

impl Future for Recv<'_> {
    type Output = Option<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let received = this.signal.socket.poll_io(cx, &mut this.waiter, Direction::Read, take_all);
        if received.is_pending() && this.waiter.still_waits() {
            this.waiter.record(this.signal.kind.0.unsigned_abs());
        }
        received.map(|received| expect_usable(received, this.signal.kind))
    }
}

impl fmt::Debug for Recv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recv").field("kind", &self.signal.kind).finish_non_exhaustive()
    }
}

/// Reads all that the handler has written: whatever comes later is a new signal.
fn take_all(mut receiver: &UnixStream) -> io::Result<Progress<()>> {
    let mut bytes = [0; COLLECTED];
    let mut received = false;
    loop {
        match receiver.read(&mut bytes) {
            Ok(COLLECTED) => received = true,
            Ok(0) => unreachable!("the other end is open for as long as the listener"),
            Ok(_) => return Ok(Progress::Drained(())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && received => {
                return Ok(Progress::Drained(()));
            }
            Err(error) => return Err(error),
        }
    }
}

#[track_caller]
fn expect_usable(received: io::Result<()>, kind: SignalKind) -> Option<()> {
    match received {
        Ok(()) => Some(()),
        Err(error) => panic!("the listener for signal {} cannot be used here: {error}", kind.0),
    }
}
