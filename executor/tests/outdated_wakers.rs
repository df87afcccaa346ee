//! Wakers of executors that are gone. They may name a task of a successor by coincidence, and poll it once too often, so
//! this test has a process of its own.

mod util;

use std::task::Waker;

use self::util::{Seen, Stage, waits};

#[test]
fn wakers_of_dropped_executors_cost_their_successors_at_most_one_poll_each() {
    let mut wakers = Vec::new();
    for round in 0..300 {
        let stage = Stage::new();
        drop(stage.spawn(waits));
        assert!(stage.run_one());
        wakers.iter().for_each(Waker::wake_by_ref);
        stage.executor().run_until_stalled();
        let polls = stage.probe.polls();
        assert!(polls <= 2, "polled {polls} times in round {round}");
        stage.expect(Seen { polls, ..Seen::NOTHING });
        wakers.push(stage.probe.waker());
    }
}
