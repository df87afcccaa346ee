//! A queue whose entries come out when their time has come. See [`DelayQueue`].

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use hanol_executor::{budget, waits_for, wake};
use hanol_reactor::{Ticks, TimerKey, Wheel};

use super::{Instant, Sleep};
use crate::wait;

/// The first tick, of 1 ms, of the wheel's last level: 36 million years. It stands for never.
const NEVER: u64 = 1 << 60;

/// Values that wait for a deadline each, and come out in the order of the deadlines.
///
/// For a cache whose entries expire, or requests that are given up: one task waits for the queue instead of one for each
/// entry.
///
/// ```
/// # use std::time::Duration;
/// # hanol::block_on(async {
/// use hanol::time::DelayQueue;
///
/// let mut queue = DelayQueue::new();
/// let answered = queue.insert("request 1", Duration::from_millis(1));
/// queue.insert("request 2", Duration::from_millis(3));
/// queue.insert("request 3", Duration::from_millis(2));
/// queue.remove(&answered);
///
/// while let Some(expired) = queue.expired().await {
///     println!("{} was not answered", expired.get_ref());
/// }
/// # });
/// ```
///
/// The resolution is 1 ms, as for all timers: no entry comes out early, those with equal deadlines come in the order in
/// which they were inserted, and so do those whose deadlines lie within the same millisecond. The place of an entry that was
/// reset among others of its millisecond is unspecified.
///
/// Inserting, removing and resetting an entry costs constant time, however many there are. All of them share one timer of
/// the runtime, which is armed while somebody waits. An entry takes 24 bytes beside its value and its deadline, and the
/// queue itself 6 KB.
///
/// The queue counts by the clock of the runtime in which the first entry is inserted.
pub struct DelayQueue<T> {
    /// The entries that have not come out, those included that are due.
    entries: Box<Wheel<Entry<T>>>,
    /// The ticks of the wheel. They begin with the first entry.
    ticks: Option<Ticks>,
    /// The last tick of which it is known that it has begun. What is due by then comes out without a look at the clock.
    begun: u64,
    /// Ends no later than the first deadline, if it is set.
    sleep: Sleep,
    /// Whether `sleep` has been set since it last ended. If not, nobody waits for it, and the next poll sets it.
    is_set: bool,
    /// Whoever has found the queue empty: to be woken by the next entry.
    waits_for_entry: Option<Waker>,
}

/// The name of an entry. When the entry has come out or was removed, its key never finds another one of the same queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key(TimerKey);

/// An entry that has come out of a [`DelayQueue`].
#[derive(Debug)]
pub struct Expired<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

struct Entry<T> {
    value: T,
    deadline: Instant,
}

impl<T> DelayQueue<T> {
    /// An empty queue.
    #[track_caller]
    pub fn new() -> Self {
        Self {
            entries: Box::new(Wheel::new()),
            ticks: None,
            begun: 0,
            sleep: Sleep::new(Instant::now(), wait::EXPIRED, Location::caller()),
            is_set: false,
            waits_for_entry: None,
        }
    }

