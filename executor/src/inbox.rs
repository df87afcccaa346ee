//! The inbox of a runtime: the way in for other threads.
//!
//! Inboxes stand in a table of the process that only grows, so the number in a waker finds its inbox without a reference
//! count and without a lock, also when the runtime is long gone. A place is taken again by a later runtime; its epoch
//! then tells the two apart.
//!
//! The handshake between a sender and the sleeping owner is one atomic word:
//!
//! ```text
//!   sender:  put the mail in;  old = state.fetch_or(MAIL);  if old == SLEEPING, unpark
//!   owner :  if state is 0, make it SLEEPING and park; else do not sleep
//!            after the park: state = 0, then take the mail
//! ```
//!
//! All of it is `SeqCst` on the one word, so either the owner sees `MAIL` and does not sleep, or the sender sees
//! `SLEEPING` and unparks it. Only the sender that turns `SLEEPING` into `SLEEPING | MAIL` unparks: one system call for
//! each sleep, however many wakes come, and none while the owner is awake.

use std::collections::{HashSet, VecDeque};
use std::mem;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::id::{Id, RuntimeId};
use crate::park::Unpark;
use crate::waker::TaskRef;

const MAIL: u8 = 1;
const SLEEPING: u8 = 2;

const PAGES: usize = 1024;
const INBOXES_PER_PAGE: usize = 64;

/// Below this many wakes nobody looks for duplicates.
const COMPACT_FROM: usize = 1024;

/// How many places are left to cool down before one is taken again, so that outdated wakers rarely meet a new runtime.
const RESTING_PLACES: usize = 64;

pub(crate) struct Inbox {
    state: AtomicU8,
    mail: Mutex<Mail>,
}

struct Mail {
    open: bool,
    epoch: u16,
    unparker: Option<Arc<dyn Unpark>>,
    wakes: Vec<TaskRef>,
    messages: Vec<Message>,
    /// The length of `wakes` at which duplicates are taken out. It follows the number of different tasks, so a thread
    /// that wakes one task a million times while the owner is busy costs no memory.
    compact_at: usize,
}

/// What other threads ask of the owner, beside wakes.
pub(crate) enum Message {
    Abort(Id),
    Run(Box<dyn FnOnce() + Send>),
}

/// The mail of one look into the inbox. Kept by the owner, so that its memory is used again.
#[derive(Default)]
pub(crate) struct Letters {
    pub(crate) wakes: Vec<TaskRef>,
    pub(crate) messages: Vec<Message>,
}

/// The inbox with this index. Indexes come from wakers, which come from runtimes, so it exists.
pub(crate) fn at(index: u16) -> &'static Inbox {
    static TABLE: [OnceLock<Box<[Inbox]>>; PAGES] = [const { OnceLock::new() }; PAGES];
    let page = TABLE[usize::from(index) / INBOXES_PER_PAGE]
        .get_or_init(|| (0..INBOXES_PER_PAGE).map(|_| Inbox::new()).collect());
    &page[usize::from(index) % INBOXES_PER_PAGE]
}

/// Places that were taken before, the one that rests longest in front, and how many were ever taken.
struct Places {
    resting: VecDeque<u16>,
    taken: usize,
}

static PLACES: Mutex<Places> = Mutex::new(Places { resting: VecDeque::new(), taken: 0 });

/// Opens an inbox for a new runtime.
///
/// # Panics
///
/// When 65,536 runtimes exist.
pub(crate) fn open() -> (RuntimeId, &'static Inbox) {
    let index = {
        let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        let all_taken = places.taken == PAGES * INBOXES_PER_PAGE;
        if places.resting.len() > RESTING_PLACES || all_taken {
            places.resting.pop_front()
        } else {
            places.taken += 1;
            Some((places.taken - 1) as u16)
        }
    };
    let index = index.expect("a process can hold 65,536 hanol runtimes at once");
    let inbox = at(index);
    let mut mail = inbox.lock();
    mail.open = true;
    mail.epoch = mail.epoch.wrapping_add(1);
    (RuntimeId::new(index, mail.epoch), inbox)
}

