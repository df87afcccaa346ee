//! Ending a task from elsewhere.

use std::fmt;

use crate::context;
use crate::id::{Id, RuntimeId};
use crate::inbox::{self, Message};

/// Aborts a task. It can be cloned and sent to other threads, and may outlive the task and the runtime.
///
/// ```
/// fn is_send_and_sync<T: Send + Sync + Clone>() {}
/// is_send_and_sync::<hanol_executor::AbortHandle>();
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    runtime: RuntimeId,
    id: Id,
}

impl AbortHandle {
    pub(crate) fn new(runtime: RuntimeId, id: Id) -> Self {
        Self { runtime, id }
    }

    /// The task's identity.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Ends the task. On its own thread this is [`JoinHandle::abort`](crate::JoinHandle::abort); from another thread
    /// the runtime is asked to do it, because a future is dropped only on its own thread.
    pub fn abort(&self) {
        match context::find(self.runtime) {
            Some(core) => {
                let _context = context::enter(&core);
                core.abort(self.id);
            }
            None => {
                // If the runtime is gone, so is the task.
                let _ = inbox::at(self.runtime.index()).push_message(self.runtime, Message::Abort(self.id));
            }
        }
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("id", &self.id).finish_non_exhaustive()
    }
}
