//! The room: who is in it, and the lines that go round.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::mailbox::Mailbox;

#[derive(Default)]
pub(crate) struct Room {
    members: RefCell<BTreeMap<String, Rc<Mailbox>>>,
}

/// Somebody who is in a room, and leaves it when this is dropped.
pub(crate) struct Member<'a> {
    room: &'a Room,
    name: String,
}

impl Room {
    /// Lets somebody in, unless the name is taken.
    pub(crate) fn enter<'a>(&'a self, name: &str, mailbox: &Rc<Mailbox>) -> Option<Member<'a>> {
        if name.is_empty() || self.members.borrow().contains_key(name) {
            return None;
        }
        self.send(&format!("* {name} has entered\n"), None);
        self.members.borrow_mut().insert(name.to_owned(), Rc::clone(mailbox));
        mailbox.put(format!("* welcome, {name}: {} here\n", self.members.borrow().len()).into());
        Some(Member { room: self, name: name.to_owned() })
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.members.borrow().keys().cloned().collect()
    }

    /// Sends a line to all members but one.
    fn send(&self, line: &str, but: Option<&str>) {
        // One allocation, shared by all mailboxes.
        let line: Rc<str> = line.into();
        for (name, mailbox) in &*self.members.borrow() {
            if Some(name.as_str()) != but {
                mailbox.put(Rc::clone(&line));
            }
        }
    }
}

impl Member<'_> {
    /// Says something to all the others.
    pub(crate) fn say(&self, line: &str) {
        self.room.send(&format!("{}: {line}\n", self.name), Some(&self.name));
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let mailbox = self.room.members.borrow_mut().remove(&self.name);
        if let Some(mailbox) = mailbox {
            mailbox.close();
        }
        self.room.send(&format!("* {} has left\n", self.name), None);
    }
}
