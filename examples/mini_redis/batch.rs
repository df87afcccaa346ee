//! Pipelining: all requests that have arrived together are executed together, and answered with one write.

use crate::commands::execute;
use crate::reply::Reply;
use crate::request::RequestBuffer;
use crate::session::Session;
use crate::state::{State, wall_clock};

/// A batch ends early when its answers take so many bytes. So a client that asks for much and reads nothing makes the
/// server hold no more than this and one answer.
const MAX_ANSWERS: usize = 1024 * 1024;

/// What is left in the buffer after a batch.
#[must_use]
pub(crate) enum Batch {
    /// No whole request: read on.
    Finished,
    /// Perhaps more requests: write the answers, then go on.
    Interrupted,
}

/// Executes what `input` holds. What breaks the protocol is answered and ends the session.
pub(crate) fn execute_batch(
    state: &mut State,
    session: &mut Session,
    input: &mut RequestBuffer,
    reply: &mut Reply,
) -> Batch {
    state.store.set_now(wall_clock());
    // Messages that came before these requests also go out before their answers.
    session.outbox().move_into(reply);
    while !session.is_closing() {
        match input.next_request() {
            Ok(Some(request)) => execute(state, session, request, reply),
            Ok(None) => return Batch::Finished,
            Err(error) => {
                reply.error(&error.message());
                session.close();
            }
        }
        if reply.bytes().len() >= MAX_ANSWERS {
            return Batch::Interrupted;
        }
    }
    Batch::Finished
}
