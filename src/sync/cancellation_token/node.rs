//! The tree of tokens.
//!
//! A node lives as long as there are tokens of it, and no longer: parents and children refer to each other weakly. So when a
//! node is dropped, nobody can use it any more, and it takes itself out of the tree: its parent forgets it, and its children
//! go to its parent.
//!
//! A node that is cancelled is in no tree: there is nothing more that a parent could tell it, or it its children.
//!
//! Nothing here recurses, so a chain may have any length.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::{Rc, Weak};
use std::task::Waker;

use hanol_executor::wake;

use crate::sync::event::Event;

pub(super) struct Node {
    is_cancelled: Cell<bool>,
    /// It is cancelled.
    pub(super) cancelled: Event,
    /// Points nowhere if there is none. It never points to a node that is gone.
    parent: Cell<Weak<Node>>,
    /// Its place in the parent's list.
    index: Cell<usize>,
    children: RefCell<Vec<Weak<Node>>>,
}

/// A list of children takes no more memory than for so many times its length.
const SPARE: usize = 4;

/// A list of children with room for no more than these is left as it is.
const SMALL: usize = 16;

impl Node {
    pub(super) fn new() -> Self {
        Self {
            is_cancelled: Cell::new(false),
            cancelled: Event::new(),
            parent: Cell::new(Weak::new()),
            index: Cell::new(0),
            children: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    pub(super) fn child_of(parent: &Rc<Self>) -> Rc<Self> {
        let child = Rc::new(Self::new());
        if parent.is_cancelled() {
            child.is_cancelled.set(true);
        } else {
            parent.adopt(Rc::downgrade(parent), &child);
        }
        child
    }

    /// Cancels a node and all below it. All are cancelled before anybody is woken.
    pub(super) fn cancel(node: &Rc<Self>) {
        if node.is_cancelled() {
            return;
        }
        node.leave_parent();
        let mut woken = Vec::new();
        let mut below = Vec::new();
        node.cancel_alone(&mut below, &mut woken);
        while let Some(node) = below.pop() {
            // Its parent's list is gone, so there is no place in it to give up.
            node.parent.take();
            node.cancel_alone(&mut below, &mut woken);
        }
        woken.into_iter().for_each(wake);
    }

    /// Cancels one node. Hands out its children, which are to be cancelled too, and the wakers of who waits.
    fn cancel_alone(&self, below: &mut Vec<Rc<Self>>, woken: &mut Vec<Waker>) {
        self.is_cancelled.set(true);
        self.cancelled.gather(woken);
        let children = self.children.take();
        below.extend(children.iter().filter_map(Weak::upgrade));
    }

    /// Puts a node into this one's list. `this` is this node.
    fn adopt(&self, this: Weak<Self>, child: &Rc<Self>) {
        let mut children = self.children.borrow_mut();
        child.index.set(children.len());
        child.parent.set(this);
        children.push(Rc::downgrade(child));
    }

    /// Takes this node out of its parent's list. Gives the parent.
    fn leave_parent(&self) -> Option<Rc<Self>> {
        let parent = self.parent.take().upgrade()?;
        let mut children = parent.children.borrow_mut();
        let index = self.index.get();
        children.swap_remove(index);
        if let Some(moved) = children.get(index).and_then(Weak::upgrade) {
            moved.index.set(index);
        }
        if children.capacity() > SMALL.max(children.len() * SPARE) {
            let twice = children.len() * 2;
            children.shrink_to(twice);
        }
        drop(children);
        Some(parent)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let parent = self.leave_parent();
        let children = mem::take(self.children.get_mut());
        for child in children.iter().filter_map(Weak::upgrade) {
            match &parent {
                Some(parent) => parent.adopt(Rc::downgrade(parent), &child),
                None => child.parent.set(Weak::new()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many children a node knows, and for how many its list has room.
    fn list(node: &Node) -> (usize, usize) {
        let children = node.children.borrow();
        (children.len(), children.capacity())
    }

    #[test]
    fn children_that_are_dropped_leave_no_memory_behind() {
        let root = Rc::new(Node::new());
        let mut children: Vec<_> = (0..100_000).map(|_| Node::child_of(&root)).collect();
        assert_eq!(list(&root).0, 100_000);
        while !children.is_empty() {
            // From the front, the back and between.
            children.swap_remove(children.len() / 3);
            let (length, room) = list(&root);
            assert!(length == children.len() && room <= SMALL.max(length * SPARE));
        }
        assert_eq!(Rc::weak_count(&root), 0);
    }

    #[test]
    fn a_chain_that_grows_at_its_end_keeps_the_ends_only() {
        let root = Rc::new(Node::new());
        let mut last = Node::child_of(&root);
        for _ in 0..1_000 {
            last = Node::child_of(&last);
            assert_eq!((list(&root).0, list(&last).0), (1, 0));
        }
        assert_eq!((Rc::weak_count(&root), Rc::weak_count(&last)), (1, 1));
        Node::cancel(&root);
        assert!(last.is_cancelled());
    }

    #[test]
    fn children_do_not_keep_the_memory_of_a_parent_that_is_gone() {
        let root = Rc::new(Node::new());
        let child = Node::child_of(&root);
        let memory = Rc::downgrade(&root);
        drop(root);
        let parent = child.parent.take();
        assert!(!parent.ptr_eq(&memory) && parent.ptr_eq(&Weak::new()));
    }

    #[test]
    fn a_node_that_is_cancelled_is_in_no_tree() {
        let root = Rc::new(Node::new());
        let (middle, sibling) = (Node::child_of(&root), Node::child_of(&root));
        let leaf = Node::child_of(&middle);
        Node::cancel(&middle);
        assert_eq!((list(&root).0, list(&middle)), (1, (0, 0)));
        assert_eq!((Rc::weak_count(&middle), Rc::weak_count(&leaf)), (0, 0));
        drop((middle, leaf));
        Node::cancel(&root);
        assert!(sibling.is_cancelled());
        assert_eq!(Rc::weak_count(&root), 0);
    }
}
