//! Wakers that were handed out under a borrow, to be woken after it.

use std::task::Waker;

use hanol_executor::wake;

/// Wakers in the order in which they are to be woken. The first one takes no memory: mostly there is no other.
#[derive(Debug, Default)]
#[must_use = "whoever is in it waits to be woken"]
pub(super) struct Wakers {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Wakers {
    #[inline]
    pub(super) fn push(&mut self, waker: Waker) {
        match self.first {
            None => self.first = Some(waker),
            Some(_) => self.others.push(waker),
        }
    }

    /// Wakes them. This is foreign code: the caller holds no borrow, and its state is complete.
    #[inline]
    pub(super) fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(wake);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::Wake;

    use super::*;

    struct Noting(u32, Arc<Mutex<Vec<u32>>>);

    impl Wake for Noting {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    #[test]
    fn they_are_woken_in_their_order() {
        let woken = Arc::default();
        let mut wakers = Wakers::default();
        for number in 0..4 {
            wakers.push(Arc::new(Noting(number, Arc::clone(&woken))).into());
        }
        assert!(woken.lock().unwrap().is_empty());
        wakers.wake();
        assert_eq!(*woken.lock().unwrap(), [0, 1, 2, 3]);
    }
}
