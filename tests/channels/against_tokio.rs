//! Long runs of chance operations, on this channel and on tokio's: after every step both say the same.

use std::fmt::Debug;
use std::ops::Range;

/// One operation. Numbers choose among what there is at that moment, modulo how many there are.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize),
    TrySend(usize),
    Reserve(usize),
    TryReserve(usize),
    ReserveMany(usize, usize),
    TryReserveMany(usize, usize),
    WaitForClose(usize),
    Poll(usize),
    GiveUp(usize),
    UsePermit(usize),
    ReleasePermit(usize),
    CloneSender(usize),
    DropSender(usize),
    Upgrade,
    Recv,
    RecvMany(usize),
    TryRecv,
    Close,
    DropReceiver,
}

/// The generator SplitMix64, by Steele, Lea and Flood.
struct Chance(u64);

impl Chance {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.number() as usize % range.len()
    }

    /// `ends` of a thousand steps close or drop the receiver.
    fn step(&mut self, ends: usize) -> Step {
        if self.within(0..1_000) < ends {
            return if self.within(0..2) == 0 { Step::Close } else { Step::DropReceiver };
        }
        let which = self.within(0..1_000);
        match self.within(0..100) {
            0..12 => Step::Send(which),
            12..20 => Step::TrySend(which),
            20..26 => Step::Reserve(which),
            26..31 => Step::TryReserve(which),
            31..36 => Step::ReserveMany(which, self.within(0..6)),
            36..39 => Step::TryReserveMany(which, self.within(0..6)),
            39..41 => Step::WaitForClose(which),
            41..55 => Step::Poll(which),
            55..61 => Step::GiveUp(which),
            61..66 => Step::UsePermit(which),
            66..70 => Step::ReleasePermit(which),
            70..74 => Step::CloneSender(which),
            74..78 => Step::DropSender(which),
            78..80 => Step::Upgrade,
            80..89 => Step::Recv,
            89..93 => Step::RecvMany(self.within(0..4)),
            _ => Step::TryRecv,
        }
    }
}

