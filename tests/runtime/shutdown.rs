//! Rule 6: dropping a runtime drops its tasks, then timers, then registrations, then the selector.

use std::cell::RefCell;
use std::fs;
use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Handle, Runtime};
use hanol::task::yield_now;
use hanol::time::{sleep, timeout};

use crate::timing::{HOUR, in_own_process, runtime, take_mail};

type Log = Arc<Mutex<Vec<&'static str>>>;

/// Writes down its name when it is dropped.
struct Logged(&'static str, Log);

impl Wake for Logged {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Logged {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

/// Does something when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn tasks_go_before_timers_and_timers_before_registrations() {
    let log = Log::default();
    let runtime = runtime();
    let mut armed = sleep(HOUR);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    // A timer and a socket that outlive the runtime, with wakers that tell when the runtime lets go of them.
    runtime.block_on(async {
        let timer: Waker = Arc::new(Logged("timer", Arc::clone(&log))).into();
        let socket: Waker = Arc::new(Logged("registration", Arc::clone(&log))).into();
        assert!(Pin::new(&mut armed).poll(&mut Context::from_waker(&timer)).is_pending());
        assert!(listener.poll_accept(&mut Context::from_waker(&socket)).is_pending());
    });
    let task = Logged("task", Arc::clone(&log));
    drop(runtime.spawn(async move {
        pending::<()>().await;
        drop(task);
    }));
    runtime.block_on(yield_now());
    assert!(log.lock().unwrap().is_empty());
    drop(runtime);
    assert_eq!(*log.lock().unwrap(), ["task", "timer", "registration"]);
    drop((armed, listener));
}

#[test]
fn tasks_that_hold_each_others_handles_are_dropped() {
    let log = Log::default();
    let runtime = runtime();
    let handles = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..1000 {
        let (guard, others) = (Logged("task", Arc::clone(&log)), Rc::clone(&handles));
        handles.borrow_mut().push(runtime.spawn(async move {
            pending::<()>().await;
            drop((guard, others));
        }));
    }
    runtime.block_on(yield_now());
    let watch = Rc::downgrade(&handles);
    drop(handles);
    drop(runtime);
    assert_eq!(log.lock().unwrap().len(), 1000);
    assert!(watch.upgrade().is_none(), "no cycle is left");
}

#[test]
fn futures_are_dropped_in_the_context_and_may_do_anything() {
    let log = Log::default();
    let runtime = runtime();
    let home = runtime.handle();
    let neighbour = runtime.spawn(pending::<()>());
    let guard = OnDrop({
        let log = Arc::clone(&log);
        move || {
            assert_eq!(Handle::current(), home);
            assert!(hanol::task::try_id().is_some());
            neighbour.abort();
            let spawned = Logged("spawned meanwhile", Arc::clone(&log));
            drop(hanol::spawn(async move { drop(spawned) }));
            let mut sleep = sleep(HOUR);
            assert!(Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop())).is_pending());
            log.lock().unwrap().push("dropped");
        }
    });
    drop(runtime.spawn(async move {
        pending::<()>().await;
        drop(guard);
    }));
    runtime.block_on(yield_now());
    drop(runtime);
    assert_eq!(*log.lock().unwrap(), ["dropped", "spawned meanwhile"]);
}

#[test]
fn a_panic_in_a_drop_keeps_no_other_task_from_being_dropped() {
    let log = Log::default();
    let runtime = runtime();
    for number in 0..10 {
        let guard = Logged("task", Arc::clone(&log));
        drop(runtime.spawn(async move {
            let _guard = guard;
            let _panics = OnDrop(|| assert_ne!(number % 3, 0, "on purpose"));
            pending::<()>().await;
        }));
    }
    runtime.block_on(yield_now());
    drop(runtime);
    assert_eq!(log.lock().unwrap().len(), 10);
}

#[test]
fn a_runtime_is_dropped_inside_a_task_of_another() {
    let log = Log::default();
    let (outer, inner) = (runtime(), runtime());
    let guard = Logged("inner task", Arc::clone(&log));
    drop(inner.spawn(async move {
        let _armed = timeout(HOUR, pending::<()>()).await;
        drop(guard);
    }));
    inner.block_on(yield_now());
    let home = outer.handle();
    outer.block_on(async move {
        let task = hanol::spawn(async move {
            drop(inner);
            Handle::current()
        });
        assert_eq!(task.await.unwrap(), home, "the context is the outer one's again");
        assert_eq!(*log.lock().unwrap(), ["inner task"]);
        yield_now().await;
    });
}

#[test]
fn sockets_and_timers_outlive_their_runtime() {
    let (first, second) = (runtime(), runtime());
    let mut armed = sleep(HOUR);
    let listener = first.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert!(poll!(&mut armed).is_pending());
        assert!(poll!(std::pin::pin!(listener.accept())).is_pending());
        listener
    });
    drop(first);
    let addr = listener.local_addr().unwrap();
    second.block_on(async {
        // It was registered with the first runtime, and says so.
        let _client = TcpStream::connect(addr).await.unwrap();
        assert!(listener.accept().await.unwrap_err().to_string().contains("another hanol runtime"));
    });
    drop((armed, listener));
    take_mail(&second);
}

/// How many descriptors this process has, or `None` where the system does not say.
fn descriptors() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count())
}

/// Leaves a runtime behind as it is in the midst of its work.
fn abandon_a_busy_runtime() {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        drop(hanol::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_zero_linger().unwrap();
            let _waits = stream.read(&mut [0]).await;
        }));
        let client = TcpStream::connect(addr).await.unwrap();
        // Closed by a reset, so that the system does not keep thousands of them in mind either.
        client.set_zero_linger().unwrap();
        drop(hanol::spawn(async move {
            let _waits = timeout(HOUR, client.read(&mut [0])).await;
        }));
        drop(hanol::spawn(async { hanol::spawn(sleep(HOUR)).await }));
        yield_now().await;
        yield_now().await;
    });
    assert!(runtime.metrics().tasks >= 3 && runtime.metrics().timers >= 1);
}

#[test]
fn thousands_of_runtimes_leave_no_descriptor_behind() {
    in_own_process("shutdown::thousands_of_runtimes_leave_no_descriptor_behind", || {
        abandon_a_busy_runtime();
        let before = descriptors();
        for _ in 0..2000 {
            abandon_a_busy_runtime();
        }
        assert_eq!(descriptors(), before);
    });
}