impl Inbox {
    fn new() -> Self {
        let mail = Mail {
            open: false,
            epoch: 0,
            unparker: None,
            wakes: Vec::new(),
            messages: Vec::new(),
            compact_at: COMPACT_FROM,
        };
        Self { state: AtomicU8::new(0), mail: Mutex::new(mail) }
    }

    /// Puts a wake in. Lost only if the runtime is gone, and with it the task.
    pub(crate) fn push_wake(&self, task: TaskRef) {
        let mut mail = self.lock();
        if !mail.open || mail.wakes.last() == Some(&task) {
            return;
        }
        mail.wakes.push(task);
        if mail.wakes.len() >= mail.compact_at {
            mail.compact();
        }
        drop(mail);
        self.announce();
    }

    /// Puts a message in for this runtime, or gives it back when that runtime is gone.
    pub(crate) fn push_message(&self, runtime: RuntimeId, message: Message) -> Result<(), Message> {
        let mut mail = self.lock();
        if !mail.is_of(runtime) {
            return Err(message);
        }
        mail.messages.push(message);
        drop(mail);
        self.announce();
        Ok(())
    }

    pub(crate) fn is_open(&self, runtime: RuntimeId) -> bool {
        self.lock().is_of(runtime)
    }

    /// Closes the open inbox, and takes what is in it.
    pub(crate) fn close(&self, runtime: RuntimeId) -> Letters {
        let mut mail = self.lock();
        mail.open = false;
        let unparker = mail.unparker.take();
        let letters = Letters { wakes: mem::take(&mut mail.wakes), messages: mem::take(&mut mail.messages) };
        mail.compact_at = COMPACT_FROM;
        self.state.store(0, Ordering::SeqCst);
        drop(mail);
        drop(unparker);
        PLACES.lock().unwrap_or_else(PoisonError::into_inner).resting.push_back(runtime.index());
        letters
    }

    pub(crate) fn set_unparker(&self, unparker: Arc<dyn Unpark>) {
        let previous = self.lock().unparker.replace(unparker);
        drop(previous);
    }

    /// Whether it is worth taking the mail. A hint: what comes at this moment is seen the next time.
    #[inline]
    pub(crate) fn has_mail(&self) -> bool {
        self.state.load(Ordering::Relaxed) & MAIL != 0
    }

    /// Takes the mail. `letters` must be empty; its buffers are left for the senders.
    pub(crate) fn take(&self, letters: &mut Letters) {
        self.state.store(0, Ordering::SeqCst);
        let mut mail = self.lock();
        mem::swap(&mut mail.wakes, &mut letters.wakes);
        mem::swap(&mut mail.messages, &mut letters.messages);
        mail.compact_at = COMPACT_FROM;
    }

    /// Announces that the owner is going to sleep. `false` means that there is mail and it must not.
    #[must_use]
    pub(crate) fn begin_sleep(&self) -> bool {
        self.state.compare_exchange(0, SLEEPING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Announces that the owner is awake.
    pub(crate) fn end_sleep(&self) {
        self.state.fetch_and(!SLEEPING, Ordering::SeqCst);
    }

    fn announce(&self) {
        if self.state.fetch_or(MAIL, Ordering::SeqCst) == SLEEPING {
            let unparker = self.lock().unparker.clone();
            if let Some(unparker) = unparker {
                unparker.unpark();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mail {
    fn is_of(&self, runtime: RuntimeId) -> bool {
        self.open && runtime == RuntimeId::new(runtime.index(), self.epoch)
    }

    /// Takes out duplicates, keeping the order.
    fn compact(&mut self) {
        let mut seen = HashSet::with_capacity(self.wakes.len());
        self.wakes.retain(|task| seen.insert(*task));
        self.compact_at = COMPACT_FROM.max(self.wakes.len() * 2);
    }
}
