//! One client: read, execute, write, until one of both sides has had enough.

use std::io;
use std::rc::Rc;

use hanol::net::TcpStream;

use crate::batch::{Batch, execute_batch};
use crate::channels::Outbox;
use crate::race::{First, race};
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

    /// Serves the client until it leaves, says `QUIT`, breaks the protocol or a limit.
    ///
    /// # Errors
    ///
    /// The client reset the connection, or exceeded a limit.
    pub(crate) async fn serve(mut self) -> io::Result<()> {
        // Answers are small and awaited; there is nothing to gather them with.
        self.stream.set_nodelay(true)?;
        while !self.session.is_closing() {
            if let Wakeup::EndOfStream = self.wait().await? {
                self.session.close();
            }
            // At the end of the stream as well: the client may have closed its own direction only.
            self.answer().await?;
        }
        Ok(())
    }

    /// Waits for the client to send something, or for a message to it.
    async fn wait(&mut self) -> io::Result<Wakeup> {
        let read = self.stream.read(self.input.room());
        match race(read, self.outbox.filled()).await {
            First::Left(Ok(0)) => Ok(Wakeup::EndOfStream),
            First::Left(Ok(count)) => {
                self.input.received(count);
                let limit = self.state.borrow().facts.settings.query_buffer;
                if self.input.size() > limit { Err(io::ErrorKind::QuotaExceeded.into()) } else { Ok(Wakeup::Work) }
            }
            First::Left(Err(error)) => Err(error),
            First::Right(()) => Ok(Wakeup::Work),
        }
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
            let write = self.stream.write_all(self.reply.bytes());
            match race(write, self.outbox.overflow()).await {
                First::Left(result) => result?,
                First::Right(()) => return Err(io::ErrorKind::QuotaExceeded.into()),
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
    EndOfStream,
}