/// Writes a run for the `mpsc` module that is in scope.
///
/// A macro and not a generic function, because the two modules have types and no traits in common.
macro_rules! run {
    () => {
        use tokio_test::task::{Spawn, spawn};

        use super::{Debug, Step};

        type Operation = Pin<Box<dyn Future<Output = Done>>>;

        /// A channel, and everything that stands open at it.
        pub(super) struct Run {
            senders: Vec<mpsc::Sender<u32>>,
            weak: mpsc::WeakSender<u32>,
            receiver: Option<mpsc::Receiver<u32>>,
            receiving: Spawn<()>,
            /// Whether that task waits. Tokio may wake one that does not.
            receives: bool,
            /// Operations that wait.
            waiting: Vec<Spawn<Operation>>,
            permits: Vec<mpsc::OwnedPermit<u32>>,
            next_value: u32,
        }

        /// What an operation ends with.
        enum Done {
            Said(String),
            Permit(mpsc::OwnedPermit<u32>),
        }

        fn said(what: impl Debug) -> String {
            format!("{what:?}")
        }

        impl Run {
            pub(super) fn new(capacity: usize) -> Self {
                let (sender, receiver) = mpsc::channel(capacity);
                Self {
                    weak: sender.downgrade(),
                    senders: vec![sender],
                    receiver: Some(receiver),
                    receiving: spawn(()),
                    receives: false,
                    waiting: Vec::new(),
                    permits: Vec::new(),
                    next_value: 0,
                }
            }

            /// Does a step, and tells its result and all that can be seen of the channel.
            pub(super) fn step(&mut self, step: Step) -> String {
                let result = self.result(step).unwrap_or_else(|| "impossible".to_owned());
                let woken: Vec<bool> = self.waiting.iter().map(|operation| operation.is_woken()).collect();
                let sender = self.senders.first();
                let closed = sender.is_some_and(|sender| sender.is_closed());
                let capacity = sender.filter(|_| !closed).map(|sender| sender.capacity());
                let counts = (self.weak.strong_count(), self.weak.weak_count());
                let receiver = self.receiver.as_ref().map(|receiver| {
                    (
                        receiver.len(),
                        receiver.is_empty(),
                        receiver.is_closed(),
                        self.receives && self.receiving.is_woken(),
                    )
                });
                format!("{result}; {woken:?} {closed} {capacity:?} {counts:?} {receiver:?}")
            }

            fn result(&mut self, step: Step) -> Option<String> {
                match step {
                    Step::Send(which) => {
                        let (sender, value) = (self.sender(which)?, self.value());
                        self.start(async move { Done::Said(said(sender.send(value).await.map_err(|error| error.0))) })
                    }
                    Step::TrySend(which) => {
                        let value = self.value();
                        let sent = self.sender(which)?.try_send(value);
                        Some(said(sent.map_err(|error| (error.to_string(), error.into_inner()))))
                    }
                    Step::Reserve(which) => {
                        let sender = self.sender(which)?;
                        self.start(async move {
                            match sender.reserve_owned().await {
                                Ok(permit) => Done::Permit(permit),
                                Err(error) => Done::Said(said(error)),
                            }
                        })
                    }
                    Step::TryReserve(which) => Some(match self.sender(which)?.try_reserve_owned() {
                        Ok(permit) => {
                            self.permits.push(permit);
                            "permit".to_owned()
                        }
                        Err(error) => error.to_string(),
                    }),
                    Step::ReserveMany(which, count) => {
                        let (sender, value) = (self.sender(which)?, self.value());
                        // One of them is not used.
                        self.start(async move {
                            Done::Said(match sender.reserve_many(count).await {
                                Ok(permits) => {
                                    let used = permits.len().saturating_sub(1);
                                    permits.take(used).for_each(|permit| permit.send(value));
                                    said(used)
                                }
                                Err(error) => said(error),
                            })
                        })
                    }
                    Step::TryReserveMany(which, count) => {
                        let (sender, value) = (self.sender(which)?, self.value());
                        Some(match sender.try_reserve_many(count) {
                            Ok(permits) => said(permits.skip(1).map(|permit| permit.send(value)).count()),
                            Err(error) => error.to_string(),
                        })
                    }
                    Step::WaitForClose(which) => {
                        let sender = self.sender(which)?;
                        self.start(async move { Done::Said(said(sender.closed().await)) })
                    }
                    Step::Poll(which) => {
                        let which = which.checked_rem(self.waiting.len())?;
                        self.poll(which)
                    }
                    Step::GiveUp(which) => {
                        let which = which.checked_rem(self.waiting.len())?;
                        drop(self.waiting.remove(which));
                        Some("given up".to_owned())
                    }
                    Step::UsePermit(which) => {
                        let value = self.value();
                        drop(self.permit(which)?.send(value));
                        Some("used".to_owned())
                    }
                    Step::ReleasePermit(which) => {
                        drop(self.permit(which)?);
                        Some("released".to_owned())
                    }
                    Step::CloneSender(which) => {
                        let sender = self.sender(which)?;
                        self.senders.push(sender);
                        Some("cloned".to_owned())
                    }
                    Step::DropSender(which) => {
                        let which = which.checked_rem(self.senders.len())?;
                        drop(self.senders.remove(which));
                        Some("dropped".to_owned())
                    }
                    Step::Upgrade => {
                        let sender = self.weak.upgrade();
                        let result = said(sender.is_some());
                        self.senders.extend(sender);
                        Some(result)
                    }
                    Step::Recv => {
                        let receiver = self.receiver.as_mut()?;
                        let polled = self.receiving.enter(|cx, _| receiver.poll_recv(cx));
                        self.receives = polled.is_pending();
                        Some(said(polled))
                    }
                    Step::RecvMany(limit) => {
                        let receiver = self.receiver.as_mut()?;
                        let mut values = Vec::new();
                        let polled = self.receiving.enter(|cx, _| receiver.poll_recv_many(cx, &mut values, limit));
                        self.receives = polled.is_pending();
                        Some(said((polled, values)))
                    }
                    Step::TryRecv => Some(said(self.receiver.as_mut()?.try_recv())),
                    Step::Close => {
                        self.receiver.as_mut()?.close();
                        Some(self.let_all_look() + &self.result(Step::Recv)?)
                    }
                    Step::DropReceiver => {
                        drop(self.receiver.take()?);
                        Some(self.let_all_look())
                    }
                }
            }

            /// With tokio's channel, one who has been granted room keeps a closed receiver waiting until it looks. So all
            /// look, and the receiver last.
            fn let_all_look(&mut self) -> String {
                (0..self.waiting.len()).rev().filter_map(|which| self.poll(which)).collect()
            }

            fn start(&mut self, operation: impl Future<Output = Done> + 'static) -> Option<String> {
                self.waiting.push(spawn(Box::pin(operation)));
                self.poll(self.waiting.len() - 1)
            }

            fn poll(&mut self, which: usize) -> Option<String> {
                match self.waiting[which].poll() {
                    Poll::Pending => Some("pending".to_owned()),
                    Poll::Ready(done) => {
                        drop(self.waiting.remove(which));
                        Some(match done {
                            Done::Said(said) => said,
                            Done::Permit(permit) => {
                                self.permits.push(permit);
                                "permit".to_owned()
                            }
                        })
                    }
                }
            }

            fn sender(&self, which: usize) -> Option<mpsc::Sender<u32>> {
                Some(self.senders[which.checked_rem(self.senders.len())?].clone())
            }

            fn permit(&mut self, which: usize) -> Option<mpsc::OwnedPermit<u32>> {
                let which = which.checked_rem(self.permits.len())?;
                Some(self.permits.remove(which))
            }

            fn value(&mut self) -> u32 {
                self.next_value += 1;
                self.next_value
            }
        }
    };
}

mod on_hanol {
    use std::pin::Pin;
    use std::task::Poll;

    use hanol::sync::mpsc;

    run!();
}

mod on_tokio {
    use std::pin::Pin;
    use std::task::Poll;

    use tokio::sync::mpsc;

    run!();
}

#[track_caller]
fn assert_same(seed: u64, ends: usize, steps: usize) {
    let mut chance = Chance(seed);
    let capacity = chance.within(1..6);
    let (mut hanol, mut tokio) = (on_hanol::Run::new(capacity), on_tokio::Run::new(capacity));
    let mut done = Vec::new();
    for _ in 0..steps {
        let step = chance.step(ends);
        let (left, right) = (hanol.step(step), tokio.step(step));
        done.push(format!("{step:?}: {left}"));
        let last = &done[done.len().saturating_sub(20)..];
        assert_eq!(
            left,
            right,
            "seed {seed}, capacity {capacity}, the last of {} steps:\n{}",
            done.len(),
            last.join("\n")
        );
    }
}

#[test]
fn a_channel_that_stays_open_behaves_as_tokios() {
    for seed in 0..100 {
        assert_same(seed, 0, 1_000);
    }
}

#[test]
fn a_channel_that_is_closed_behaves_as_tokios() {
    for seed in 100..1_100 {
        assert_same(seed, 20, 150);
    }
}
