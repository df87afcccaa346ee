//! Parents and children.

use hanol::sync::CancellationToken;
use tokio_test::task::spawn as poll_by_hand;
use tokio_test::{assert_pending, assert_ready};

use crate::timing::Random;

/// Long enough that whatever recursed along it would overflow the stack.
const LONG: usize = 100_000;

#[test]
fn a_parent_cancels_all_below_it_and_nobody_else() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let leaves = [left.child_token(), left.child_token().child_token(), right.child_token()];
    let cancelled = || [&root, &left, &right, &leaves[0], &leaves[1], &leaves[2]].map(CancellationToken::is_cancelled);
    leaves[0].cancel();
    assert_eq!(cancelled(), [false, false, false, true, false, false]);
    left.cancel();
    assert_eq!(cancelled(), [false, true, false, true, true, false]);
    root.cancel();
    assert_eq!(cancelled(), [true; 6]);
}

#[test]
fn all_who_wait_below_are_woken() {
    let root = CancellationToken::new();
    let children: Vec<_> = (0..100).map(|_| root.child_token()).collect();
    let grandchildren: Vec<_> = children.iter().map(|child| child.child_token()).collect();
    let mut waiting: Vec<_> =
        children.iter().chain(&grandchildren).map(|token| poll_by_hand(token.cancelled())).collect();
    for future in &mut waiting {
        assert_pending!(future.poll());
    }
    children[7].cancel();
    assert_eq!(waiting.iter().filter(|future| future.is_woken()).count(), 2);
    root.cancel();
    for future in &mut waiting {
        assert!(future.is_woken());
        assert_ready!(future.poll());
    }
}

#[test]
fn a_child_of_a_cancelled_token_is_cancelled() {
    let token = CancellationToken::new();
    token.cancel();
    let child = token.child_token();
    assert!(child.is_cancelled() && child.child_token().is_cancelled());
    assert_ready!(poll_by_hand(child.cancelled()).poll());
}

#[test]
fn a_token_that_is_gone_connects_what_is_above_and_below_it() {
    let root = CancellationToken::new();
    let leaf = root.child_token().child_token().child_token();
    root.child_token().cancel();
    assert!(!leaf.is_cancelled());
    root.cancel();
    assert!(leaf.is_cancelled());
}

#[test]
fn children_outlive_a_parent_that_is_dropped_without_being_cancelled() {
    let root = CancellationToken::new();
    let children = [root.child_token(), root.child_token()];
    drop(root);
    assert!(!children[0].is_cancelled());
    children[0].cancel();
    assert!(children[0].is_cancelled() && !children[1].is_cancelled());
}

/// A token, its child, and so on.
fn chain() -> Vec<CancellationToken> {
    let mut chain = vec![CancellationToken::new()];
    for above in 0..LONG {
        chain.push(chain[above].child_token());
    }
    chain
}

#[test]
fn a_long_chain_is_cancelled_from_its_top() {
    let chain = chain();
    let mut waits = poll_by_hand(chain[LONG].cancelled());
    assert_pending!(waits.poll());
    chain[0].cancel();
    assert!(waits.is_woken());
    assert!(chain.iter().all(CancellationToken::is_cancelled));
}

#[test]
fn a_long_chain_is_dropped_in_any_order() {
    let from_the_top = chain();
    from_the_top.into_iter().for_each(drop);
    let from_the_bottom = chain();
    from_the_bottom.into_iter().rev().for_each(drop);
    let mut shuffled = chain();
    let last = shuffled.pop().unwrap();
    let top = shuffled.swap_remove(0);
    let mut random = Random(1);
    while !shuffled.is_empty() {
        shuffled.swap_remove(random.next() as usize % shuffled.len());
    }
    top.cancel();
    assert!(last.is_cancelled());
}

#[test]
fn a_chain_that_grows_for_ever_at_its_end_stays_connected() {
    let root = CancellationToken::new();
    let mut last = root.child_token();
    for _ in 0..LONG {
        last = last.child_token();
    }
    root.cancel();
    assert!(last.is_cancelled());
}

#[test]
fn many_children_come_and_go() {
    let root = CancellationToken::new();
    let mut children: Vec<_> = (0..LONG).map(|_| root.child_token()).collect();
    children.retain({
        let mut number = 0;
        move |_| {
            number += 1;
            number % 3 == 0
        }
    });
    children.extend((0..LONG).map(|_| root.child_token()));
    root.cancel();
    assert!(children.iter().all(CancellationToken::is_cancelled));
}

/// What a random test knows of each token that it made.
struct Known {
    /// `None` once it was dropped.
    token: Option<CancellationToken>,
    parent: Option<usize>,
    is_cancelled: bool,
}

/// Whether `node` is `above` or comes from it.
fn comes_from(known: &[Known], mut node: usize, above: usize) -> bool {
    loop {
        match known[node].parent {
            _ if node == above => return true,
            Some(parent) => node = parent,
            None => return false,
        }
    }
}

#[test]
fn random_trees_behave_as_a_plain_list_of_parents_says() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let mut known: Vec<Known> = Vec::new();
        for _ in 0..100 {
            let alive: Vec<usize> = (0..known.len()).filter(|&at| known[at].token.is_some()).collect();
            let pick = (!alive.is_empty()).then(|| alive[random.next() as usize % alive.len()]);
            match (random.next() % 10, pick) {
                (0..=5, Some(parent)) => {
                    let token = known[parent].token.as_ref().map(CancellationToken::child_token);
                    let is_cancelled = known[parent].is_cancelled;
                    known.push(Known { token, parent: Some(parent), is_cancelled });
                }
                (6 | 7, Some(at)) => known[at].token = None,
                (8, Some(at)) => {
                    known[at].token.as_ref().unwrap().cancel();
                    for node in 0..known.len() {
                        known[node].is_cancelled |= comes_from(&known, node, at);
                    }
                }
                _ => known.push(Known { token: Some(CancellationToken::new()), parent: None, is_cancelled: false }),
            }
            for (at, node) in known.iter().enumerate() {
                let found = node.token.as_ref().is_none_or(|token| token.is_cancelled() == node.is_cancelled);
                assert!(found, "token {at} of seed {seed}");
            }
        }
    }
}
