//! The room: who is in it, the lines that go round, and how it closes.
//!
//! It closes in two steps. First all members hear of it, and say what they have already typed. Only when the last of them
//! is [silent](Speaker) does anybody leave: a mailbox that closed earlier would miss what the others say.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hanol::sync::{CancellationToken, mpsc};
use hanol::task::{TaskTracker, TaskTrackerToken};

/// What is said to all when the room closes.
pub(crate) const CLOSING: &str = "* the server is closing\n";

/// How many lines may wait for a member. One who lets them become more has stopped reading.
const MAX_WAITING: usize = 1000;

#[derive(Default)]
pub(crate) struct Room {
    /// The mailbox of each member, by name. `None` is one who is being shown out.
    members: RefCell<BTreeMap<String, Option<mpsc::Sender<Rc<str>>>>>,
    closing: CancellationToken,
    /// Counts those who may still say something.
    speakers: TaskTracker,
}

/// Somebody who is in a room, and leaves it when this is dropped. With that the mailbox takes no more lines, and gives out
/// those that are in it.
pub(crate) struct Member<'a> {
    room: &'a Room,
    name: String,
}

/// A member who may say something, and is silent when this is dropped.
pub(crate) struct Speaker<'a> {
    member: &'a Member<'a>,
    _counted: TaskTrackerToken,
}

impl Room {
    /// Lets somebody in and gives the mailbox, unless the name is taken.
    pub(crate) fn enter(&self, name: &str) -> Option<(Member<'_>, mpsc::Receiver<Rc<str>>)> {
        if name.is_empty() || self.members.borrow().contains_key(name) {
            return None;
        }
        self.send(&format!("* {name} has entered\n"), None);
        let (sender, mailbox) = mpsc::channel(MAX_WAITING);
        self.members.borrow_mut().insert(name.to_owned(), Some(sender));
        let member = Member { room: self, name: name.to_owned() };
        member.tell(&format!("* welcome, {name}: {} here\n", self.members.borrow().len()));
        Some((member, mailbox))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.members.borrow().keys().cloned().collect()
    }

    /// Tells all members that the room closes.
    pub(crate) fn close(&self) {
        self.send(CLOSING, None);
        self.closing.cancel();
        self.speakers.close();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Waits until the room closes.
    pub(crate) async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Waits until the room closes and nobody says anything any more.
    pub(crate) async fn silence(&self) {
        self.speakers.wait().await;
    }

    /// Sends a line to all members but one.
    fn send(&self, line: &str, but: Option<&str>) {
        // One allocation, shared by all mailboxes.
        let line: Rc<str> = line.into();
        for (name, mailbox) in &mut *self.members.borrow_mut() {
            if Some(name.as_str()) != but {
                put(mailbox, &line);
            }
        }
    }
}

impl<'a> Member<'a> {
    /// Begins to say something.
    pub(crate) fn speak(&'a self) -> Speaker<'a> {
        Speaker { member: self, _counted: self.room.speakers.token() }
    }

    /// Tells this member something that nobody else hears.
    pub(crate) fn tell(&self, line: &str) {
        if let Some(mailbox) = self.room.members.borrow_mut().get_mut(&self.name) {
            put(mailbox, &line.into());
        }
    }
}

impl Speaker<'_> {
    /// Says something to all the others.
    pub(crate) fn say(&self, line: &str) {
        let Member { room, name } = self.member;
        room.send(&format!("{name}: {line}\n"), Some(name));
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        self.room.members.borrow_mut().remove(&self.name);
        // When the room closes, all leave.
        if !self.room.is_closing() {
            self.room.send(&format!("* {} has left\n", self.name), None);
        }
    }
}

/// Puts a line into a mailbox. One that is full is closed: its member has stopped reading.
fn put(mailbox: &mut Option<mpsc::Sender<Rc<str>>>, line: &Rc<str>) {
    if let Some(sender) = mailbox {
        if sender.try_send(Rc::clone(line)).is_err() {
            *mailbox = None;
        }
    }
}
