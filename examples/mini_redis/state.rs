//! All that the connections share. It lives on one thread, so a plain `RefCell` guards it, and no borrow of it is
//! ever held across an `.await`: a batch of commands runs to its end before any other client is looked at.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::channels::{Channels, ClientId};
use crate::commands::CommandTable;
use crate::set::Chance;
use crate::settings::Settings;
use crate::store::{Milliseconds, Store};

/// The server as every task sees it.
pub(crate) type SharedState = Rc<RefCell<State>>;

/// The keyspace, the channels, and what the server knows of itself.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) channels: Channels,
    pub(crate) chance: Chance,
    pub(crate) commands: Rc<CommandTable>,
    pub(crate) facts: Facts,
}

/// What the server knows of itself and tells in `INFO`.
pub(crate) struct Facts {
    pub(crate) settings: Settings,
    pub(crate) started: Instant,
    pub(crate) clients: usize,
    pub(crate) connections: ClientId,
    pub(crate) commands_processed: u64,
}

impl State {
    /// An empty keyspace without clients.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            store: Store::default(),
            channels: Channels::default(),
            chance: Chance::new(),
            commands: Rc::new(CommandTable::new()),
            facts: Facts { settings, started: Instant::now(), clients: 0, connections: 0, commands_processed: 0 },
        }
    }
}

/// The time on the wall, on which deadlines are given.
pub(crate) fn wall_clock() -> Milliseconds {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Milliseconds::try_from(since.as_millis()).unwrap_or(Milliseconds::MAX)
}
