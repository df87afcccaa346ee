//! A group for the time of a closure.

use std::future::poll_fn;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::{GroupHandle, GroupWait, Outcome, TaskGroup};

/// Runs an asynchronous closure that may spawn children, and does not end before they have all ended.
///
/// What the closure returns counts as a child's output: the group gives its first failure, be it of the closure or of a
/// child. A failure cancels everything else in the group, the closure included.
///
/// ```
/// use std::io;
/// use hanol::net::{TcpListener, TcpStream};
///
/// # hanol::block_on(async {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let addr = listener.local_addr()?;
/// hanol::task::group(async |children| {
///     for _ in 0..3 {
///         children.spawn(async move {
///             let stream = TcpStream::connect(addr).await?;
///             stream.write_all(b"hello").await
///         });
///     }
///     for _ in 0..3 {
///         let (stream, _peer) = listener.accept().await?;
///         let mut buf = [0; 5];
///         stream.read_exact(&mut buf).await?;
///     }
///     Ok(())
/// })
/// .await
/// # as io::Result<()> }).unwrap();
/// ```
///
/// # Panics
///
/// When the closure or a child panics, with the first such panic. The others are cancelled before.
///
/// # Cancel safety
///
/// Dropping the future drops the closure's future and aborts the children.
#[track_caller]
pub fn group<T, B>(body: B) -> impl Future<Output = T>
where
    T: Outcome,
    B: AsyncFnOnce(GroupHandle<T>) -> T,
{
    let location = Location::caller();
    async move {
        let mut group = TaskGroup::new();
        let shared = Rc::clone(&group.shared);
        let returned = {
            // It is dropped, if it has not returned, before the children are waited for.
            let mut body = pin!(body(group.handle()));
            let returned_or_cancelled = poll_fn(|cx| match body.as_mut().poll(cx) {
                Poll::Pending if shared.is_closed.get() => Poll::Ready(None),
                Poll::Pending => {
                    shared.set_waker(cx);
                    Poll::Pending
                }
                Poll::Ready(output) => Poll::Ready(Some(output)),
            });
            returned_or_cancelled.await
        };
        if let Some(output) = returned {
            shared.take_note_of(output);
        }
        GroupWait { group: &mut group, location }.await
    }
}
