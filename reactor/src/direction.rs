//! One direction of a registered descriptor: what is known of its readiness, and who waits for it.

use crate::waiters::List;

/// Which way the data goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Towards us: read, peek, accept.
    Read,
    /// Away from us: write, connect.
    Write,
}

/// What is known of a direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Nothing: the descriptor was registered, and the system has not reported anything yet. An operation may be tried.
    Unknown,
    /// The system has reported it ready, and no operation has found otherwise since.
    Ready,
    /// The last operation found nothing to do. The system will report a change.
    NotReady,
}

/// The state of a direction.
///
/// ```text
///                    event
///     Unknown ──────────────────► Ready ◄─────┐
///        │                          │         │ event
///        └── would block, ──────────┴──► NotReady
///            or short read/write
/// ```
///
/// Once the direction is closed it stays `Ready`: every further operation returns at once, with what is left of the data,
/// with the end, or with the error. Nothing clears that. Not every direction can be closed: see [`Carries`].
#[derive(Debug)]
pub(crate) struct State {
    readiness: Readiness,
    can_close: bool,
    closed: bool,
    /// There was urgent data. A read ends at its mark, so one that is short does not say that there is no more.
    has_marks: bool,
    pub(crate) waiters: List,
}

/// What goes through a descriptor. It decides what an event means that says closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carries {
    /// A stream of bytes, or connections: closed is for ever.
    Stream,
    /// Datagrams. The selector takes an error that is pending for the end, but here an error belongs to one datagram, such
    /// as one that found no receiver. The next one may find some.
    Datagrams,
    /// Datagrams within the machine. Reading can come to an end, since the other side can shut its writing down.
    LocalDatagrams,
}

impl Carries {
    fn can_close(self, direction: Direction) -> bool {
        match (self, direction) {
            (Carries::Stream, _) | (Carries::LocalDatagrams, Direction::Read) => true,
            (Carries::Datagrams, _) | (Carries::LocalDatagrams, Direction::Write) => false,
        }
    }
}

impl State {
    pub(crate) fn new(direction: Direction, carries: Carries) -> Self {
        let can_close = carries.can_close(direction);
        Self { readiness: Readiness::Unknown, can_close, closed: false, has_marks: false, waiters: List::new() }
    }

    pub(crate) fn readiness(&self) -> Readiness {
        self.readiness
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Takes note of an event that says ready.
    pub(crate) fn report(&mut self, closed: bool) {
        self.closed |= closed && self.can_close;
        self.readiness = Readiness::Ready;
    }

    /// Takes note that reads may be short for another reason than that there is no more, from now on.
    pub(crate) fn report_mark(&mut self) {
        self.has_marks = true;
    }

    /// Takes note that an operation did less than it was asked to, which says that there is no more to do, if it can.
    pub(crate) fn drain(&mut self) {
        if !self.has_marks {
            self.clear();
        }
    }

    /// Takes note that an operation found nothing more to do.
    pub(crate) fn clear(&mut self) {
        if !self.closed {
            self.readiness = Readiness::NotReady;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_follows_events_and_operations() {
        let mut state = State::new(Direction::Read, Carries::Stream);
        assert_eq!(state.readiness(), Readiness::Unknown);
        state.clear();
        assert_eq!(state.readiness(), Readiness::NotReady);
        state.report(false);
        assert_eq!(state.readiness(), Readiness::Ready);
    }

    #[test]
    fn a_closed_direction_stays_ready() {
        let mut state = State::new(Direction::Write, Carries::Stream);
        state.report(true);
        state.clear();
        assert_eq!(state.readiness(), Readiness::Ready);
        state.report(false);
        assert!(state.is_closed());
    }

    #[test]
    fn a_direction_of_datagrams_is_not_closed_by_an_error() {
        let never = [
            (Direction::Read, Carries::Datagrams),
            (Direction::Write, Carries::Datagrams),
            (Direction::Write, Carries::LocalDatagrams),
        ];
        for (direction, carries) in never {
            let mut state = State::new(direction, carries);
            state.report(true);
            assert_eq!((state.readiness(), state.is_closed()), (Readiness::Ready, false));
            state.clear();
            assert_eq!(state.readiness(), Readiness::NotReady);
        }
        let mut state = State::new(Direction::Read, Carries::LocalDatagrams);
        state.report(true);
        assert!(state.is_closed());
    }
}
