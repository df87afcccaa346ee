//! The same random operations on this channel and on tokio's, which must give the same.

use hanol::sync::broadcast as ours;
use tokio::sync::broadcast as theirs;
use tokio_test::task::spawn as poll_by_hand;

use crate::timing::Random;

/// One operation on the handles of both channels, with the same indices, and what it gave in words.
macro_rules! on_both {
    ($ours:expr, $theirs:expr, |$handles:ident| $operation:expr) => {{
        let $handles = &mut $ours;
        let mine = format!("{:?}", $operation);
        let $handles = &mut $theirs;
        let other = format!("{:?}", $operation);
        assert_eq!(mine, other, "{}", stringify!($operation));
    }};
}

#[test]
fn it_behaves_as_the_channel_of_tokio_does() {
    for seed in 0..500 {
        let mut random = Random(seed);
        let capacity = 1 + random.next() as usize % 9;
        let (sender, receiver) = ours::channel(capacity);
        let mut mine = (vec![sender], vec![receiver], Vec::new());
        let (sender, receiver) = theirs::channel(capacity);
        let mut other = (vec![sender], vec![receiver], Vec::new());
        for number in 1..200 {
            let (senders, receivers, weak) = (mine.0.len(), mine.1.len(), mine.2.len());
            let choice = random.next() % 20;
            let pick = random.next() as usize;
            if choice < 10 && senders > 0 {
                let at = pick % senders;
                match choice {
                    0..=3 => on_both!(mine, other, |all| all.0[at].send(number).map_err(|error| error.0)),
                    4 => on_both!(mine, other, |all| (all.0[at].len(), all.0[at].is_empty())),
                    5 => on_both!(mine, other, |all| (all.0[at].receiver_count(), all.0[at].weak_count())),
                    6 => on_both!(mine, other, |all| all.1.push(all.0[at].subscribe())),
                    7 => on_both!(mine, other, |all| all.0.push(all.0[at].clone())),
                    8 => on_both!(mine, other, |all| all.2.push(all.0[at].downgrade())),
                    _ => on_both!(mine, other, |all| drop(all.0.remove(at))),
                }
            } else if choice < 18 && receivers > 0 {
                let at = pick % receivers;
                match choice {
                    10..=12 => on_both!(mine, other, |all| all.1[at].try_recv()),
                    13 | 14 => on_both!(mine, other, |all| poll_by_hand(all.1[at].recv()).poll()),
                    15 => on_both!(mine, other, |all| (all.1[at].len(), all.1[at].is_closed())),
                    16 => on_both!(mine, other, |all| all.1.push(all.1[at].resubscribe())),
                    _ => on_both!(mine, other, |all| drop(all.1.remove(at))),
                }
            } else if choice >= 18 && weak > 0 {
                let at = pick % weak;
                match choice {
                    18 => on_both!(mine, other, |all| {
                        let upgraded = all.2[at].upgrade();
                        let there = upgraded.is_some();
                        all.0.extend(upgraded);
                        (there, all.2[at].strong_count())
                    }),
                    _ => on_both!(mine, other, |all| drop(all.2.remove(at))),
                }
            }
        }
    }
}
