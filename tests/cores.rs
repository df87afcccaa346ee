//! Strands on several cores: started, served by, failing, and stopped together.

#![cfg(feature = "cores")]

mod util;

use std::collections::HashSet;
use std::future::{pending, poll_fn};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream as StdStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use hanol::cores::{Accept, Cores, OnFailure, Outcome, Strand};
use hanol::net::TcpStream;
use hanol::runtime::{Builder, TaskPanic};
use hanol::task::yield_now;
use hanol::time::sleep;

use self::util::{in_own_process, message_of, open_descriptors};

const MINUTE: Duration = Duration::from_secs(60);

type Result<T = (), E = io::Error> = std::result::Result<T, E>;

fn done() -> Result {
    Ok(())
}

/// Answers each connection with the number of the strand, until it is told to stop.
async fn serve(strand: Strand) -> Result {
    let mut stopping = pin!(strand.stopping());
    loop {
        let mut accepting = pin!(strand.accept());
        let accepted = poll_fn(|cx| match stopping.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => accepting.as_mut().poll(cx).map(Some),
        });
        let Some(accepted) = accepted.await else { return Ok(()) };
        answer(strand.index(), accepted?.0);
    }
}

/// Answers on a connection, as a task of this strand.
fn answer(strand: usize, stream: TcpStream) {
    drop(hanol::spawn(async move {
        // The stream waits here, so it is registered with this strand's runtime.
        let mut request = [0];
        stream.read_exact(&mut request).await?;
        stream.write_all(&[strand as u8]).await?;
        stream.shutdown(Shutdown::Write)?;
        stream.read(&mut request).await
    }));
}

/// Which strand answers.
fn ask(addr: SocketAddr) -> usize {
    let mut stream = StdStream::connect(addr).unwrap();
    stream.write_all(b"?").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.len(), 1);
    usize::from(answer[0])
}

