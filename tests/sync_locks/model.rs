//! A semaphore does in a long random run what a simple model of it does.

use std::collections::VecDeque;
use std::rc::Rc;

use hanol::sync::{AcquireOwned, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio_test::task::{Spawn, spawn};

use crate::timing::{Random, sized};

/// What is true of a semaphore, in the plainest words.
#[derive(Default)]
struct Model {
    available: usize,
    /// Who waits, in their order: the name, how many it asked for, how many it has not got.
    line: VecDeque<(u64, usize, usize)>,
    /// Who has got all, and has not looked.
    granted: Vec<(u64, usize)>,
}

impl Model {
    fn release(&mut self, mut count: usize) {
        while let Some((name, asked, missing)) = self.line.front_mut() {
            let given = count.min(*missing);
            count -= given;
            *missing -= given;
            if *missing > 0 {
                return;
            }
            self.granted.push((*name, *asked));
            self.line.pop_front();
        }
        self.available += count;
    }

    fn try_take(&mut self, count: usize) -> bool {
        let takes = self.available >= count;
        if takes {
            self.available -= count;
        }
        takes
    }

    fn wait(&mut self, name: u64, asked: usize) {
        self.line.push_back((name, asked, asked - self.available));
        self.available = 0;
    }

    fn give_up(&mut self, name: u64) {
        if let Some(at) = self.granted.iter().position(|granted| granted.0 == name) {
            let (_, asked) = self.granted.remove(at);
            self.release(asked);
        } else if let Some(at) = self.line.iter().position(|waits| waits.0 == name) {
            let (_, asked, missing) = self.line.remove(at).unwrap();
            self.release(asked - missing);
        }
    }
}

/// One that waits, with its name in the model.
type Waiting = (u64, Spawn<AcquireOwned>);

fn run(seed: u64, steps: usize) {
    let mut random = Random(seed);
    let semaphore = Rc::new(Semaphore::new(3));
    let mut model = Model { available: 3, ..Model::default() };
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut permits: Vec<OwnedSemaphorePermit> = Vec::new();
    for step in 0..steps as u64 {
        let count = (random.next() % 4) as usize;
        let chosen = random.next() as usize;
        match random.next() % 8 {
            0 | 1 => {
                let mut acquire = spawn(Rc::clone(&semaphore).acquire_many_owned(count as u32));
                if model.try_take(count) {
                    permits.push(tokio_test::assert_ready_ok!(acquire.poll()));
                } else {
                    model.wait(step, count);
                    tokio_test::assert_pending!(acquire.poll());
                    waiting.push((step, acquire));
                }
            }
            2 => match Rc::clone(&semaphore).try_acquire_many_owned(count as u32) {
                Ok(permit) => {
                    assert!(model.try_take(count));
                    permits.push(permit);
                }
                Err(error) => {
                    assert_eq!(error, TryAcquireError::NoPermits);
                    assert!(!model.try_take(count));
                }
            },
            3 if !waiting.is_empty() => {
                let (name, _) = waiting.remove(chosen % waiting.len());
                model.give_up(name);
            }
            4 | 5 if !permits.is_empty() => {
                let permit = permits.swap_remove(chosen % permits.len());
                model.release(permit.num_permits());
            }
            6 if !waiting.is_empty() => {
                let index = chosen % waiting.len();
                let (name, acquire) = &mut waiting[index];
                match model.granted.iter().position(|granted| granted.0 == *name) {
                    Some(at) => {
                        assert!(acquire.is_woken());
                        let permit = tokio_test::assert_ready_ok!(acquire.poll());
                        assert_eq!(permit.num_permits(), model.granted.swap_remove(at).1);
                        permits.push(permit);
                        drop(waiting.remove(index));
                    }
                    None => {
                        assert!(!acquire.is_woken());
                        tokio_test::assert_pending!(acquire.poll());
                    }
                }
            }
            7 if chosen % 4 == 0 => {
                let forgotten = count.min(model.available);
                model.available -= forgotten;
                assert_eq!(semaphore.forget_permits(count), forgotten);
            }
            // Else the line would grow for ever.
            7 => {
                semaphore.add_permits(1);
                model.release(1);
            }
            _ => {}
        }
        assert_eq!(semaphore.available_permits(), model.available, "seed {seed}, step {step}");
    }
    let all = permits.iter().map(OwnedSemaphorePermit::num_permits).sum::<usize>();
    let collected = model.line.iter().map(|(_, asked, missing)| asked - missing).sum::<usize>();
    let granted = model.granted.iter().map(|(_, asked)| asked).sum::<usize>();
    let total = all + collected + granted + model.available;
    drop((permits, waiting));
    assert_eq!(semaphore.available_permits(), total, "seed {seed}: permits were lost or made");
}

#[test]
fn random_runs_agree_with_the_model() {
    for seed in 0..sized(50, 500) as u64 {
        run(seed, 500);
    }
}
