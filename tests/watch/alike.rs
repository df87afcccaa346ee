//! The same random operations on this channel and on tokio's, which must give the same.

use hanol::sync::watch as ours;
use tokio::sync::watch as theirs;
use tokio_test::task::spawn as poll_by_hand;

use crate::timing::Random;

/// What an operation gave, in words. References are not kept.
fn outcome<T: std::fmt::Debug>(given: T) -> String {
    format!("{given:?}")
}

/// One operation on the handles of both channels, with the same indices.
macro_rules! on_both {
    ($ours:expr, $theirs:expr, |$handles:ident| $operation:expr) => {{
        let $handles = &mut $ours;
        let mine = outcome($operation);
        let $handles = &mut $theirs;
        let other = outcome($operation);
        assert_eq!(mine, other, "{}", stringify!($operation));
    }};
}

#[test]
fn it_behaves_as_the_channel_of_tokio_does() {
    for seed in 0..300 {
        let mut random = Random(seed);
        let (sender, receiver) = ours::channel(0);
        let mut mine = (vec![sender], vec![receiver]);
        let (sender, receiver) = theirs::channel(0);
        let mut other = (vec![sender], vec![receiver]);
        for number in 1..100 {
            let (senders, receivers) = (mine.0.len(), mine.1.len());
            let choice = random.next() % 17;
            let pick = random.next() as usize;
            if choice < 9 && senders > 0 {
                let at = pick % senders;
                match choice {
                    0 => on_both!(mine, other, |all| all.0[at].send(number).map_err(|error| error.0)),
                    1 => on_both!(mine, other, |all| all.0[at].send_replace(number)),
                    2 => on_both!(mine, other, |all| all.0[at].send_modify(|value| *value += 1)),
                    3 => on_both!(mine, other, |all| all.0[at].send_if_modified(|value| *value % 2 == 0)),
                    4 => on_both!(mine, other, |all| (*all.0[at].borrow(), all.0[at].is_closed())),
                    5 => on_both!(mine, other, |all| (all.0[at].receiver_count(), all.0[at].sender_count())),
                    6 => on_both!(mine, other, |all| all.1.push(all.0[at].subscribe())),
                    7 => on_both!(mine, other, |all| all.0.push(all.0[at].clone())),
                    _ => on_both!(mine, other, |all| drop(all.0.remove(at))),
                }
            } else if choice >= 9 && receivers > 0 {
                let at = pick % receivers;
                match choice {
                    9 => on_both!(mine, other, |all| {
                        let value = all.1[at].borrow();
                        (*value, value.has_changed())
                    }),
                    10 => on_both!(mine, other, |all| {
                        let value = all.1[at].borrow_and_update();
                        (*value, value.has_changed())
                    }),
                    11 => on_both!(mine, other, |all| all.1[at].has_changed().map_err(drop)),
                    12 => on_both!(mine, other, |all| all.1[at].mark_changed()),
                    13 => on_both!(mine, other, |all| poll_by_hand(all.1[at].changed()).poll().map_err(drop)),
                    14 => on_both!(mine, other, |all| {
                        let condition = |value: &i32| value % 3 == 0;
                        let polled = poll_by_hand(all.1[at].wait_for(condition)).poll();
                        polled.map(|value| value.map(|value| (*value, value.has_changed())).map_err(drop))
                    }),
                    15 => on_both!(mine, other, |all| all.1.push(all.1[at].clone())),
                    _ => on_both!(mine, other, |all| drop(all.1.remove(at))),
                }
            }
        }
    }
}
