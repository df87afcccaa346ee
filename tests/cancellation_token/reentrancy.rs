//! Wakers that come back to the tokens, or panic.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hanol::sync::CancellationToken;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready};

use crate::foreign::{on_drop, on_wake, poll_with};

#[test]
fn all_are_cancelled_before_anybody_is_woken() {
    let root = CancellationToken::new();
    let tokens: Vec<_> = (0..10).map(|_| root.child_token().child_token()).chain([root.clone()]).collect();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let mut waiting: Vec<_> = tokens.iter().map(CancellationToken::cancelled).collect();
    for future in &mut waiting {
        let (seen, tokens) = (Rc::clone(&seen), tokens.clone());
        let waker = on_wake(move || {
            let all = tokens.iter().all(|token| token.is_cancelled() && token.child_token().is_cancelled());
            seen.borrow_mut().push(all);
        });
        assert!(poll_with(future, &waker).is_pending());
    }
    root.cancel();
    assert_eq!(*seen.borrow(), [true; 11]);
}

#[test]
fn a_waker_may_cancel_make_and_drop_tokens() {
    let root = CancellationToken::new();
    let child = Rc::new(RefCell::new(Some(root.child_token())));
    let wakes = Rc::new(Cell::new(0));
    let mut cancelled = root.cancelled();
    let waker = on_wake({
        let (root, child, wakes) = (root.clone(), Rc::clone(&child), Rc::clone(&wakes));
        move || {
            wakes.set(wakes.get() + 1);
            root.cancel();
            let another = root.child_token();
            another.child_token().cancel();
            drop(child.take());
            assert_ready!(poll_by_hand(root.cancelled()).poll());
        }
    });
    assert!(poll_with(&mut cancelled, &waker).is_pending());
    let leaf = child.borrow().as_ref().map(CancellationToken::child_token).unwrap();
    let mut below = poll_by_hand(leaf.cancelled());
    assert_pending!(below.poll());
    root.cancel();
    assert_eq!(wakes.get(), 1);
    assert!(below.is_woken());
    assert_ready!(below.poll());
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_being_woken() {
    let root = CancellationToken::new();
    let children = [root.child_token(), root.child_token(), root.child_token()];
    let mut before = poll_by_hand(children[0].cancelled());
    assert_pending!(before.poll());
    let mut cancelled = children[1].cancelled();
    assert!(poll_with(&mut cancelled, &on_wake(|| panic!("of the waker"))).is_pending());
    let mut after = poll_by_hand(children[2].cancelled());
    assert_pending!(after.poll());
    root.cancel();
    assert!(before.is_woken() && after.is_woken());
    assert!(poll_with(&mut cancelled, &on_wake(|| {})).is_ready());
}

#[test]
fn being_cancelled_while_a_waker_is_exchanged_is_not_missed() {
    let token = CancellationToken::new();
    let mut cancelled = token.cancelled();
    let old = on_drop({
        let token = token.clone();
        move || token.cancel()
    });
    assert!(poll_with(&mut cancelled, &old).is_pending());
    drop(old);
    assert_ready!(poll_by_hand(cancelled).poll());
}

#[test]
fn a_waker_may_have_the_last_clone_of_the_token_that_it_waits_for() {
    let parent = CancellationToken::new();
    let token = parent.child_token();
    let dropped = Rc::new(Cell::new(false));
    let mut cancelled = token.clone().cancelled_owned();
    let note = Rc::clone(&dropped);
    let waker = on_drop(move || {
        note.set(true);
        assert!(!token.is_cancelled());
    });
    assert!(poll_with(&mut cancelled, &waker).is_pending());
    drop(waker);
    drop(cancelled);
    assert!(dropped.get());
    parent.cancel();
}
