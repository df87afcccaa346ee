//! The spawn traits of `futures-task`, for code that is generic over executors.

mod util;

use std::thread;

use futures_task::{FutureObj, LocalFutureObj, LocalSpawn, Spawn};
use futures_util::task::{LocalSpawnExt, SpawnExt};

use self::util::{Seen, Stage, finishes, waits};

/// Spawns as code does that knows no more than the trait.
fn spawn_generically(spawner: &impl Spawn, future: impl Future<Output = ()> + Send + 'static) -> bool {
    spawner.spawn(future).is_ok()
}

fn spawn_locally(spawner: &impl LocalSpawn, future: impl Future<Output = ()> + 'static) -> bool {
    spawner.spawn_local(future).is_ok()
}

const FINISHED: Seen = Seen { polls: 1, future_drops: 1, output_drops: 1, ..Seen::NOTHING };

#[test]
fn an_executor_spawns_futures_that_are_not_send() {
    let stage = Stage::new();
    let not_send = std::rc::Rc::new(());
    let future = stage.probe.future(finishes);
    assert!(stage.executor().status_local().is_ok());
    assert!(spawn_locally(stage.executor(), async move {
        drop(future.await);
        drop(not_send);
    }));
    stage.executor().run_until_stalled();
    stage.expect(FINISHED);
}

#[test]
fn an_executor_spawns_futures_that_are_send() {
    let stage = Stage::new();
    let future = stage.probe.future(finishes);
    assert!(stage.executor().status().is_ok());
    assert!(spawn_generically(stage.executor(), async move { drop(future.await) }));
    stage.executor().run_until_stalled();
    stage.expect(FINISHED);
}

#[test]
fn an_executor_spawns_objects() {
    let stage = Stage::new();
    let (first, second) = (stage.probe.future(finishes), stage.probe.future(finishes));
    let local = LocalFutureObj::new(Box::new(async move { drop(first.await) }));
    stage.executor().spawn_local_obj(local).unwrap();
    let object = FutureObj::new(Box::new(async move { drop(second.await) }));
    stage.executor().spawn_obj(object).unwrap();
    stage.executor().run_until_stalled();
    stage.expect(Seen { polls: 2, future_drops: 2, output_drops: 2, ..Seen::NOTHING });
}

#[test]
fn a_remote_spawns_from_another_thread() {
    let stage = Stage::new();
    let remote = stage.executor().remote();
    let future = stage.probe.future(finishes);
    let spawned = thread::spawn(move || {
        assert!(remote.status().is_ok());
        spawn_generically(&remote, async move { drop(future.await) })
    });
    assert!(spawned.join().unwrap());
    stage.expect(Seen::NOTHING);
    stage.executor().run_until_stalled();
    stage.expect(FINISHED);
}

#[test]
fn a_remote_whose_executor_is_gone_says_so() {
    let mut stage = Stage::new();
    let remote = stage.executor().remote();
    drop(stage.spawn(waits));
    stage.drop_executor();
    assert!(remote.status().unwrap_err().is_shutdown());
    assert!(SpawnExt::spawn(&remote, async { unreachable!() }).unwrap_err().is_shutdown());
    stage.expect(Seen { future_drops: 1, ..Seen::NOTHING });
}
