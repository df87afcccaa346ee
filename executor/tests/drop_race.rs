//! Wakes from another thread while executors are dropped, by force. The wakes that come too late may poll a task of a
//! later executor once too often, so this test has a process of its own.

mod util;

use std::sync::mpsc::channel;
use std::task::Waker;
use std::thread;

use self::util::{Stage, many, waits};

#[test]
fn executors_may_be_dropped_while_other_threads_wake_their_tasks() {
    let (wakers, to_wake) = channel::<Waker>();
    let waking = thread::spawn(move || {
        for waker in to_wake {
            waker.wake_by_ref();
            let clone = waker.clone();
            drop(waker);
            clone.wake();
        }
    });
    for _ in 0..many(20_000) {
        let stage = Stage::new();
        let task = stage.spawn(waits);
        assert!(stage.run_one());
        wakers.send(stage.probe.waker()).unwrap();
        stage.run_one();
        stage.executor().remote().post(|| ()).unwrap();
        let probe = stage.probe.clone();
        drop(stage);
        assert_eq!((probe.future_drops(), probe.strays()), (1, 0));
        drop(task);
    }
    drop(wakers);
    waking.join().unwrap();
}
