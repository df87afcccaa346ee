//! The commands: a table from names to functions, and the checks that come before each of them.
//!
//! Executing a command is an ordinary function call on the shared state. Nothing here knows of sockets or tasks.

mod hashes;
mod keys;
mod lists;
mod pubsub;
mod server;
mod sets;
mod sorted_sets;
mod strings;

use std::collections::HashMap;

use crate::channels::Channels;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Request;
use crate::session::Session;
use crate::set::Chance;
use crate::state::{Facts, State};
use crate::store::Store;

/// No command has a longer name, in bytes.
const MAX_NAME: usize = 32;
/// How much of a request an error message repeats, in bytes.
const MAX_QUOTED: usize = 128;

/// All that a command works on.
struct Call<'a> {
    request: Request<'a>,
    reply: &'a mut Reply,
    session: &'a mut Session,
    store: &'a mut Store,
    channels: &'a mut Channels,
    chance: &'a mut Chance,
    facts: &'a Facts,
    table: &'a CommandTable,
}

/// A command either writes its whole answer, or writes nothing and fails.
type Outcome = Result<(), Failure>;

/// One command and what is known of it before it runs.
struct Command {
    name: &'static str,
    /// How many arguments it takes, its name included: exactly so many, or at least so many if negative.
    arity: i64,
    /// The places of the first and the last key (negative ones count from the end) and the step between keys.
    keys: (i64, i64, i64),
    /// Whether a client that listens to channels may use it.
    while_subscribed: bool,
    run: fn(&mut Call<'_>) -> Outcome,
}

impl Command {
    /// A command without keys.
    const fn new(name: &'static str, arity: i64, run: fn(&mut Call<'_>) -> Outcome) -> Self {
        Self { name, arity, keys: (0, 0, 0), while_subscribed: false, run }
    }

    /// A command on the key that is its first argument.
    const fn on_key(name: &'static str, arity: i64, run: fn(&mut Call<'_>) -> Outcome) -> Self {
        Self { keys: (1, 1, 1), ..Self::new(name, arity, run) }
    }

    /// A command on several keys: every `step`th argument is one.
    const fn on_keys(name: &'static str, arity: i64, step: i64, run: fn(&mut Call<'_>) -> Outcome) -> Self {
        Self { keys: (1, -1, step), ..Self::new(name, arity, run) }
    }

    const fn while_subscribed(self) -> Self {
        Self { while_subscribed: true, ..self }
    }

    fn accepts(&self, arguments: usize) -> bool {
        let arguments = i64::try_from(arguments).unwrap_or(i64::MAX);
        arguments == self.arity || (self.arity < 0 && arguments >= -self.arity)
    }
}

/// All commands by name.
pub(crate) struct CommandTable {
    commands: HashMap<&'static [u8], &'static Command>,
}

impl CommandTable {
    /// The table of everything that this server can do.
    pub(crate) fn new() -> Self {
        let groups = [
            strings::COMMANDS,
            keys::COMMANDS,
            lists::COMMANDS,
            sets::COMMANDS,
            hashes::COMMANDS,
            sorted_sets::COMMANDS,
            pubsub::COMMANDS,
            server::COMMANDS,
        ];
        let commands = groups.into_iter().flatten();
        Self { commands: commands.map(|command| (command.name.as_bytes(), command)).collect() }
    }

    /// Finds a command; case makes no difference.
    fn find(&self, name: &[u8]) -> Option<&'static Command> {
        let mut lowercase = [0; MAX_NAME];
        let lowercase = lowercase.get_mut(..name.len())?;
        lowercase.copy_from_slice(name);
        lowercase.make_ascii_lowercase();
        self.commands.get(&*lowercase).copied()
    }
}

/// Executes one request of a client and writes the answer to `reply`.
pub(crate) fn execute(state: &mut State, session: &mut Session, request: Request<'_>, reply: &mut Reply) {
    state.facts.commands_processed += 1;
    let table = state.commands.clone();
    let mut call = Call {
        request,
        reply,
        session,
        store: &mut state.store,
        channels: &mut state.channels,
        chance: &mut state.chance,
        facts: &state.facts,
        table: &table,
    };
    if let Err(Failure(message)) = check_and_run(&mut call) {
        call.reply.error(&message);
    }
}

fn check_and_run(call: &mut Call<'_>) -> Outcome {
    let Some(command) = call.table.find(call.request.arg(0)) else {
        return Err(unknown_command(call.request));
    };
    if !command.accepts(call.request.len()) {
        return Err(Failure::wrong_arity(command.name));
    }
    if call.session.subscriptions() > 0 && !command.while_subscribed {
        return Err(not_while_subscribed(command.name));
    }
    (command.run)(call)
}

fn unknown_command(request: Request<'_>) -> Failure {
    let mut message = b"ERR unknown command '".to_vec();
    message.extend_from_slice(quotable(request.arg(0), MAX_QUOTED));
    message.extend_from_slice(b"', with args beginning with: ");
    let begin = message.len();
    for argument in request.from(1) {
        let quoted = message.len() - begin;
        if quoted >= MAX_QUOTED {
            break;
        }
        message.push(b'\'');
        message.extend_from_slice(quotable(argument, MAX_QUOTED - quoted));
        message.extend_from_slice(b"' ");
    }
    message.into()
}

/// The beginning of an argument, for a message. C ends a text at its first zero byte, and so does Redis here.
fn quotable(argument: &[u8], limit: usize) -> &[u8] {
    let argument = &argument[..argument.len().min(limit)];
    argument.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn not_while_subscribed(command: &str) -> Failure {
    format!(
        "ERR Can't execute '{command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in \
         this context"
    )
    .into()
}

fn unknown_subcommand(call: &Call<'_>) -> Failure {
    let command = call.request.arg(0).to_ascii_uppercase();
    let subcommand = quotable(call.request.arg(1), MAX_QUOTED);
    [b"ERR unknown subcommand '", subcommand, b"'. Try ", &command, b" HELP."].concat().into()
}
