//! One client: read, execute, write, until one of both sides has had enough.

use std::io;
use std::rc::Rc;

use hanol::net::TcpStream;
use hanol::sync::CancellationToken;

use crate::batch::{Batch, execute_batch};
use crate::channels::Outbox;
use crate::reply::Reply;
use crate::request::RequestBuffer;
use crate::session::Session;
use crate::state::SharedState;

/// A connected client. Dropping it, also in the middle of a read or a write, takes the client off all lists.
pub(crate) struct Connection {
    stream: TcpStream,
    state: SharedState,
    session: Session,
    outbox: Rc<Outbox>,
    input: RequestBuffer,
    reply: Reply,
}

impl Connection {
    /// Counts the client in.
    pub(crate) fn new(stream: TcpStream, state: SharedState) -> Self {
        let session = {
            let facts = &mut state.borrow_mut().facts;
            facts.clients += 1;
            facts.connections += 1;
            Session::new(facts.connections, facts.settings.subscriber_backlog)
        };
        let outbox = session.outbox().clone();
        Self { stream, state, session, outbox, input: RequestBuffer::new(), reply: Reply::default() }
    }

    /// Serves the client until it leaves, says `QUIT`, breaks the protocol or a limit, or until the server closes and all
    /// that the client has sent is answered.
    ///
    /// # Errors
    ///
    /// The client reset the connection, or exceeded a limit.
    pub(crate) async fn serve(mut self, closing: CancellationToken) -> io::Result<()> {
        // Answers are small and awaited; there is nothing to gather them with.
        self.stream.set_nodelay(true)?;
        while !self.session.is_closing() {
            if let Wakeup::End = self.wait(&closing).await? {
                self.session.close();
            }
            // At the end as well: there may be messages, and the client may have closed its own direction only.
            self.answer().await?;
        }
        Ok(())
    }

    /// Waits for the client to send something, for a message to it, or for the server to close.
    async fn wait(&mut self, closing: &CancellationToken) -> io::Result<Wakeup> {
        let count = hanol::select! {
            // In this order all that has arrived is answered before the connection ends.
            biased;
            count = self.stream.read(self.input.room()) => count?,
            () = self.outbox.filled() => return Ok(Wakeup::Work),
            () = closing.cancelled() => return Ok(Wakeup::End),
        };
        if count == 0 {
            return Ok(Wakeup::End);
        }
        self.input.received(count);
        let limit = self.state.borrow().facts.settings.query_buffer;
        if self.input.size() > limit { Err(io::ErrorKind::QuotaExceeded.into()) } else { Ok(Wakeup::Work) }
    }

    /// Executes all that has arrived, and writes the answers.
    async fn answer(&mut self) -> io::Result<()> {
        loop {
            let batch = {
                let state = &mut *self.state.borrow_mut();
                execute_batch(state, &mut self.session, &mut self.input, &mut self.reply)
            };
            self.write().await?;
            if let Batch::Finished = batch {
                return Ok(());
            }
        }
    }

    /// Writes the answers gathered so far. A subscriber that does not read is not waited for when its backlog is full.
    async fn write(&mut self) -> io::Result<()> {
        if self.outbox.has_overflowed() {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        if !self.reply.bytes().is_empty() {
            hanol::select! {
                biased;
                written = self.stream.write_all(self.reply.bytes()) => written?,
                () = self.outbox.overflow() => return Err(io::ErrorKind::QuotaExceeded.into()),
            }
            self.reply.clear();
        }
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let state = &mut *self.state.borrow_mut();
        self.session.end(&mut state.channels);
        state.facts.clients -= 1;
    }
}

/// Why a connection stopped waiting.
#[must_use]
enum Wakeup {
    Work,
    /// The client sends no more, or the server takes no more.
    End,
}