    /// An empty queue with memory for so many entries.
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut queue = Self::new();
        queue.reserve(capacity);
        queue
    }

    /// Inserts a value that comes out after a duration, counted from this call. [`Duration::MAX`] is never over.
    ///
    /// # Panics
    ///
    /// When the queue holds 2³² − 1 entries.
    pub fn insert(&mut self, value: T, delay: Duration) -> Key {
        let now = Instant::now();
        self.insert_entry(Entry { value, deadline: now.saturating_add(delay) }, now)
    }

    /// Inserts a value that comes out at a moment. If that has passed, it comes out at once.
    ///
    /// # Panics
    ///
    /// When the queue holds 2³² − 1 entries.
    pub fn insert_at(&mut self, value: T, deadline: Instant) -> Key {
        self.insert_entry(Entry { value, deadline }, Instant::now())
    }

    /// Takes an entry out before its time.
    ///
    /// # Panics
    ///
    /// When the entry has come out already, or was removed. [`try_remove`](Self::try_remove) does not.
    #[track_caller]
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        self.try_remove(key).unwrap_or_else(|| no_entry())
    }

    /// Takes an entry out before its time. `None` when it has come out already, or was removed.
    pub fn try_remove(&mut self, key: &Key) -> Option<Expired<T>> {
        let entry = self.entries.cancel(key.0)?;
        self.end_wait_if_empty();
        Some(entry.into_expired(*key))
    }

    /// Has an entry come out after a duration, counted from this call.
    ///
    /// # Panics
    ///
    /// When the entry has come out already, or was removed.
    #[track_caller]
    pub fn reset(&mut self, key: &Key, delay: Duration) {
        let now = Instant::now();
        self.reset_entry(key, now.saturating_add(delay), now);
    }

    /// Has an entry come out at a moment.
    ///
    /// # Panics
    ///
    /// When the entry has come out already, or was removed.
    #[track_caller]
    pub fn reset_at(&mut self, key: &Key, deadline: Instant) {
        self.reset_entry(key, deadline, Instant::now());
    }

    /// The moment at which an entry comes out, as it was inserted or last reset.
    ///
    /// # Panics
    ///
    /// When the entry has come out already, or was removed.
    #[track_caller]
    pub fn deadline(&self, key: &Key) -> Instant {
        match self.entries.get(key.0) {
            Some(entry) => entry.deadline,
            None => no_entry(),
        }
    }

    /// The entry that comes out next, be it due or not. It is searched among those that lie close to it.
    pub fn peek(&self) -> Option<Key> {
        self.entries.earliest().map(|(key, _)| Key(key))
    }

    /// How many entries there are, due or not.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many entries there can be before memory is allocated.
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Allocates memory for so many more entries.
    pub fn reserve(&mut self, additional: usize) {
        self.entries.reserve(additional);
    }

    /// Drops all entries. The memory stays.
    pub fn clear(&mut self) {
        let values = self.entries.clear();
        self.end_wait_if_empty();
        // They are dropped when the queue is in order: a drop is foreign code.
        drop(values);
    }

    /// Waits for the next entry whose time has come. `None` when the queue is empty.
    ///
    /// # Panics
    ///
    /// When it is awaited outside a runtime and no entry is due.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no entry is lost.
    #[track_caller]
    pub fn expired(&mut self) -> NextExpired<'_, T> {
        NextExpired { queue: self, location: Location::caller() }
    }

    /// Polls for the next entry whose time has come. `None` when the queue is empty: whoever polled last is then woken by
    /// the next insertion. On `Pending` it is woken when an entry is due, or when the last one is removed.
    #[track_caller]
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        self.poll_at(cx, Location::caller())
    }

    fn poll_at(&mut self, cx: &mut Context<'_>, location: &'static Location<'static>) -> Poll<Option<Expired<T>>> {
        ready!(budget::poll_proceed(cx, location));
        loop {
            if let Some((key, entry)) = self.entries.pop(self.begun) {
                return Poll::Ready(Some(entry.into_expired(Key(key))));
            }
            let (Some(ticks), Some(wake)) = (self.ticks, self.entries.next_wake()) else {
                let waker = cx.waker().clone();
                let replaced = self.waits_for_entry.replace(waker);
                drop(replaced);
                return Poll::Ready(None);
            };
            if !self.is_set {
                // Entries may have become due while nobody waited for them.
                self.begun = self.begun.max(ticks.at(Instant::now().into_std()));
                if wake <= self.begun {
                    continue;
                }
                // A paused clock would jump to a stop on the way to never, and not to never itself.
                let wake = if wake < NEVER { wake } else { u64::MAX };
                self.set_sleep(Instant::from_std(ticks.start_of(wake)));
            }
            if self.sleep.poll_elapsed(cx).is_pending() {
                budget::give_back();
                waits_for(wait::EXPIRED, 0, location);
                return Poll::Pending;
            }
            self.is_set = false;
        }
    }

    fn insert_entry(&mut self, entry: Entry<T>, now: Instant) -> Key {
        let deadline = entry.deadline;
        let tick = self.tick_for(deadline, now);
        let key = self.entries.insert(tick, entry);
        self.bring_forward(deadline);
        if let Some(waker) = self.waits_for_entry.take() {
            wake(waker);
        }
        Key(key)
    }

    #[track_caller]
    fn reset_entry(&mut self, key: &Key, deadline: Instant, now: Instant) {
        match self.entries.get_mut(key.0) {
            Some(entry) => entry.deadline = deadline,
            None => no_entry(),
        }
        let tick = self.tick_for(deadline, now);
        self.entries.reset(key.0, tick);
        self.bring_forward(deadline);
    }

    /// The tick at which a deadline is due. One that has passed is due by a tick that has begun.
    fn tick_for(&mut self, deadline: Instant, now: Instant) -> u64 {
        let (deadline, now) = (deadline.into_std(), now.into_std());
        let ticks = self.ticks.get_or_insert_with(|| Ticks::since(now));
        let tick = ticks.after(deadline);
        if deadline > now {
            return tick;
        }
        self.begun = self.begun.max(ticks.at(now));
        tick.min(self.begun)
    }

    /// Sets the sleep to end by this deadline, if it has been set to a later one.
    fn bring_forward(&mut self, deadline: Instant) {
        if self.is_set && deadline < self.sleep.deadline() {
            self.set_sleep(deadline);
        }
    }

    /// Whoever waits for an entry to be due waits in vain when there is none: the sleep ends, and the poll finds out.
    fn end_wait_if_empty(&mut self) {
        if let (true, true, Some(ticks)) = (self.is_empty(), self.is_set, self.ticks) {
            self.set_sleep(Instant::from_std(ticks.start_of(0)));
        }
    }

    fn set_sleep(&mut self, deadline: Instant) {
        self.sleep.reset(deadline);
        self.is_set = true;
    }
}

#[cold]
#[track_caller]
fn no_entry() -> ! {
    panic!("this key has no entry in the delay queue: it has come out, or was removed")
}

impl<T> Default for DelayQueue<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for DelayQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayQueue").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<T> Entry<T> {
    fn into_expired(self, key: Key) -> Expired<T> {
        Expired { value: self.value, deadline: self.deadline, key }
    }
}

impl<T> Expired<T> {
    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The moment at which it was to come out.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The key that it had. It finds nothing any more, but tells which entry this was.
    pub fn key(&self) -> Key {
        self.key
    }
}

/// The future of [`DelayQueue::expired`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct NextExpired<'a, T> {
    queue: &'a mut DelayQueue<T>,
    location: &'static Location<'static>,
}

impl<T> Future for NextExpired<'_, T> {
    type Output = Option<Expired<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let location = self.location;
        self.queue.poll_at(cx, location)
    }
}
