//! Sets of tasks that wait for time and sockets. The executor's own tests have everything else about sets.

mod timing;

use std::time::Duration;

use hanol::net::{TcpListener, TcpStream};
use hanol::task::{JoinSet, yield_now};
use hanol::time::{sleep, sleep_until, timeout};

use self::timing::{HOUR, millis, runtime};

#[hanol::test]
async fn tasks_are_joined_in_the_order_of_their_deadlines() {
    let now = hanol::time::Instant::now();
    let mut set = JoinSet::new();
    for after in [30, 10, 50, 20, 40] {
        set.spawn(async move {
            sleep_until(now + millis(after)).await;
            after
        });
    }
    let mut order = Vec::new();
    while let Some(after) = set.join_next().await {
        order.push(after.unwrap());
    }
    assert_eq!(order, [10, 20, 30, 40, 50]);
}

#[hanol::test]
async fn waiting_for_the_next_task_can_be_given_up() {
    let mut set = JoinSet::new();
    set.spawn(sleep(millis(20)));
    assert!(timeout(Duration::ZERO, set.join_next()).await.is_err());
    assert!(set.join_next().await.is_some_and(|joined| joined.is_ok()));
    assert!(set.join_next().await.is_none());
}

#[test]
fn a_set_that_is_dropped_takes_timers_and_sockets_along() {
    let runtime = runtime();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut set = JoinSet::new();
        for _ in 0..10 {
            let client = TcpStream::connect(addr).await.unwrap();
            set.spawn(async move {
                let _waits = timeout(HOUR, client.read(&mut [0])).await;
            });
        }
        yield_now().await;
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.timers, metrics.waiters), (10, 10, 10));
        drop(set);
        let metrics = runtime.metrics();
        assert_eq!((metrics.tasks, metrics.timers, metrics.waiters), (0, 0, 0));
        // Each of them was closed.
        for _ in 0..10 {
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
        }
    });
}
