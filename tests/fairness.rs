//! Rules 8 and 9: tasks that are always ready keep neither events nor timers waiting, and the loop sleeps exactly when
//! nothing is ready. Bounds are counted in polls.

mod timing;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::Write as _;
use std::net;
use std::os::fd::AsFd;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use futures_util::poll;
use hanol::net::{TcpListener, TcpStream};
use hanol::runtime::{Builder, OPERATIONS_PER_POLL, Runtime};
use hanol::task::yield_now;
use hanol::time::{Instant, sleep, sleep_until};

use self::timing::{HOUR, millis, runtime};

/// How long the loop may leave events and timers alone, in polls.
const INTERVALS: [u32; 4] = [1, 7, 64, 128];

fn with_interval(polls: u32) -> Runtime {
    Builder::new().event_interval(polls).build().unwrap()
}

/// A stream of this runtime and its blocking peer.
async fn connection() -> (TcpStream, net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener.accept().await.unwrap().0, peer)
}

/// Blocks the thread until so many bytes can be read from the stream.
fn wait_until_arrived(stream: &TcpStream, count: usize) {
    let view = net::TcpStream::from(stream.as_fd().try_clone_to_owned().unwrap());
    let mut buf = vec![0; count];
    while view.peek(&mut buf).is_ok_and(|arrived| arrived < count) || view.peek(&mut buf).is_err() {
        thread::yield_now();
    }
}

/// Spawns tasks that always wake themselves, and counts their polls.
fn spawn_busy(tasks: usize) -> Rc<Cell<u32>> {
    let polls = Rc::new(Cell::new(0));
    for _ in 0..tasks {
        let polls = Rc::clone(&polls);
        drop(hanol::spawn(poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        })));
    }
    polls
}

/// Something that comes at various moments of a turn, beside so many busy tasks: the polls that these have had when its task
/// goes on.
struct Race {
    interval: u32,
    busy: usize,
}

impl Race {
    fn all() -> impl Iterator<Item = Self> {
        INTERVALS.into_iter().flat_map(|interval| [1, 5].map(|busy| Self { interval, busy }))
    }

    /// How many yields after its predecessor, which ended soon after a look for events, each of them comes.
    fn moments(&self) -> [u32; 4] {
        [0, 1, self.interval / 2, self.interval]
    }

    /// The rest of a turn, and the tasks that are ahead in the queue: of the one that is woken, and of the one that awaits
    /// it.
    #[track_caller]
    fn assert_fair(&self, waited: u32) {
        let bound = self.interval + 2 * self.busy as u32;
        assert!(waited <= bound, "{} busy tasks had {waited} polls meanwhile, {bound} is the bound", self.busy);
    }
}

#[test]
fn busy_tasks_keep_no_event_waiting_for_more_than_a_turn() {
    for race in Race::all() {
        with_interval(race.interval).block_on(async {
            let (stream, mut peer) = connection().await;
            let stream = Rc::new(stream);
            let polls = spawn_busy(race.busy);
            for moment in race.moments() {
                let reader = hanol::spawn({
                    let stream = Rc::clone(&stream);
                    async move { stream.read_exact(&mut [0]).await.unwrap() }
                });
                for _ in 0..=moment {
                    yield_now().await;
                }
                peer.write_all(&[1]).unwrap();
                wait_until_arrived(&stream, 1);
                let before = polls.get();
                reader.await.unwrap();
                race.assert_fair(polls.get() - before);
            }
        });
    }
}

#[test]
fn busy_tasks_keep_no_timer_waiting_for_more_than_a_turn() {
    for race in Race::all() {
        with_interval(race.interval).block_on(async {
            let polls = spawn_busy(race.busy);
            for moment in race.moments() {
                let deadline = Instant::now() + millis(3);
                let sleeper = hanol::spawn(sleep_until(deadline));
                for _ in 0..=moment {
                    yield_now().await;
                }
                // The tick that ends the sleep begins at most 1 ms after the deadline.
                thread::sleep((deadline - Instant::now()) + millis(1));
                let before = polls.get();
                sleeper.await.unwrap();
                race.assert_fair(polls.get() - before);
            }
        });
    }
}