#[test]
fn each_strand_has_a_thread_a_runtime_and_a_core_of_its_own() {
    let (sender, seen) = mpsc::channel();
    let cores = Cores::builder()
        .strands(3)
        .thread_name("worker")
        .start(move |strand| {
            let sender = sender.clone();
            async move {
                let affinity = rustix::thread::sched_getaffinity(None)?;
                assert_eq!(strand.core().map(|core| affinity.is_set(core)), Some(true));
                assert_eq!((strand.count(), strand.handles().len()), (3, 3));
                assert!(strand.handles()[strand.index()] == hanol::runtime::Handle::current());
                let name = thread::current().name().map(str::to_owned);
                sender.send((strand.index(), name, affinity.count())).unwrap();
                done()
            }
        })
        .unwrap();
    assert_eq!((cores.count(), cores.handles().len(), cores.local_addr()), (3, 3, None));
    cores.join().into_result().unwrap();
    let mut seen: Vec<_> = seen.iter().collect();
    seen.sort();
    let expected: Vec<_> = (0..3).map(|index| (index, Some(format!("worker-{index}")), 1)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn strands_that_are_not_pinned_may_use_every_core() {
    let all = rustix::thread::sched_getaffinity(None).unwrap().count();
    let run = move |strand: Strand| async move {
        assert_eq!(strand.core(), None);
        assert_eq!(rustix::thread::sched_getaffinity(None)?.count(), all);
        done()
    };
    Cores::builder().strands(2).pinned(false).start(run).unwrap().join().into_result().unwrap();
}

#[test]
fn there_is_a_strand_for_each_core_unless_told_otherwise() {
    let cores = Cores::builder().start(|_| async { done() }).unwrap();
    assert_eq!(cores.count(), thread::available_parallelism().unwrap().get());
    assert!(cores.join().is_success());
}

#[test]
fn the_system_deals_connections_to_every_strand() {
    let cores = Cores::builder().strands(2).listen("127.0.0.1:0").unwrap().start(serve).unwrap();
    let addr = cores.local_addr().unwrap();
    assert_ne!(addr.port(), 0);
    // A hash decides. That one of two strands gets none of 200 connections has a chance of 2 in 2²⁰⁰.
    let answers: HashSet<usize> = (0..200).map(|_| ask(addr)).collect();
    assert_eq!(answers, HashSet::from([0, 1]));
    assert!(cores.shutdown_timeout(MINUTE).is_success());
}

#[test]
fn one_strand_deals_connections_in_turn() {
    let builder = Cores::builder().strands(3).accept(Accept::OneStrand);
    let cores = builder.listen("127.0.0.1:0").unwrap().start(serve).unwrap();
    let addr = cores.local_addr().unwrap();
    let answers: Vec<usize> = (0..12).map(|_| ask(addr)).collect();
    assert_eq!(answers, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    assert!(cores.shutdown_timeout(MINUTE).is_success());
}

#[test]
fn a_strand_that_has_ended_is_dealt_no_more_connections() {
    let run = |strand: Strand| async move { if strand.index() == 1 { Ok(()) } else { serve(strand).await } };
    let (sender, ended) = mpsc::channel();
    let builder = Cores::builder().strands(3).accept(Accept::OneStrand).on_end(move |end| {
        sender.send(end.strand()).unwrap();
    });
    let cores = builder.listen("127.0.0.1:0").unwrap().start(run).unwrap();
    assert_eq!(ended.recv().unwrap(), 1);
    let answers: HashSet<usize> = (0..12).map(|_| ask(cores.local_addr().unwrap())).collect();
    assert_eq!(answers, HashSet::from([0, 2]));
    assert!(cores.shutdown_timeout(MINUTE).is_success());
}

#[test]
fn strands_that_are_handed_connections_are_not_surprised_by_a_stop() {
    for _ in 0..50 {
        // This strand takes note of the end of the channel before that of the stop.
        let run = |strand: Strand| async move {
            let mut stopping = pin!(strand.stopping());
            let mut accepting = pin!(strand.accept());
            poll_fn(|cx| match accepting.as_mut().poll(cx) {
                Poll::Ready(accepted) => Poll::Ready(accepted.map(drop)),
                Poll::Pending => stopping.as_mut().poll(cx).map(Ok),
            })
            .await
        };
        let builder = Cores::builder().strands(2).accept(Accept::OneStrand);
        let report = builder.listen("127.0.0.1:0").unwrap().start(run).unwrap().shutdown_timeout(MINUTE);
        assert!(report.is_success(), "{report}");
    }
}

#[test]
fn the_port_is_closed_as_soon_as_the_strands_are_to_stop() {
    for accept in [Accept::ReusePort, Accept::OneStrand] {
        let (sender, stopped) = mpsc::channel();
        let release = Arc::new(AtomicBool::new(false));
        let released = Arc::clone(&release);
        let run = move |strand: Strand| {
            let (sender, released) = (sender.clone(), Arc::clone(&released));
            async move {
                serve(strand.clone()).await?;
                sender.send(strand.index()).unwrap();
                // It has work left, and nobody new is let in meanwhile.
                while !released.load(Ordering::SeqCst) {
                    sleep(Duration::from_millis(1)).await;
                }
                let mut accepting = pin!(strand.accept());
                assert!(poll_fn(|cx| Poll::Ready(accepting.as_mut().poll(cx))).await.is_pending());
                done()
            }
        };
        let builder = Cores::builder().strands(2).accept(accept);
        let cores = builder.listen("127.0.0.1:0").unwrap().start(run).unwrap();
        let addr = cores.local_addr().unwrap();
        ask(addr);
        cores.stop();
        let mut both = [stopped.recv().unwrap(), stopped.recv().unwrap()];
        both.sort_unstable();
        assert_eq!(both, [0, 1]);
        let deadline = std::time::Instant::now() + MINUTE;
        while StdStream::connect(addr).is_ok() {
            assert!(std::time::Instant::now() < deadline, "the port stays open");
        }
        release.store(true, Ordering::SeqCst);
        assert!(cores.join().is_success());
    }
}

#[test]
fn an_accept_that_is_given_up_loses_no_connection() {
    for accept in [Accept::ReusePort, Accept::OneStrand] {
        let run = |strand: Strand| async move {
            let mut stopping = pin!(strand.stopping());
            loop {
                // Each accept is polled once and given up, however it went.
                let mut accepting = pin!(strand.accept());
                let accepted = poll_fn(|cx| Poll::Ready(accepting.as_mut().poll(cx))).await;
                if let Poll::Ready(accepted) = accepted {
                    answer(strand.index(), accepted?.0);
                }
                if poll_fn(|cx| Poll::Ready(stopping.as_mut().poll(cx))).await.is_ready() {
                    return done();
                }
                yield_now().await;
            }
        };
        let builder = Cores::builder().strands(2).accept(accept);
        let cores = builder.listen("127.0.0.1:0").unwrap().start(run).unwrap();
        for _ in 0..20 {
            ask(cores.local_addr().unwrap());
        }
        assert!(cores.shutdown_timeout(MINUTE).is_success());
    }
}

#[test]
fn an_error_of_one_strand_stops_the_others() {
    let run = |strand: Strand| async move {
        if strand.index() == 1 {
            return Err("no configuration".to_owned());
        }
        strand.stopping().await;
        assert!(strand.is_stopping());
        Ok(())
    };
    let cores = Cores::builder().strands(3).start(run).unwrap();
    // The thread that started them hears of it too.
    hanol::block_on(cores.stopping());
    let report = cores.join();
    let failed: Vec<bool> = report.ends().iter().map(|end| end.is_failure()).collect();
    assert_eq!(failed, [false, true, false]);
    assert_eq!(report.to_string(), "strand 1 has failed: no configuration");
    let error = report.into_result().unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no configuration");
}

#[test]
fn a_panic_is_reported_at_once_and_by_the_end_with_its_payload() {
    let (sender, ends) = mpsc::channel();
    let run = |strand: Strand| async move {
        assert!(strand.index() != 0, "strand {} is broken", strand.index());
        serve(strand).await
    };
    let builder = Cores::builder().strands(2).on_failure(OnFailure::KeepOthers).accept(Accept::ReusePort);
    let builder = builder.on_end(move |end| {
        sender.send(end.to_string()).unwrap();
        panic!("a hook's panic is contained");
    });
    let cores = builder.start(run).unwrap();
    let mut ends = [ends.recv().unwrap(), ends.recv().unwrap()];
    ends.sort();
    assert_eq!(ends[0], "strand 0 has panicked: strand 0 is broken");
    // The other one has no listener, which it is told by a panic of its own.
    assert!(ends[1].starts_with("strand 1 has panicked: the strands have no listener"), "{}", ends[1]);
    let report = cores.join();
    let outcome = report.into_ends().swap_remove(0).into_outcome();
    let Outcome::Panicked(panic) = outcome else { panic!("{outcome:?}") };
    assert_eq!(panic.message(), Some("strand 0 is broken"));
    assert_eq!(message_of(&*panic.into_payload()), "strand 0 is broken");
}

#[test]
fn the_others_go_on_after_a_failure_if_so_chosen() {
    let (sender, ended) = mpsc::channel();
    let run = |strand: Strand| async move {
        assert!(strand.index() != 1, "broken");
        serve(strand).await
    };
    let builder = Cores::builder().strands(3).on_failure(OnFailure::KeepOthers).accept(Accept::OneStrand);
    let builder = builder.on_end(move |end| sender.send(end.strand()).unwrap());
    let cores = builder.listen("127.0.0.1:0").unwrap().start(run).unwrap();
    assert_eq!(ended.recv().unwrap(), 1);
    let answers: HashSet<usize> = (0..10).map(|_| ask(cores.local_addr().unwrap())).collect();
    assert_eq!(answers, HashSet::from([0, 2]));
    assert_eq!(cores.shutdown_timeout(MINUTE).to_string(), "strand 1 has panicked: broken");
}

#[test]
fn a_tasks_panic_ends_its_strand_if_the_runtime_propagates_it() {
    let run = |strand: Strand| async move {
        if strand.index() == 0 {
            drop(hanol::spawn(async { panic!("of a task") }));
        }
        strand.stopping().await;
        done()
    };
    let runtime = Builder::new().on_task_panic(TaskPanic::Propagate);
    let report = Cores::builder().strands(2).runtime(runtime).start(run).unwrap().join();
    assert_eq!(report.to_string(), "strand 0 has panicked: of a task");
}

#[test]
fn what_is_not_done_in_time_is_cut_short_and_named() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&dropped);
    let run = move |strand: Strand| {
        let guard = Guard(Arc::clone(&counted));
        async move {
            if strand.index() == 0 {
                strand.stopping().await;
                return done();
            }
            let _held = hanol::task::Builder::new().name("slow work").spawn(async move {
                let _guard = guard;
                sleep(Duration::from_secs(3600)).await;
            });
            sleep(Duration::MAX).await;
            pending().await
        }
    };
    let report = Cores::builder().strands(2).start(run).unwrap().shutdown_timeout(Duration::from_millis(20));
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
    assert!(!report.ends()[0].is_failure());
    let Outcome::CutShort(tasks) = report.ends()[1].outcome() else { panic!("{report}") };
    assert_eq!(tasks.len(), 2);
    let text = report.to_string();
    assert!(text.starts_with("strand 1 was not done in time, and these tasks with it:\n  task 0 "), "{text}");
    assert!(text.contains("task 0 running: sleep at tests/cores.rs:"), "{text}");
    assert!(text.contains("\"slow work\" waiting: sleep at tests/cores.rs:"), "{text}");
}

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_strand_that_hangs_in_a_poll_is_reported_and_left_behind() {
    let release = Arc::new(AtomicBool::new(false));
    let released = Arc::clone(&release);
    let (sender, ended) = mpsc::channel();
    let run = move |strand: Strand| {
        let released = Arc::clone(&released);
        async move {
            while strand.index() == 1 && !released.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            strand.stopping().await;
            done()
        }
    };
    let builder = Cores::builder().strands(2).on_end(move |end| sender.send(end.strand()).unwrap());
    let report = builder.start(run).unwrap().shutdown_timeout(Duration::ZERO);
    assert_eq!(report.to_string(), "strand 1 was not done in time, and hangs in a poll");
    assert_eq!(ended.recv().unwrap(), 0);
    release.store(true, Ordering::SeqCst);
    assert_eq!(ended.recv().unwrap(), 1);
}

#[test]
fn dropping_the_cores_asks_the_strands_to_stop() {
    let (sender, ended) = mpsc::channel();
    let builder = Cores::builder().strands(2).on_end(move |end| sender.send(end.is_failure()).unwrap());
    drop(builder.listen("127.0.0.1:0").unwrap().start(serve).unwrap());
    assert_eq!(ended.iter().collect::<Vec<_>>(), [false, false]);
}

#[test]
fn a_strand_can_stop_all_and_reach_the_others() {
    use futures_task::{FutureObj, Spawn};
    let visited = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&visited);
    let run = move |strand: Strand| {
        let noted = Arc::clone(&noted);
        async move {
            if strand.index() == 0 {
                let last = strand.handles().last().unwrap().clone();
                let (sender, visited) = async_channel::bounded(1);
                let visit = async move {
                    noted.lock().unwrap().push(thread::current().name().unwrap().to_owned());
                    sender.send(()).await.unwrap();
                };
                last.spawn_obj(FutureObj::new(Box::new(visit))).unwrap();
                visited.recv().await.unwrap();
                strand.stop();
            }
            strand.stopping().await;
            // It stays over.
            strand.stopping().await;
            done()
        }
    };
    assert!(Cores::builder().strands(4).start(run).unwrap().join().is_success());
    assert_eq!(*visited.lock().unwrap(), ["strand-3"]);
}

