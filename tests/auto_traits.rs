//! Which types may go to other threads. All of this happens at compile time.

use std::cell::Cell;
use std::future::Pending;
use std::marker::PhantomData;
use std::time::Duration;

use hanol::io::{Interest, Ready};
use hanol::net::{
    Accept, AsyncIo, Bind, Connect, ConnectError, ConnectOptions, ConnectWith, Keepalive, LookupHost, OwnedReadHalf,
    OwnedWriteHalf, Peek, Read, ReadExact, ReadHalf, ReadVectored, Readiness, ReuniteError, TcpListener, TcpSocket,
    TcpStream, UdpSocket, Write, WriteAll, WriteHalf, WriteVectored, udp,
};
use hanol::runtime::{self, EnterGuard, Handle, Metrics, Runtime, TaskInfo, TaskList};
use hanol::sync::{
    Acquire, AcquireError, AcquireOwned, Barrier, BarrierWait, BarrierWaitResult, Lock, LockOwned, Mutex, MutexGuard,
    Notified, Notify, OnceCell, OwnedMutexGuard, OwnedNotified, OwnedSemaphorePermit, ReadLock, ReadLockOwned, RwLock,
    Semaphore, SetOnce, TryAcquireError, TryLockError, WaitSet, WriteLock, WriteLockOwned,
};
use hanol::task::coop::RestoreOnPending;
use hanol::task::{
    self, AbortHandle, AbortOnDropHandle, GroupHandle, GroupWait, JoinError, JoinHandle, JoinSet, LocalKey,
    RemoteJoinHandle, TaskGroup, TaskLocalFuture, Unblock, Unconstrained,
};
use hanol::time::{Elapsed, Instant, Interval, Sleep, Timeout};

/// Has constants that say whether `T` may be sent and shared. Where it may, the inherent constant is found; where not, that
/// of the trait.
struct Probe<T>(PhantomData<T>);

trait Otherwise {
    const IS_SEND: bool = false;
    const IS_SYNC: bool = false;
    const IS_UNPIN: bool = false;
}

impl<T> Otherwise for Probe<T> {}

#[allow(dead_code, reason = "some are never found: that is the test")]
mod found {
    use super::Probe;

    impl<T: Send> Probe<T> {
        pub(super) const IS_SEND: bool = true;
    }

    impl<T: Sync> Probe<T> {
        pub(super) const IS_SYNC: bool = true;
    }

    impl<T: Unpin> Probe<T> {
        pub(super) const IS_UNPIN: bool = true;
    }
}

macro_rules! assert_each {
    ($constant:ident is $expected:literal for $($type:ty),* $(,)?) => {
        const { $(assert!(Probe::<$type>::$constant == $expected, stringify!($type));)* }
    };
}

#[test]
fn the_probe_tells_both_ways() {
    assert_each!(IS_SEND is true for u8, std::cell::Cell<u8>);
    assert_each!(IS_SEND is false for std::rc::Rc<u8>);
    assert_each!(IS_SYNC is true for u8);
    assert_each!(IS_SYNC is false for std::cell::Cell<u8>);
    assert_each!(IS_UNPIN is false for std::marker::PhantomPinned);
}

#[test]
fn sockets_may_go_anywhere() {
    assert_each!(IS_SEND is true for TcpListener, TcpStream, ReadHalf<'_>, WriteHalf<'_>, OwnedReadHalf, OwnedWriteHalf);
    assert_each!(IS_SYNC is true for TcpListener, TcpStream, ReadHalf<'_>, WriteHalf<'_>, OwnedReadHalf, OwnedWriteHalf);
    assert_each!(IS_SEND is true for ReuniteError, Interest, Ready);
    assert_each!(IS_SYNC is true for ReuniteError, Interest, Ready);
    assert_each!(IS_SEND is true for TcpSocket, UdpSocket, ConnectOptions, ConnectError, Keepalive);
    assert_each!(IS_SYNC is true for TcpSocket, UdpSocket, ConnectOptions, ConnectError, Keepalive);
}

#[test]
fn operations_may_go_anywhere() {
    assert_each!(IS_SEND is true for
        Bind, Accept<'_>, Connect, Read<'_>, ReadExact<'_>, ReadVectored<'_, '_>, Peek<'_>, Write<'_>, WriteAll<'_>,
        WriteVectored<'_, '_>, Readiness<'_, ()>, Readiness<'_, Ready>, AsyncIo<'_, fn()>,
    );
    assert_each!(IS_SYNC is true for
        Bind, Accept<'_>, Connect, Read<'_>, ReadExact<'_>, ReadVectored<'_, '_>, Peek<'_>, Write<'_>, WriteAll<'_>,
        WriteVectored<'_, '_>, Readiness<'_, ()>, Readiness<'_, Ready>, AsyncIo<'_, fn()>,
    );
    assert_each!(IS_UNPIN is true for
        Bind, Accept<'_>, Connect, Read<'_>, ReadExact<'_>, ReadVectored<'_, '_>, Peek<'_>, Write<'_>, WriteAll<'_>,
        WriteVectored<'_, '_>, Readiness<'_, ()>, Readiness<'_, Ready>, AsyncIo<'_, fn()>,
    );
}