#[hanol::test]
async fn a_reader_whose_stream_is_always_ready_gives_way_after_its_budget() {
    const BYTES: usize = 1000;
    let (stream, mut peer) = connection().await;
    peer.write_all(&[0; BYTES]).unwrap();
    wait_until_arrived(&stream, BYTES);
    let read = Rc::new(Cell::new(0));
    let reader = hanol::spawn({
        let read = Rc::clone(&read);
        async move {
            while read.get() < BYTES {
                stream.read_exact(&mut [0]).await.unwrap();
                read.set(read.get() + 1);
            }
        }
    });
    let mut seen = vec![0];
    while !reader.is_finished() {
        yield_now().await;
        seen.push(read.get());
    }
    let steps: Vec<_> = seen.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0).collect();
    let budget = OPERATIONS_PER_POLL as usize;
    let (last, full) = steps.split_last().unwrap();
    assert!(full.iter().all(|step| *step == budget), "{steps:?}");
    assert_eq!(*last, BYTES % budget);
}

#[hanol::test]
async fn a_writer_whose_stream_always_has_room_gives_way_after_its_budget() {
    const WRITES: usize = 1000;
    let (stream, _peer) = connection().await;
    let written = Rc::new(Cell::new(0));
    let writer = hanol::spawn({
        let written = Rc::clone(&written);
        async move {
            for _ in 0..WRITES {
                stream.write_all(&[0]).await.unwrap();
                written.set(written.get() + 1);
            }
        }
    });
    let mut last = 0;
    while !writer.is_finished() {
        yield_now().await;
        assert!(written.get() - last <= OPERATIONS_PER_POLL as usize);
        last = written.get();
    }
}

#[hanol::test]
async fn tasks_that_yield_take_turns() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let tasks = [0, 1, 2].map(|number| {
        let order = Rc::clone(&order);
        hanol::spawn(async move {
            for _ in 0..100 {
                order.borrow_mut().push(number);
                yield_now().await;
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(order.take(), [0, 1, 2].repeat(100));
}

#[test]
fn an_idle_runtime_does_nothing() {
    let runtime = runtime();
    runtime.block_on(async {
        // What may keep a loop busy by mistake: a socket that was written to and one that has ended, a timer far away, a
        // task that waits for neither.
        let (stream, peer) = connection().await;
        let (ended, ended_peer) = connection().await;
        drop(ended_peer);
        assert_eq!(ended.read(&mut [0]).await.unwrap(), 0);
        let reader = hanol::spawn(async move { stream.read(&mut [0]).await });
        let waiting = hanol::spawn(std::future::pending::<()>());
        let mut far = sleep(HOUR);
        assert!(poll!(&mut far).is_pending());
        sleep(millis(1)).await;

        let polls = || -> Vec<u32> {
            let tasks = hanol::runtime::Handle::current().tasks();
            tasks.iter().filter(|task| [reader.id(), waiting.id()].contains(&task.id)).map(|task| task.polls).collect()
        };
        let (before, tasks_before) = (runtime.metrics(), polls());
        sleep(millis(200)).await;
        let looked = runtime.metrics().polls - before.polls;
        // The wait for the deadline, and one for each level of the wheel from which it cascades.
        assert!(looked <= 3, "an idle loop has looked {looked} times");
        assert_eq!(polls(), tasks_before);
        drop(peer);
        assert_eq!(reader.await.unwrap().unwrap(), 0);
        waiting.abort();
    });
}

#[test]
fn the_loop_never_sleeps_while_a_task_is_ready() {
    let runtime = runtime();
    // If it did, it would do so until this is due, and the test would hang.
    let mut far = sleep(HOUR);
    runtime.block_on(async {
        let (_stream, _peer) = connection().await;
        assert!(poll!(&mut far).is_pending());
        for busy in 1..50 {
            let tasks: Vec<_> = (0..busy)
                .map(|_| {
                    hanol::spawn(async {
                        for _ in 0..10 {
                            yield_now().await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
    });
}

#[test]
fn a_turn_that_ends_between_two_ready_tasks_does_not_sleep() {
    for interval in 1..10 {
        let runtime = with_interval(interval);
        let mut far = sleep(HOUR);
        runtime.block_on(async {
            assert!(poll!(&mut far).is_pending());
            for tasks in 1..20 {
                let tasks: Vec<_> = (0..tasks).map(|_| hanol::spawn(yield_now())).collect();
                for task in tasks {
                    task.await.unwrap();
                }
            }
        });
    }
}