#[test]
fn what_cannot_be_started_is_an_error_and_leaves_nothing() {
    in_own_process("what_cannot_be_started_is_an_error_and_leaves_nothing", || {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let before = open_descriptors();
        for accept in [Accept::ReusePort, Accept::OneStrand] {
            let builder = Cores::builder().strands(2).accept(accept).listen(taken.local_addr().unwrap()).unwrap();
            assert_eq!(builder.start(serve).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        }
        let nowhere: &[SocketAddr] = &[];
        let error = Cores::builder().listen(nowhere).unwrap().start(serve).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(Cores::builder().listen("no port").is_err());
        let failing = Builder::new().on_thread_start(|| panic!("no start"));
        let error = Cores::builder().strands(3).runtime(failing).start(serve).unwrap_err();
        assert!(error.to_string().contains("before it was there"), "{error}");
        until_descriptors_are(before);
        let none = catch_unwind(AssertUnwindSafe(|| Cores::builder().strands(0))).unwrap_err();
        assert_eq!(message_of(&*none), "there must be at least one strand");
    });
}

#[test]
fn strands_leave_no_descriptors_behind() {
    in_own_process("strands_leave_no_descriptors_behind", || {
        let before = open_descriptors();
        for accept in [Accept::ReusePort, Accept::OneStrand] {
            for _ in 0..10 {
                let builder = Cores::builder().strands(4).accept(accept);
                let cores = builder.listen("127.0.0.1:0").unwrap().start(serve).unwrap();
                for _ in 0..8 {
                    ask(cores.local_addr().unwrap());
                }
                assert!(cores.shutdown_timeout(MINUTE).is_success());
                assert_eq!(open_descriptors(), before);
            }
        }
    });
}

/// The threads of strands that could not be started end by themselves.
fn until_descriptors_are(expected: usize) {
    let deadline = std::time::Instant::now() + MINUTE;
    while open_descriptors() != expected && std::time::Instant::now() < deadline {
        thread::yield_now();
    }
    assert_eq!(open_descriptors(), expected);
}