#[test]
fn operations_on_datagrams_and_lookups_may_go_anywhere() {
    assert_each!(IS_SEND is true for
        ConnectWith, LookupHost, udp::Bind, udp::Connect<'_>, udp::Send<'_>, udp::SendTo<'_>, udp::Recv<'_>,
        udp::RecvFrom<'_>, udp::RecvBuf<'_>, udp::RecvBufFrom<'_>, udp::Peek<'_>, udp::PeekFrom<'_>, udp::PeekSender<'_>,
    );
    assert_each!(IS_SYNC is true for
        ConnectWith, LookupHost, udp::Connect<'_>, udp::Bind, udp::Send<'_>, udp::SendTo<'_>, udp::Recv<'_>, udp::RecvFrom<'_>, udp::RecvBuf<'_>,
        udp::RecvBufFrom<'_>, udp::Peek<'_>, udp::PeekFrom<'_>, udp::PeekSender<'_>,
    );
    assert_each!(IS_UNPIN is true for
        ConnectWith, LookupHost, udp::Bind, udp::Connect<'_>, udp::Send<'_>, udp::SendTo<'_>, udp::Recv<'_>,
        udp::RecvFrom<'_>, udp::RecvBuf<'_>, udp::RecvBufFrom<'_>, udp::Peek<'_>, udp::PeekFrom<'_>, udp::PeekSender<'_>,
    );
}

#[test]
fn timers_may_go_anywhere() {
    assert_each!(IS_SEND is true for Sleep, Timeout<Pending<u8>>, Interval, Elapsed, Instant);
    assert_each!(IS_SYNC is true for Sleep, Timeout<Pending<u8>>, Interval, Elapsed, Instant);
    assert_each!(IS_UNPIN is true for Sleep, Interval);
    // A limit does not change what its future is.
    assert_each!(IS_SEND is false for Timeout<std::future::Ready<std::rc::Rc<u8>>>);
}

#[test]
fn handles_of_the_runtime_may_go_anywhere() {
    assert_each!(IS_SEND is true for Handle, runtime::Builder, Metrics, TaskInfo, TaskList, task::Id, JoinError);
    assert_each!(IS_SYNC is true for Handle, runtime::Builder, Metrics, TaskInfo, TaskList, task::Id);
    assert_each!(IS_SEND is true for AbortHandle, RemoteJoinHandle<Cell<u8>>);
    assert_each!(IS_SYNC is true for AbortHandle, RemoteJoinHandle<Cell<u8>>);
    assert_each!(IS_UNPIN is true for RemoteJoinHandle<Cell<u8>>);
    assert_each!(IS_SEND is false for RemoteJoinHandle<std::rc::Rc<u8>>);
}

#[test]
fn what_a_task_holds_may_go_anywhere_if_its_parts_may() {
    assert_each!(IS_SEND is true for Unblock<Cell<u8>>, TaskLocalFuture<u8, Pending<u8>>, Unconstrained<Pending<u8>>);
    assert_each!(IS_SYNC is true for Unblock<Cell<u8>>, TaskLocalFuture<u8, Pending<u8>>, LocalKey<Cell<u8>>);
    assert_each!(IS_SEND is false for TaskLocalFuture<std::rc::Rc<u8>, Pending<u8>>, RestoreOnPending);
}

#[test]
fn the_runtime_and_its_tasks_stay_on_their_thread() {
    assert_each!(IS_SEND is false for TaskGroup, GroupHandle, GroupWait<'_, ()>);
    assert_each!(IS_SEND is false for Runtime, EnterGuard<'_>, JoinHandle<()>, AbortOnDropHandle<()>, JoinSet<()>);
    assert_each!(IS_SYNC is false for Runtime, EnterGuard<'_>, JoinHandle<()>, AbortOnDropHandle<()>, JoinSet<()>);
}

#[test]
fn locks_stay_on_their_thread_and_their_futures_may_move() {
    assert_each!(IS_SEND is false for
        Mutex<u8>, RwLock<u8>, Semaphore, OnceCell<u8>, MutexGuard<'_, u8>, OwnedMutexGuard<u8>, OwnedSemaphorePermit,
    );
    assert_each!(IS_SYNC is false for
        Mutex<u8>, RwLock<u8>, Semaphore, OnceCell<u8>, Notify, Barrier, SetOnce<u8>, MutexGuard<'_, u8>,
    );
    assert_each!(IS_UNPIN is true for
        Notified<'_>, OwnedNotified, Acquire<'_>, AcquireOwned, Lock<'_, u8>, LockOwned<u8>, ReadLock<'_, u8>,
        ReadLockOwned<u8>, WriteLock<'_, u8>, WriteLockOwned<u8>, BarrierWait<'_>, WaitSet<'_, u8>,
    );
    assert_each!(IS_SEND is true for AcquireError, TryAcquireError, TryLockError, BarrierWaitResult);
    assert_each!(IS_SYNC is true for AcquireError, TryAcquireError, TryLockError, BarrierWaitResult);
}

/// An `async fn` that uses sockets and timers is a future that may be sent, so libraries that ask for that are content.
#[test]
fn coroutines_of_sockets_and_timers_may_go_anywhere() {
    async fn serve() -> std::io::Result<()> {
        let listener = TcpListener::bind("localhost:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (server, _peer) = listener.accept().await?;
        client.write_all(b"x").await?;
        client.ready(Interest::READABLE).await?;
        hanol::time::timeout(Duration::from_secs(1), server.read(&mut [0])).await??;
        hanol::time::sleep(Duration::ZERO).await;
        Ok(())
    }
    fn send<T: Send>(_: T) {}
    send(serve());
}
