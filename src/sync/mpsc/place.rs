//! Waiting in one of a channel's lines.

use std::cell::RefCell;
use std::task::{Context, Poll};

use super::state::State;
use crate::sync::wait_list::{Key, WaitList};

/// A line of a channel, and what one who joins it wants.
pub(super) struct Line<T, W> {
    pub(super) of: fn(&mut State<T>) -> &mut WaitList<W>,
    pub(super) wanted: W,
}

/// Looks whether what is waited for is there, and joins the line if not. `place` is the entry in the line, once there is
/// one; `look` removes it when it has found something.
///
/// The waker is foreign: it is cloned while nothing is borrowed. Since that may change the channel, there is a second look.
#[inline]
pub(super) fn poll_in_line<T, W, R>(
    state: &RefCell<State<T>>,
    cx: &mut Context<'_>,
    place: &mut Option<Key>,
    line: Line<T, W>,
    look: impl Fn(&mut State<T>, &mut Option<Key>) -> Poll<R>,
) -> Poll<R> {
    {
        let state = &mut *state.borrow_mut();
        let found = look(state, place);
        if found.is_ready() || place.as_ref().is_some_and(|key| (line.of)(state).waits_with(key, cx.waker())) {
            return found;
        }
    }
    let waker = cx.waker().clone();
    let _outdated = {
        let state = &mut *state.borrow_mut();
        let found = look(state, place);
        if found.is_ready() {
            return found;
        }
        match place {
            Some(key) => (line.of)(state).set_waker(key, waker),
            None => {
                *place = Some((line.of)(state).push(line.wanted, waker));
                None
            }
        }
    };
    Poll::Pending
}
